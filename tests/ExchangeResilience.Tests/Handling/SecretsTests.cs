using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>Neither key, secret, signature nor listen key stands in anything a program logs, throws or shows.</summary>
public sealed class SecretsTests
{
    private const string Key = "KEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkey1234";
    private const string Secret = "SECsecSECsecSECsecSECsecSECsecSECsecSECsecSECsecSECsecSECsec5678";

    private static readonly Dictionary<string, Fault> Faults = new(StringComparer.Ordinal)
    {
        ["none"] = Fault.None,
        ["lost"] = Fault.ExecuteThenDrop,
        ["never arrived"] = Fault.DropBeforeExecute,
        ["silence"] = Fault.Silence,
        ["unknown"] = Fault.ExecutedTimeout503,
        ["half"] = Fault.HalfBody,
        ["proxy"] = Fault.HtmlReply(502),
        ["limited"] = Fault.TooManyRequests(TimeSpan.FromSeconds(1)),
        ["signature"] = Fault.RefuseWithCode(400, -1022, "Signature for this request is not valid."),
        ["echo"] = Fault.RefuseWithCode(400, -1100, $"Illegal characters found in /fapi/v1/order?symbol=BTCUSDT&signature={new string('a', 64)} of key {Key}."),
    };

    public static TheoryData<string> Kinds => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nothing_secret_leaves(string kind)
    {
        var time = new ManualTimeProvider();
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey(Key, Secret));
        var exchange = new SimulatedExchange(options, time);
        using var log = new CollectedLog();
        using var client = new ProtectedClient(exchange.CreateHandler(), time: time, key: Key, secret: Secret, outer: builder => builder.Services.AddLogging(log.Register));
        List<Told> told = [];

        await time.RunAsync(async () =>
        {
            foreach (var (route, send) in Requests(client.Http))
            {
                exchange.Faults.Next(request => $"{request.Method} {request.Path}" == route, Faults[kind]);
                told.Add(await Told.HearAsync(send()));
                exchange.Faults.Clear();
            }

            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
            told.Add(await Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("cancelled"), content: null, cancel.Token)));
            await Task.Delay(TimeSpan.FromMinutes(12), time);
        });

        var secrets = exchange.Requests.Select(static request => request.Parameters.GetValueOrDefault("signature"))
            .Concat(told.Where(static each => each.Body.Contains("listenKey", StringComparison.Ordinal)).Select(static each => each.Body.Split('"')[3]))
            .OfType<string>().Where(static secret => secret.Length > 20).Append(Key).Append(Secret).Append(new string('a', 64)).Distinct(StringComparer.Ordinal).ToList();
        secrets.Count.ShouldBeGreaterThan(5);
        var shown = told.SelectMany(static each => new[] { each.Thrown?.ToString(), each.Error?.ToString(), each.Report?.ToString() }).OfType<string>()
            .Concat(log.Lines.Select(static line => line.Text)).ToList();
        shown.ShouldNotBeEmpty();
        (from text in shown from secret in secrets where text.Contains(secret, StringComparison.OrdinalIgnoreCase) select text).Take(3).ShouldBeEmpty();
        shown.Where(static text => text.Contains("signature=", StringComparison.Ordinal) && !text.Contains("signature=***", StringComparison.Ordinal)).Take(3).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_that_holds_secrets_shows_them()
    {
        var credentials = new SigningCredentials(Key, new HmacSha256Signer(new ExchangeSecret(Secret)));
        var signed = new RequestSigner(credentials.Signer, TimeSpan.FromSeconds(5)).Sign(RequestTarget.Of(new Uri("https://fapi.test/fapi/v1/order?symbol=BTCUSDT")), null, 1);

        $"{credentials} {credentials.Signer} {signed}".ShouldNotContain(Key);
        $"{credentials} {credentials.Signer} {signed}".ShouldNotContain(Secret);
        $"{signed}".ShouldNotContain("signature");
    }

    private static IEnumerable<(string Route, Func<Task<HttpResponseMessage>> Send)> Requests(HttpClient http)
    {
        yield return (ExchangeLooks.Place, () => http.PostAsync(SimulatedFixture.Market("a"), content: null));
        yield return (ExchangeLooks.Place, () => http.PostAsync(SimulatedFixture.Market(""), content: null));
        yield return (ExchangeLooks.Place, () => http.PostAsync("/fapi/v1/order", new FormUrlEncodedContent([new("symbol", "BTCUSDT"), new("side", "BUY"), new("type", "MARKET"), new("quantity", "0.003")])));
        yield return (ExchangeLooks.Cancel, () => http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
        yield return ("GET /fapi/v3/balance", () => http.GetAsync("/fapi/v3/balance"));
        yield return ("POST /fapi/v1/listenKey", () => http.PostAsync("/fapi/v1/listenKey", content: null));
        yield return ("GET /fapi/v1/somethingNew", () => http.GetAsync("/fapi/v1/somethingNew?timestamp=1"));
    }
}
