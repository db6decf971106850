using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Stacking.Tests.Migration;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>A program of some kind, with something above the middleware, in front of the simulated exchange, all on manual time.</summary>
internal sealed class World : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly KindOfClient _kind;
    private readonly HttpClient _http;

    public World(KindOfClient kind, Above above, FaultPlan plan)
    {
        _kind = kind;
        Exchange = new SimulatedExchange(
            new SimulatedExchangeOptions { Latency = TimeSpan.FromMilliseconds(20), QueryLag = TimeSpan.FromMilliseconds(900), HoldGrace = TimeSpan.FromMilliseconds(40) },
            Time);
        Exchange.Faults.Plan = plan;

        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.ConfigureAll<HttpStandardResilienceOptions>(static options => options.Retry.UseJitter = false);
        services.ConfigureHttpClientDefaults(client => client.ConfigurePrimaryHttpMessageHandler(() => Exchange.CreateHandler()));
        if (kind == KindOfClient.Refit)
        {
            // Refit has a primary handler of its own.
            ClientSnippets.AddRefit(services, SimulatedExchange.Address, BadDay.Configuration, client => AddAbove(client.ConfigurePrimaryHttpMessageHandler(() => Exchange.CreateHandler()), above));
        }

        var builder = services.AddHttpClient("program", static http => http.BaseAddress = SimulatedExchange.Address);
        AddAbove(builder, above);
        builder.AddExchangeErrorHandling();
        if (kind != KindOfClient.SelfSigningNoKeyHere)
        {
            builder.AddExchangeSigning(BadDay.Configuration.GetSection("ExchangeSigning"));
        }

        _services = services.BuildServiceProvider();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("program");
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedExchange Exchange { get; }

    public ITradingHalt Halt => _services.GetRequiredService<ITradingHalt>();

    /// <summary>Buys; each order has a quantity of its own, so that whatever is doubled shows. Every other one bears no id, where the kind of client lets it.</summary>
    public Task<StackAnswer> BuyAsync(int number) => _kind == KindOfClient.Refit
        ? ReadAsync(number)
        : StackAnswer.OfAsync(SendAsync(HttpMethod.Post, FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity={QuantityOf(number)}{(number % 2 == 0 ? $"&newClientOrderId=n{number}" : "")}")));

    /// <summary>Cancels what is not there, so that it contradicts no order.</summary>
    public Task<StackAnswer> CancelAsync() => StackAnswer.OfAsync(SendAsync(HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=none"));

    public ExecutionStatus Truth(int number) => Exchange.Orders.Any(order => order.Quantity == QuantityOf(number)) ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;

    public int Doubled => Exchange.Orders.CountBy(static order => order.Quantity).Count(static each => each.Value > 1);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public void Dispose()
    {
        _http.Dispose();
        _services.Dispose();
    }

    private static void AddAbove(IHttpClientBuilder builder, Above above)
    {
        switch (above)
        {
            case Above.Standard:
                builder.AddStandardResilienceHandler(MigrationSnippets.Configure);
                break;
            case Above.Hedging:
                ClientSnippets.AddHedging(builder);
                break;
            case Above.Pipeline:
                ClientSnippets.AddPipeline(builder);
                break;
            default:
                break;
        }
    }

    private static decimal QuantityOf(int number) => (number + 1) * 0.001m;

    private async Task<StackAnswer> ReadAsync(int number)
    {
        try
        {
            var order = await Get<IFuturesApi>().BuyAsync("BTCUSDT", QuantityOf(number), FormattableString.Invariant($"n{number}"));
            return new StackAnswer(order.OrderId > 0 ? ExecutionStatus.Executed : ExecutionStatus.Unknown, "an order");
        }
        catch (Exception thrown)
        {
            var error = ExchangeErrorException.Find(thrown)?.Error;
            return new StackAnswer(error?.Execution ?? ExecutionStatus.Unknown, $"{thrown.GetType().Name} {error?.Name}");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address)
    {
        using var request = new HttpRequestMessage(method, address);
        if (_kind is KindOfClient.SelfSigningKeyHere or KindOfClient.SelfSigningNoKeyHere)
        {
            var path = address.Split('?');
            var query = string.Create(CultureInfo.InvariantCulture, $"{path[1]}&recvWindow=5000&timestamp={Time.GetUtcNow().ToUnixTimeMilliseconds()}");
            var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SimulatedExchangeOptions.DefaultApiSecret), Encoding.UTF8.GetBytes(query)));
            request.RequestUri = new Uri($"{path[0]}?{query}&signature={signature}", UriKind.Relative);
            request.Headers.Add("X-MBX-APIKEY", SimulatedExchangeOptions.DefaultApiKey);
        }

        return await _http.SendAsync(request);
    }
}
