using System.Net;
using System.Security.Cryptography;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>Keys change while the program runs: by its settings or by the file of the private key, with orders in doubt, and back to the last good ones where the new ones cannot be used.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private const string Buy = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=";
    private static readonly TimeSpan UntilTheFileIsLookedAt = TimeSpan.FromSeconds(31);

    private readonly ManualTimeProvider _time = new();
    private readonly CollectedLog _log = new();
    private readonly List<IDisposable> _open = [];
    private readonly string _file = Path.GetTempFileName();
    private readonly RSA _first = RSA.Create(2048);
    private readonly RSA _second = RSA.Create(2048);
    private SimulatedExchange? _exchange;
    private RSA _registered;
    private string? _revoked;
    private string? _readsNothing;
    private string? _lastKey;

    public KeyRotationTests() => _registered = _first;

    private SimulatedExchange Exchange => _exchange!;

    public void Dispose()
    {
        _open.ForEach(static each => each.Dispose());
        _log.Dispose();
        _first.Dispose();
        _second.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Another_key_in_the_settings_signs_from_then_on()
    {
        var (http, settings, services) = Start(Hmac("old-key"));
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);

        Change(settings, Hmac("new-key"));
        _revoked = "old-key";

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        _lastKey.ShouldBe("new-key");
        _log.Of("KeysInForce").ShouldHaveSingleItem().Text.ShouldNotContain("new-key");
        ReloadOf(services).Accepted.ShouldBeTrue();
    }

    [Fact]
    public async Task An_order_in_doubt_under_the_earlier_key_is_found_with_the_new_one()
    {
        var (http, settings, services) = Start(Hmac("old-key"), static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        _readsNothing = "old-key";
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        Change(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(1));

        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
        _log.Of("Settled").ShouldHaveSingleItem().Text.ShouldContain(nameof(ExecutionStatus.Executed));
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_search_that_ended_because_the_earlier_key_was_refused_begins_anew()
    {
        var (http, settings, services) = Start(Hmac("old-key"), static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        _readsNothing = "old-key";
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);
        await LetPassAsync(TimeSpan.FromMinutes(15));
        _log.Of("Unresolved").ShouldHaveSingleItem().Text.ShouldContain("CredentialsRefused");

        Change(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(1));

        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_of_another_account_proves_nothing_about_an_order_of_the_earlier_one()
    {
        var (http, settings, services) = Start(Hmac("old-key"));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        Exchange.Faults.Next(ExchangeLooks.Look, Fault.DropBeforeExecute, Fault.DropBeforeExecute);

        var told = await _time.RunAsync(async () =>
        {
            var buying = Told.HearAsync(http.PostAsync(Buy + "a", content: null, TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(100), _time);
            Change(settings, Hmac("foreign-key"));
            return await buying;
        });
        await LetPassAsync(TimeSpan.FromMinutes(15));

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        var doubts = services.GetRequiredService<IInDoubtOrders>();
        doubts.List().ShouldHaveSingleItem().State.ShouldBe(InDoubtState.CredentialsRefused);
        doubts.List()[0].Trail.ShouldContain(static line => line.Contains("KEY_OF_ANOTHER_ACCOUNT", StringComparison.Ordinal));

        Change(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(1));
        doubts.List().ShouldBeEmpty("a key of its account is back");
        _log.Of("Settled").ShouldHaveSingleItem().Text.ShouldContain(nameof(ExecutionStatus.Executed));
    }

    [Fact]
    public async Task The_same_order_again_under_the_new_key_joins_the_one_in_doubt()
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var (first, second) = await _time.RunAsync(async () =>
        {
            Exchange.Faults.Next(ExchangeLooks.Look, Fault.DropBeforeExecute);
            var one = Told.HearAsync(http.PostAsync(Buy + "a", content: null, TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
            Change(settings, Hmac("new-key"));
            var two = Told.HearAsync(http.PostAsync(Buy + "a", content: null, TestContext.Current.CancellationToken));
            return (await one, await two);
        });

        (first.Execution, second.Execution).ShouldBe((ExecutionStatus.Executed, ExecutionStatus.Executed));
        Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_library_that_still_signs_with_the_earlier_key_is_signed_with_the_new_one()
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Change(settings, Hmac("new-key"));
        _revoked = "old-key";

        using var request = SelfSigned.Query(HttpMethod.Post, Buy + "a", _time, key: "old-key", secret: "old-key-secret");
        (await _time.RunAsync(() => Told.HearAsync(http.SendAsync(request, TestContext.Current.CancellationToken)))).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task Another_private_key_in_the_file_signs_from_then_on()
    {
        await File.WriteAllTextAsync(_file, _first.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, _) = Start(Pem());
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);

        await File.WriteAllTextAsync(_file, _second.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        _registered = _second;
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_leaves_the_last_good_key_in_force_and_is_told_once()
    {
        await File.WriteAllTextAsync(_file, _first.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, services) = Start(Pem());
        await BuyAsync(http, "a");

        await File.WriteAllTextAsync(_file, _second.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        await LetPassAsync(UntilTheFileIsLookedAt * 4);

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        _log.Of("KeysRefused").ShouldHaveSingleItem().Text.ShouldContain("PrivateKeyPath: is a public key; write the private key");
        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldContain("is a public key");

        await File.WriteAllTextAsync(_file, _second.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        _registered = _second;
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "c")).Execution.ShouldBe(ExecutionStatus.Executed);
        ReloadOf(services).Accepted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_that_is_gone_leaves_the_last_good_key_in_force()
    {
        await File.WriteAllTextAsync(_file, _first.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, services) = Start(Pem());

        File.Delete(_file);
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldContain("is not there");
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "ApiKey", "", "is blank" },
        { "Secret", "-----BEGIN PRIVATE KEY-----", "holds a key in PEM form" },
        { "RecvWindow", "10s", "cannot change while the program runs" },
        { "Hosts:0", "proxy.example", "cannot change while the program runs" },
        { "Secrets", "hidden-word", "unknown key" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_take_their_place_is_refused_with_the_reason(string setting, string value, string reason)
    {
        var (http, settings, services) = Start(Hmac("old-key"));

        Change(settings, [new(setting, value)]);

        ReloadOf(services).Accepted.ShouldBeFalse();
        _log.Of("KeysRefused").ShouldHaveSingleItem().Text.ShouldContain(reason);
        _log.Of("KeysRefused").Single().Text.ShouldNotContain("hidden-word");
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task Where_no_name_tells_the_account_its_key_does_and_cannot_change()
    {
        var (http, settings, services) = Start(Hmac("old-key"), static options => options.Account = null);

        Change(settings, Hmac("new-key"));

        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldStartWith("ApiKey: is another, and only the key identifies the account of the orders in doubt; name the account in Account");
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        _lastKey.ShouldBe("old-key");
    }

    [Fact]
    public void A_change_of_other_settings_is_none_of_the_keys()
    {
        var (_, settings, services) = Start(Hmac("old-key"));

        Change(settings, []);

        services.GetRequiredService<SigningRegistry>().SourceOf("futures")!.LastReload.ShouldBeNull();
        _log.Of("KeysInForce").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signer_that_code_makes_anew_is_no_other_key()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("ExchangeSigning:ApiKey", "test-key")]).Build();
        using var exchange = new ScriptedExchange().On("GET /fapi/v3/balance", 200, "[]");
        var services = new ServiceCollection();
        services.AddLogging(_log.Register);
        services.AddHttpClient("bot", static http => http.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeErrorHandling()
            .AddExchangeSigning(settings.GetSection("ExchangeSigning"))
            .ConfigurePrimaryHttpMessageHandler(() => exchange);
        services.PostConfigure<ExchangeSigningOptions>("bot", static options => options.Signer = new OwnSigner());
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("bot");

        settings.Reload();

        (await Told.HearAsync(http.GetAsync("/fapi/v3/balance", TestContext.Current.CancellationToken))).Status.ShouldBe(200);
        _log.Of("KeysInForce").ShouldBeEmpty();
        _log.Of("KeysRefused").ShouldBeEmpty();
    }

    private static KeyValuePair<string, string?>[] Hmac(string key) => [new("ApiKey", key), new("Secret", key + "-secret")];

    private KeyValuePair<string, string?>[] Pem() => [new("ApiKey", "rsa-key"), new("PrivateKeyPath", _file)];

    private static void Change(IConfigurationRoot settings, IEnumerable<KeyValuePair<string, string?>> keys)
    {
        foreach (var (key, value) in keys)
        {
            settings["ExchangeSigning:" + key] = value;
        }

        settings.Reload();
    }

    private static SettingsReload ReloadOf(IServiceProvider services) => services.GetRequiredService<ExchangeStatus>().Clients().Single().LastReload.ShouldNotBeNull();

    private Task LetPassAsync(TimeSpan span) => _time.RunAsync(() => Task.Delay(span, _time), TimeSpan.FromDays(1));

    private Task<Told> BuyAsync(HttpClient http, string id) => _time.RunAsync(() => Told.HearAsync(http.PostAsync(Buy + id, content: null, TestContext.Current.CancellationToken)));

    private (HttpClient Http, IConfigurationRoot Settings, IServiceProvider Services) Start(KeyValuePair<string, string?>[] keys, Action<ExchangeErrorHandlingOptions>? configure = null)
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey("old-key", "old-key-secret"));
        options.ApiKeys.Add(new SimulatedApiKey("new-key", "new-key-secret"));
        options.ApiKeys.Add(new SimulatedApiKey("foreign-key", "foreign-key-secret", "other"));
        options.ApiKeys.Add(new SimulatedApiKey("rsa-key", "")
        {
            Verify = (bytes, signature) => _registered.VerifyData(bytes.Span, Convert.FromBase64String(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        });
        _exchange = new SimulatedExchange(options, _time);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create("ExchangeSigning:" + key.Key, key.Value))).Build();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton(new RandomSource(new Random(1)));
        services.AddLogging(_log.Register);
        services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(handling =>
            {
                handling.Account = "main";
                configure?.Invoke(handling);
            })
            .AddExchangeSigning(settings.GetSection("ExchangeSigning"))
            .ConfigurePrimaryHttpMessageHandler(() => new Border(this) { InnerHandler = Exchange.CreateHandler() });
        services.PostConfigure<ExchangeErrorHandlingOptions>("futures", static handling => handling.TrustedInnerHandlers.Add(typeof(Border).FullName!));
        var provider = services.BuildServiceProvider();
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        _open.AddRange([http, provider]);
        return (http, settings, provider);
    }

    private sealed class OwnSigner : IExchangeSigner
    {
        public string Sign(ReadOnlySpan<byte> payload) => "S";
    }

    /// <summary>Refuses a key that the exchange has revoked since, and one that may still trade and no longer read.</summary>
    private sealed class Border(KeyRotationTests test) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var key = request.Headers.TryGetValues("X-MBX-APIKEY", out var keys) ? keys.First() : "";
            test._lastKey = key;
            return string.Equals(key, test._revoked, StringComparison.Ordinal) || (request.Method == HttpMethod.Get && string.Equals(key, test._readsNothing, StringComparison.Ordinal))
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request, Content = new StringContent("""{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}""") })
                : base.SendAsync(request, cancellationToken);
        }
    }
}
