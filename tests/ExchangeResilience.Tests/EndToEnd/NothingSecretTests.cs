using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Docs;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>Everything the library does, overheard by everything that can listen, and searched for what must not stand there.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "Slow")]
public sealed partial class NothingSecretTests
{
    private const string Key = "KEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkeyKEYkey1234";
    private const string Secret = "SECsecSECsecSECsecSECsecSECsecSECsecSECsecSECsecSECsecSECsec5678";
    private static readonly string Echo = $"Illegal characters found in /fapi/v1/order?symbol=BTCUSDT&signature={new string('e', 64)} of key {Key}.";

    private readonly string _pem;

    public NothingSecretTests()
    {
        using var rsa = RSA.Create(2048);
        _pem = rsa.ExportPkcs8PrivateKeyPem();
    }

    private List<string> Secrets { get; } = [Key, Secret, new string('e', 64)];

    [Fact]
    public async Task Neither_key_secret_signature_nor_listenKey_stands_in_anything_that_is_told_or_kept()
    {
        using var bystander = new Bystander();
        var folder = Directory.CreateTempSubdirectory("nothing-secret-");
        try
        {
            await EveryBehaviourAsync(bystander);
            await AnAbsenceThatIsWrongAsync(bystander);
            await EveryRoadAsync(bystander, Path.Combine(folder.FullName, "orders.db"));
            await EveryFaultOfConfigurationAsync(bystander);
            foreach (var file in folder.GetFiles())
            {
                bystander.Note($"file {file.Name}", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file.FullName)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Secrets.AddRange(_pem.Split('\n').Where(static line => line.Length > 20 && line[0] != '-'));
        IReadOnlyList<(string Source, string Text)> heard = [.. bystander.Heard.Select(static told => told.Source.StartsWith("journal", StringComparison.Ordinal) || told.Source.StartsWith("file", StringComparison.Ordinal) ? (told.Source, Decoded(told.Text)) : told)];
        ShouldHaveHeard(heard,
            "log ExchangeResilience", " InDoubt", " Settled", " SettledByHand", " AbsenceContradicted", " LaneClosed", " RecoveryStarted", " HoldRestored", " SettingsRefused", " GivenUp", " HeldBack",
            "log System.Net.Http.HttpClient.", "activity System.Net.Http", "activity ExchangeResilience", "measurement http.client.request.duration", "measurement exchange.errors", "measurement exchange.verdicts",
            "measurement exchange.lane.count", "measurement exchange.orders.usage", "measurement exchange.journal.write.duration",
            "journal", "file orders.db", "thrown", "report", "request");
        Secrets.Count.ShouldBeGreaterThan(60);
        var found = from secret in Secrets.Distinct(StringComparer.Ordinal)
                    from told in heard
                    where told.Text.Contains(secret, StringComparison.OrdinalIgnoreCase)
                    select (told.Source, Text: told.Text[..Math.Min(300, told.Text.Length)]);
        found.DistinctBy(static told => told.Source).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_handed_the_request_itself_while_it_is_sent_sees_it_signed()
    {
        // Such listeners, of which some tracing products are made, get the message as it leaves, and not a text about it.
        var seen = new List<string>();
        using var listeners = DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(listener =>
        {
            if (listener.Name == "HttpHandlerDiagnosticListener")
            {
                listener.Subscribe(new Observer<KeyValuePair<string, object?>>(one =>
                {
                    if (one.Value?.GetType().GetProperty("Request")?.GetValue(one.Value) is HttpRequestMessage request)
                    {
                        lock (seen)
                        {
                            seen.Add(request.RequestUri!.Query);
                        }
                    }
                }));
            }
        }));
        await using var world = await WireFixture.StartAsync();

        (await world.Http.GetAsync(Balance)).Dispose();

        var signature = world.Exchange.SeenAt(AskBalance).ShouldHaveSingleItem().Parameters["signature"];
        seen.ShouldContain(query => query.Contains(signature, StringComparison.Ordinal));
    }

    /// <summary>An entry keeps its reply in base64, which hides nothing.</summary>
    private static string Decoded(string text) => text + string.Concat(Base64().Matches(text.Replace(@"\u002B", "+", StringComparison.Ordinal))
        .Select(static run => Encoding.Latin1.GetString(Convert.FromBase64String(run.Value[..(run.Length / 4 * 4)].TrimEnd('=').PadRight(run.Length / 4 * 4, '=')))));

    [GeneratedRegex("[A-Za-z0-9+/]{24,}={0,2}")]
    private static partial Regex Base64();

    private static void ShouldHaveHeard(IReadOnlyList<(string Source, string Text)> heard, params string[] sources) =>
        sources.Where(source => !heard.Any(told => told.Source.Contains(source, StringComparison.Ordinal))).ShouldBeEmpty("or silence would pass for secrecy");

    /// <summary>On manual time, with orders that outlive the program.</summary>
    private async Task EveryBehaviourAsync(Bystander bystander)
    {
        var time = new ManualTimeProvider();
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey(Key, Secret));
        var exchange = new SimulatedExchange(options, time);
        var journal = new InMemoryOrderJournal(time);
        using var file = new SettingsFile("""{ "Exchange": { "TotalTimeout": "30s" } }""");
        using (var services = Program(exchange.CreateHandler(), time, journal, file, bystander, out var configuration))
        {
            var http = services.GetRequiredService<FuturesClient>().Http;
            await time.RunAsync(() => EveryActAsync(bystander, exchange, journal, http, time), TimeSpan.FromDays(1));
            await time.RunAsync(() => SettleByHandAsync(bystander, exchange, services), TimeSpan.FromDays(1));
            bystander.ReadGauges();

            // A faulty file, one that is none, and one with secrets where they do not belong.
            foreach (var faulty in new[] { """{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 99 } } } }""", "{ \"Exchange\": ", $$"""{ "Exchange": { "ApiKey": "{{Key}}", "Secret": "{{Secret}}" } }""", $$"""{ "Exchange": "{{Secret}}" }""" })
            {
                file.Write(faulty);
                Try(bystander, configuration.Reload);
                bystander.Note("reload", string.Join(' ', services.GetRequiredService<ClientSettingsRegistry>().For(nameof(FuturesClient)).LastReload?.Faults ?? []));
            }

            bystander.Note("matrix", services.GetRequiredService<IExchangePolicies>().ToMarkdown(nameof(FuturesClient)));
            exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
            exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.Silence, 50)]);
            bystander.Note("thrown", (await time.RunAsync(() => Told.HearAsync(http.PostAsync(SimulatedFixture.Market("left"), content: null)))).Thrown);
            exchange.Faults.Next(AskBalance, Fault.Ban(TimeSpan.FromHours(2)));
            await TellAsync(bystander, time.RunAsync(() => http.GetAsync(Balance)));
        }

        file.Write("{}");
        exchange.Faults.Clear();
        using (var services = Program(exchange.CreateHandler(), time, journal, file, bystander, out _))
        {
            await time.RunAsync(async () =>
            {
                (await services.GetRequiredService<JournalRecovery>().TryAsync(CancellationToken.None)).ShouldBeNull();
                await TellAsync(bystander, services.GetRequiredService<FuturesClient>().Http.GetAsync(Balance));
                await Task.Delay(TimeSpan.FromHours(3), time);
            }, TimeSpan.FromDays(1));
            Dump(bystander, services);
        }

        foreach (var entry in journal.Entries)
        {
            bystander.Note("journal", $"{entry} {Encoding.UTF8.GetString(entry.ToJson())}");
        }

        bystander.Note("journal", string.Join(' ', journal.Holds));
        NoteSignatures(exchange);
    }

    private async Task EveryActAsync(Bystander bystander, SimulatedExchange exchange, InMemoryOrderJournal journal, HttpClient http, ManualTimeProvider time)
    {
        // Success, of each kind.
        var listenKey = (await Told.HearAsync(http.PostAsync("/fapi/v1/listenKey", content: null))).Body.Split('"');
        Secrets.Add(listenKey[3]);
        await TellAsync(bystander, http.PutAsync($"/fapi/v1/listenKey?listenKey={listenKey[3]}", content: null));
        await TellAsync(bystander, http.GetAsync(Balance));
        await TellAsync(bystander, http.GetAsync("/fapi/v1/somethingNew?timestamp=1"));
        await TellAsync(bystander, http.PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=5", content: null));
        await TellAsync(bystander, http.PostAsync("/fapi/v1/order", new FormUrlEncodedContent([new("symbol", "BTCUSDT"), new("side", "BUY"), new("type", "MARKET"), new("quantity", "0.003")])));
        await TellAsync(bystander, http.PostAsync($"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.004"},{"symbol":"NOPE","side":"BUY","type":"MARKET","quantity":"1"}]""")}", content: null));

        // Every category of errors, in words of an exchange that gives everything away.
        foreach (var definition in ExchangeVenue.BinanceUsdFutures.Errors.All.GroupBy(static row => row.Category).Select(static rows => rows.First()))
        {
            exchange.Faults.Next("GET /fapi/v1/openOrders", [.. Enumerable.Repeat(Fault.RefuseWithCode(400, definition.Code, Echo), 5)]);
            await TellAsync(bystander, http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT"));
            exchange.Faults.Clear();
            await Task.Delay(TimeSpan.FromMinutes(6), time);
        }

        exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -1022, Echo));
        await TellAsync(bystander, Place("refused"));

        // A clock that is wrong, outcomes that are not known, of single orders and of a batch.
        exchange.Clock.Step(TimeSpan.FromSeconds(7));
        await TellAsync(bystander, Place("clock"));
        foreach (var fault in new[] { Fault.ExecuteThenDrop, Fault.DropBeforeExecute, Fault.Silence, Fault.SilenceBeforeExecute, Fault.HalfBody, Fault.HtmlReply(502, executed: true), Fault.ExecutedTimeout503, Fault.Redirect307("https://elsewhere.test/") })
        {
            exchange.Faults.Next(ExchangeLooks.Place, fault);
            await TellAsync(bystander, Place($"in-doubt-{fault.Name}"));
        }

        exchange.Faults.Next("POST /fapi/v1/batchOrders", Fault.ExecuteThenDrop);
        await TellAsync(bystander, http.PostAsync($"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.005"}]""")}", content: null));
        exchange.Faults.Next("POST /fapi/v1/positionMargin", Fault.Silence);
        await TellAsync(bystander, http.PostAsync("/fapi/v1/positionMargin?symbol=BTCUSDT&amount=1&type=1", content: null));
        exchange.Faults.Next("POST /fapi/v1/listenKey", Fault.HtmlReply(502));
        await TellAsync(bystander, http.PostAsync($"/fapi/v1/listenKey?listenKey={listenKey[3]}", content: null));

        // Cancels: of orders, and of calls.
        await TellAsync(bystander, http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=clock"));
        await TellAsync(bystander, http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await TellAsync(bystander, http.PostAsync(SimulatedFixture.Market("cancelled"), content: null, cancel.Token));

        // Signing faults: content that is no text, a key and a signature of the caller's own.
        using var binary = new ByteArrayContent([0xFF, 0xFE]) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") } };
        await TellAsync(bystander, http.PostAsync("/fapi/v1/leverage", binary));
        using var signed = new HttpRequestMessage(HttpMethod.Get, $"{Balance}?timestamp=1&signature={new string('e', 64)}") { Headers = { { "X-MBX-APIKEY", Key } } };
        await TellAsync(bystander, http.SendAsync(signed));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, $"{Balance}?timestamp=1&signature={new string('e', 64)}") { Headers = { { "X-MBX-APIKEY", new string('f', 64) } } };
        Secrets.Add(new string('f', 64));
        await TellAsync(bystander, http.SendAsync(foreign));

        // A journal that cannot be written, and a ban.
        journal.FailNext(1);
        await TellAsync(bystander, Place("unwritten"));
        exchange.Faults.Next(ExchangeLooks.Place, Fault.Ban(TimeSpan.FromMinutes(5)));
        await TellAsync(bystander, Place("banned"));
        await TellAsync(bystander, Place("held"));
        await Task.Delay(TimeSpan.FromMinutes(10), time);

        Task<HttpResponseMessage> Place(string id) => http.PostAsync(SimulatedFixture.Market(id), content: null);
    }

    private async Task AnAbsenceThatIsWrongAsync(Bystander bystander)
    {
        using var world = new SimulatedFixture(
            outer: client => client.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(bystander)),
            exchange: static options => options.QueryLag = TimeSpan.FromSeconds(40));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        await TellAsync(bystander, world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("absent"), content: null)));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));
        Secrets.AddRange(SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret);
        NoteSignatures(world.Exchange);
    }

    private static async Task SettleByHandAsync(Bystander bystander, SimulatedExchange exchange, IServiceProvider services)
    {
        exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.RefuseWithCode(401, -2015, Echo), 1000)]);
        await TellAsync(bystander, services.GetRequiredService<FuturesClient>().Http.PostAsync(SimulatedFixture.Market("by-hand"), content: null));
        Dump(bystander, services);
        var inDoubt = services.GetRequiredService<IInDoubtOrders>();
        var order = inDoubt.List().Where(static order => order.ClientOrderId == "by-hand").ShouldHaveSingleItem();
        inDoubt.Settle(order, ExecutionStatus.NotExecuted, "desk 3", "seen on the statement").ShouldBeTrue();
        exchange.Faults.Clear();
    }

    /// <summary>Through real sockets, with the runtime's own traces and measurements, and a journal on disk that is read by a second run.</summary>
    private async Task EveryRoadAsync(Bystander bystander, string file)
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey(Key, Secret));
        var exchange = new SimulatedExchange(options);
        await using var server = await exchange.ListenAsync();
        for (var run = 0; run < 2; run++)
        {
            await using var services = Road(server.Address, static signing => signing.Secret = Secret);
            var http = services.GetRequiredService<FuturesClient>().Http;
            await TellAsync(bystander, http.GetAsync(Balance));
            if (run > 0)
            {
                break;
            }

            foreach (var fault in new[] { Fault.None, Fault.ExecuteThenFin, Fault.ExecuteThenDrop, Fault.HalfBody, Fault.DropBeforeExecute, Fault.RefuseWithCode(400, -1022, Echo), Fault.Redirect307("http://127.0.0.1:1/") })
            {
                exchange.Faults.Next(ExchangeLooks.Place, fault);
                await TellAsync(bystander, http.PostAsync(SimulatedFixture.Market($"road-{fault.Name}"), content: null));
            }

            // Left to the next run.
            exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
            exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.RefuseWithCode(401, -2015, Echo), 1000)]);
            await TellAsync(bystander, http.PostAsync(SimulatedFixture.Market("left"), content: null));
            exchange.Faults.Clear();
        }

        await using (var rsa = Road(server.Address, signing => signing.PrivateKeyPem = _pem))
        {
            await TellAsync(bystander, rsa.GetRequiredService<FuturesClient>().Http.GetAsync(Balance));
        }

        await using (var nobody = Road(new Uri($"http://127.0.0.1:{WireFixture.FreePort()}"), static signing => signing.Secret = Secret))
        {
            await TellAsync(bystander, nobody.GetRequiredService<FuturesClient>().Http.PostAsync(SimulatedFixture.Market("nobody"), content: null));
        }

        NoteSignatures(exchange);

        ServiceProvider Road(Uri address, Action<ExchangeSigningOptions> sign) => WireFixture.Build(
            address,
            static handling =>
            {
                handling.AttemptTimeout = TimeSpan.FromMilliseconds(500);
                handling.TotalTimeout = handling.SendBefore = TimeSpan.FromSeconds(2);
            },
            inner: client =>
            {
                client.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(bystander));
                client.Services.Configure<ExchangeSigningOptions>(nameof(FuturesClient), signing =>
                {
                    signing.ApiKey = Key;
                    signing.Secret = null;
                    sign(signing);
                });
                client.Services.AddSqliteOrderJournal(file);
            });
    }

    /// <summary>Settings that stop the host, with secrets in all the wrong places.</summary>
    private async Task EveryFaultOfConfigurationAsync(Bystander bystander)
    {
        (string Key, string Value)[][] settings =
        [
            [("ExchangeErrorHandling:ApiKey", Key), ("ExchangeErrorHandling:Secret", Secret)],
            [("ExchangeErrorHandling", Secret)],
            [("ExchangeErrorHandling:Policies:-1003", Secret)],
            [("ExchangeSigning:ApiKey", Key)],
            [("ExchangeSigning:Secret", Secret)],
            [("ExchangeSigning", Secret)],
            [("ExchangeSigning:ApiKey", Key + "\n"), ("ExchangeSigning:Secret", Secret)],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:Secret", Secret + " ")],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:Secret", Secret), ("ExchangeSigning:PrivateKeyPem", _pem)],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:PrivateKeyPem", _pem[..^200])],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:PrivateKeyPem", _pem.Replace("PRIVATE", "PUBLIC", StringComparison.Ordinal))],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:PrivateKeyPem", Secret)],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:Secret:Value", Secret)],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:Secrets", Secret)],
            [("ExchangeSigning:ApiKey", Key), ("ExchangeSigning:RecvWindow", Secret)],
        ];
        foreach (var faulty in settings)
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(faulty.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
            var faults = Settings.Faults(configuration);
            faults.ShouldNotBeEmpty(faulty[0].Key);
            bystander.Note("faults", string.Join(' ', faults));

            var host = Host.CreateEmptyApplicationBuilder(settings: null);
            host.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(bystander));
            var client = host.Services.AddHttpClient("faulty");
            if (faulty[0].Key.StartsWith("ExchangeErrorHandling", StringComparison.Ordinal))
            {
                client.AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"));
            }
            else
            {
                client.AddExchangeErrorHandling().AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
            }

            using var built = host.Build();
            bystander.Note("thrown", await Should.ThrowAsync<Exception>(() => built.StartAsync()));
        }
    }

    private static ServiceProvider Program(
        HttpMessageHandler wire, TimeProvider time, IOrderJournal journal, SettingsFile file, Bystander bystander, out IConfigurationRoot configuration)
    {
        configuration = new ConfigurationBuilder().AddJsonFile(file.Path, optional: false, reloadOnChange: false).AddInMemoryCollection([new("Exchange:EgressName", "default")]).Build();
        var services = new ServiceCollection();
        services.AddSingleton(time);
        services.AddSingleton(journal);
        services.AddSingleton(new RandomSource(new Random(1)));
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(bystander));
        services.AddHttpClient<FuturesClient>(static http => http.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeErrorHandling(configuration.GetSection("Exchange"))
            .AddExchangeSigning(static signing => (signing.ApiKey, signing.Secret) = (Key, Secret))
            .ConfigurePrimaryHttpMessageHandler(() => wire);
        return services.BuildServiceProvider();
    }

    /// <summary>What a program could print about a call, short of the reply's own body.</summary>
    private static async Task TellAsync(Bystander bystander, Task<HttpResponseMessage> call)
    {
        try
        {
            using var response = await call;
            bystander.Note("response", response);
            bystander.Note("request", response.RequestMessage is { Headers: var headers, RequestUri: var address } && !headers.Contains("X-MBX-APIKEY") && !address!.Query.Contains("listenKey", StringComparison.Ordinal) ? response.RequestMessage : "");
            bystander.Note("error", $"{response.GetExchangeError()} {response.GetExchangeError()?.Message} {string.Join(' ', response.GetExchangeErrors())}");
            Note(response.GetRecoveryReport());
        }
        catch (Exception thrown)
        {
            for (var inner = thrown; inner is not null; inner = inner.InnerException)
            {
                bystander.Note("thrown", $"{inner} {inner.Message} {string.Join(' ', inner.Data.Values.Cast<object>())}");
                Note((inner as ExchangeErrorException)?.Report);
            }
        }

        void Note(RecoveryReport? report) => bystander.Note("report", $"{report} {string.Join(' ', report?.Steps ?? [])} {report?.Operation} {report?.Evidence} {report?.ToJson()}");
    }

    private static void Dump(Bystander bystander, IServiceProvider services)
    {
        foreach (var order in services.GetRequiredService<IInDoubtOrders>().List())
        {
            bystander.Note("in doubt", $"{order} {string.Join(' ', order.Trail)}");
        }
    }

    private static void Try(Bystander bystander, Action act)
    {
        try
        {
            act();
        }
        catch (InvalidDataException thrown)
        {
            bystander.Note("thrown", thrown);
        }
    }

    private void NoteSignatures(SimulatedExchange exchange)
    {
        foreach (var signature in exchange.Requests.Select(static request => request.Parameters.GetValueOrDefault("signature")).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            Secrets.Add(signature);
            Secrets.Add(Uri.EscapeDataString(signature));
        }
    }

    private sealed class Observer<T>(Action<T> next) : IObserver<T>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(T value) => next(value);
    }
}
