using System.Diagnostics.Metrics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A key that the exchange refuses, or a signer that fails, is told of once, and until a signed request succeeds.</summary>
public sealed class SigningFailureTests : IDisposable
{
    private const string Balance = "/fapi/v2/balance";
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";

    private readonly CollectedLog _log = new();
    private readonly SimulatedFixture _world;

    public SigningFailureTests() => _world = new SimulatedFixture(outer: client => client.Services.AddLogging(_log.Register));

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_refused_signature_is_one_warning_and_one_line_once_a_signed_request_succeeds()
    {
        await GetAsync(Balance);
        RefuseWith(-1022, "Signature for this request is not valid.");
        var since = _world.Time.GetUtcNow();
        await OrderAsync("a");
        await LetPassAsync(TimeSpan.FromMinutes(5));
        await OrderAsync("b");
        await GetAsync(Price);

        var (failure, health, gauge) = (Failures.ShouldHaveSingleItem(), await CheckAsync(), ReadGauge());
        _world.Exchange.Faults.Plan = FaultPlan.None;
        await GetAsync(Price);
        var meanwhile = Failures.Count;
        await GetAsync(Balance);

        (failure.ClientName, failure.Failure).ShouldBe(("futures", "-1022 INVALID_SIGNATURE"));
        failure.Since.ShouldBeInRange(since, since.AddSeconds(2));
        health.ShouldContain($"No signed request of client 'futures' has succeeded since {failure.Since:u}: -1022 INVALID_SIGNATURE.");
        var began = _log.Of("SignedRequestsFail").ShouldHaveSingleItem();
        (began.Level, began.Text.Trim()).ShouldBe((LogLevel.Warning,
            "Client 'futures': a signed request has failed with -1022 INVALID_SIGNATURE, and others will until that is corrected. "
            + "The signature does not fit what was signed. Check the secret, percent-encode before signing, and let the signature be the last parameter."));
        (gauge, ReadGauge()).ShouldBe(("exchange.client=futures: 1", "exchange.client=futures: 0"));
        meanwhile.ShouldBe(1, "a public request says nothing of a key");
        Failures.ShouldBeEmpty();
        var ended = _log.Of("SignedRequestsSucceed").ShouldHaveSingleItem();
        ended.Level.ShouldBe(LogLevel.Information);
        ended.Text.ShouldMatch("^Client 'futures': signed requests succeed again, after 30[0-9] s");
        (await CheckAsync()).ShouldNotContain("No signed request");
    }

    [Fact]
    public async Task Endpoints_that_are_refused_and_served_in_turn_are_a_warning_a_minute_at_most()
    {
        _world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path == "/fapi/v1/order" ? Fault.RefuseWithCode(401, -2015, "Invalid API-key, IP, or permissions for action.") : null);
        for (var i = 0; i < 30; i++)
        {
            await OrderAsync($"a{i}");
            await GetAsync(Balance);
            await LetPassAsync(TimeSpan.FromSeconds(3));
        }

        _log.Of("SignedRequestsFail").Count().ShouldBeInRange(2, 3);
        _log.Of("SignedRequestsSucceed").Count().ShouldBe(_log.Of("SignedRequestsFail").Count());
        _log.Of("SignedRequestsFail").First().Text.ShouldContain("-2015 REJECTED_MBX_KEY");
    }

    [Fact]
    public async Task A_refusal_for_another_reason_is_none_of_the_keys()
    {
        RefuseWith(-2019, "Margin is insufficient.");

        await OrderAsync("a");

        Failures.ShouldBeEmpty();
        _log.Of("SignedRequestsFail").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_that_brings_its_own_key_does_not_count()
    {
        RefuseWith(-2015, "Invalid API-key, IP, or permissions for action.");

        await _world.Time.RunAsync(() => Told.HearAsync(_world.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("a", more: "&timestamp=1&signature=ab"))
        {
            Headers = { { "X-MBX-APIKEY", "of-another" } },
        })));

        Failures.ShouldBeEmpty();
        _log.Of("SignedRequestsFail").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signer_that_throws_is_told_of_without_its_text()
    {
        var signer = new Sealed();
        using var client = new ProtectedClient(_world.Exchange.CreateHandler(), configure: null, _world.Time, signed: false, outer: builder =>
        {
            builder.Services.AddLogging(_log.Register);
            builder.AddExchangeSigning(keys => (keys.ApiKey, keys.Signer) = (SimulatedExchangeOptions.DefaultApiKey, signer));
        });

        var told = await _world.Time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_SENT");
        client.Get<IExchangeMonitor>().Read().SigningFailures.ShouldHaveSingleItem().Failure.ShouldBe("NOT_SENT (The signer failed with InvalidOperationException)");
        var line = _log.Of("SignedRequestsFail").ShouldHaveSingleItem();
        line.Text.ShouldContain("InvalidOperationException");
        line.Text.ShouldNotContain("hidden-word");
    }

    private IReadOnlyList<SigningFailure> Failures => _world.Client.Get<IExchangeMonitor>().Read().SigningFailures;

    private string ReadGauge() => Gauge.Read(_world.Client.Get<IMeterFactory>(), "exchange.signing.failing");

    private void RefuseWith(int code, string message) => _world.Exchange.Faults.Plan = FaultPlan.Custom(context =>
        context.Path is "/fapi/v1/order" or Balance ? Fault.RefuseWithCode(400, code, message) : null);

    private Task<Told> OrderAsync(string id) => _world.Time.RunAsync(() => Told.HearAsync(_world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

    private Task<Told> GetAsync(string path) => _world.Time.RunAsync(() => Told.HearAsync(_world.Http.GetAsync(path)));

    private Task LetPassAsync(TimeSpan span) => _world.Time.RunAsync(() => Task.Delay(span, _world.Time), TimeSpan.FromDays(1));

    private async Task<string> CheckAsync() => (await Checked.ByAsync(_world.Client.Get<IExchangeMonitor>())).Description ?? "";

    private sealed class Sealed : IExchangeSigner
    {
        public string Sign(ReadOnlySpan<byte> payload) => throw new InvalidOperationException("hidden-word");
    }
}
