using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>A protected client in front of the simulated exchange, both on manual time.</summary>
internal sealed class SimulatedFixture : IDisposable
{
    private readonly Func<HttpMessageHandler, HttpMessageHandler>? _wire;

    public SimulatedFixture(
        Action<ExchangeErrorHandlingOptions>? configure = null,
        Action<IHttpClientBuilder>? outer = null,
        Action<SimulatedExchangeOptions>? exchange = null,
        ManualTimeProvider? time = null,
        Func<HttpMessageHandler, HttpMessageHandler>? wire = null)
    {
        _wire = wire;
        Time = time ?? new ManualTimeProvider();
        var options = new SimulatedExchangeOptions();
        exchange?.Invoke(options);
        Exchange = new SimulatedExchange(options, Time);
        Client = NewClient(configure, outer);
    }

    public ManualTimeProvider Time { get; }

    public SimulatedExchange Exchange { get; }

    public ProtectedClient Client { get; }

    public HttpClient Http => Client.Http;

    /// <summary>A program of its own in the same world.</summary>
    public ProtectedClient NewClient(Action<ExchangeErrorHandlingOptions>? configure = null, Action<IHttpClientBuilder>? outer = null) =>
        new(_wire?.Invoke(Exchange.CreateHandler()) ?? Exchange.CreateHandler(), configure, Time, outer: outer, key: SimulatedExchangeOptions.DefaultApiKey, secret: SimulatedExchangeOptions.DefaultApiSecret);

    public void Dispose() => Client.Dispose();

    public static string Market(string id, decimal quantity = 0.001m, string more = "") =>
        FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity={quantity}{(id.Length == 0 ? "" : $"&newClientOrderId={id}")}{more}");
}
