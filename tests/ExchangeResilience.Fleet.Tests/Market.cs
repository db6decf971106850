using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>The exchange of a test, on a port, with one account and a key of it for each member.</summary>
internal sealed class Market : IAsyncDisposable
{
    private readonly SimulatedExchangeServer _server;

    private Market(SimulatedExchange exchange, SimulatedExchangeServer server) => (Exchange, _server) = (exchange, server);

    public SimulatedExchange Exchange { get; }

    public Uri Address => _server.Address;

    public static string KeyOf(int slot) => string.Create(CultureInfo.InvariantCulture, $"key-{slot}");

    /// <param name="members">How many keys the account has.</param>
    /// <param name="latency">How long a request and its reply travel.</param>
    /// <param name="ordersPer10Seconds">What the exchange allows; null: pacing would only make the run longer.</param>
    public static async Task<Market> OpenAsync(int members, TimeSpan latency = default, int? ordersPer10Seconds = null)
    {
        var options = new SimulatedExchangeOptions
        {
            Latency = latency,
            QueryLag = TimeSpan.FromMilliseconds(200),

            OrdersPer10Seconds = ordersPer10Seconds ?? 1_000_000,
            OrdersPerMinute = 1_000_000,
            WeightPerMinute = 1_000_000,

            // Requests that crossed a refusal on their way cannot have known of it.
            HoldGrace = TimeSpan.FromMilliseconds(250),

            // A member that was killed between a refusal and the store cannot have told of it; a ban of minutes for that would only be waited for.
            ViolationsBeforeBan = int.MaxValue,
        };
        for (var slot = 0; slot < members; slot++)
        {
            options.ApiKeys.Add(new SimulatedApiKey(KeyOf(slot), SimulatedExchangeOptions.DefaultApiSecret));
        }

        var exchange = new SimulatedExchange(options);
        return new Market(exchange, await exchange.ListenAsync());
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
