using System.Net;
using System.Security.Cryptography;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A client whose keys come from settings and a file that change, and an exchange that knows some of them.</summary>
public abstract class RotatedKeys : IDisposable
{
    protected const string BuyPath = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=";

    private readonly List<IDisposable> _open = [];
    private SimulatedExchange? _exchange;

    protected RotatedKeys() => Registered = First;

    internal ManualTimeProvider Time { get; } = new();

    internal CollectedLog Log { get; } = new();

    protected string KeyFile { get; } = Path.GetTempFileName();

    protected RSA First { get; } = RSA.Create(2048);

    protected RSA Second { get; } = RSA.Create(2048);

    /// <summary>The RSA key that the exchange takes.</summary>
    protected RSA Registered { get; set; }

    /// <summary>A key that the exchange takes no more.</summary>
    protected string? Revoked { get; set; }

    /// <summary>A key that may trade and not read.</summary>
    protected string? ReadsNothing { get; set; }

    /// <summary>The key of the latest request.</summary>
    protected string? LastKey { get; private set; }

    internal SimulatedExchange Exchange => _exchange!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _open.ForEach(static each => each.Dispose());
        Log.Dispose();
        First.Dispose();
        Second.Dispose();
        File.Delete(KeyFile);
        GC.SuppressFinalize(this);
    }

    protected static KeyValuePair<string, string?>[] Hmac(string key) => [new("ApiKey", key), new("Secret", key + "-secret")];

    protected KeyValuePair<string, string?>[] Pem() => [new("ApiKey", "rsa-key"), new("PrivateKeyPath", KeyFile)];

    protected static void Change(IConfigurationRoot settings, IEnumerable<KeyValuePair<string, string?>> keys)
    {
        foreach (var (key, value) in keys)
        {
            settings["ExchangeSigning:" + key] = value;
        }

        settings.Reload();
    }

    /// <summary>Changes the keys, and waits until they are in force or refused: the exchange may have to be queried first.</summary>
    protected Task ChangeAsync(IConfigurationRoot settings, IEnumerable<KeyValuePair<string, string?>> keys) => Time.RunAsync(async () =>
    {
        var before = Decided;
        Change(settings, keys);
        while (Decided == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), Time);
        }
    }, TimeSpan.FromDays(1));

    private int Decided => Log.Of("KeysInForce").Count() + Log.Of("KeysRefused").Count();

    internal static SettingsReload ReloadOf(IServiceProvider services) => services.GetRequiredService<ExchangeStatus>().Clients().Single().LastReload.ShouldNotBeNull();

    protected Task LetPassAsync(TimeSpan span) => Time.RunAsync(() => Task.Delay(span, Time), TimeSpan.FromDays(1));

    internal Task<Told> BuyAsync(HttpClient http, string id) => PostAsync(http, BuyPath + id);

    internal Task<Told> PostAsync(HttpClient http, string path) => Time.RunAsync(() => Told.HearAsync(http.PostAsync(path, content: null, TestContext.Current.CancellationToken)));

    protected (HttpClient Http, IConfigurationRoot Settings, IServiceProvider Services) Start(KeyValuePair<string, string?>[] keys, Action<ExchangeErrorHandlingOptions>? configure = null)
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey("old-key", "old-key-secret"));
        options.ApiKeys.Add(new SimulatedApiKey("new-key", "new-key-secret"));
        options.ApiKeys.Add(new SimulatedApiKey("other-key", "other-key-secret", Account: "other"));
        options.ApiKeys.Add(new SimulatedApiKey("rsa-key", "")
        {
            Verify = (bytes, signature) => Registered.VerifyData(bytes.Span, Convert.FromBase64String(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        });
        _exchange = new SimulatedExchange(options, Time);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create("ExchangeSigning:" + key.Key, key.Value))).Build();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(new RandomSource(new Random(1)));
        services.AddLogging(Log.Register);
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

    /// <summary>Refuses a key that the exchange has revoked since, and one that may still trade and no longer read.</summary>
    private sealed class Border(RotatedKeys test) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var key = request.Headers.TryGetValues("X-MBX-APIKEY", out var keys) ? keys.First() : "";
            test.LastKey = key;
            return string.Equals(key, test.Revoked, StringComparison.Ordinal) || (request.Method == HttpMethod.Get && string.Equals(key, test.ReadsNothing, StringComparison.Ordinal))
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request, Content = new StringContent("""{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}""") })
                : base.SendAsync(request, cancellationToken);
        }
    }
}
