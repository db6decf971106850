using System.Collections.Frozen;

namespace ExchangeResilience;

/// <summary>What differs by product: the code table, the endpoint table, the limits, the hosts, and where time and orders are asked.</summary>
public sealed class ExchangeVenue
{
    private readonly FrozenDictionary<string, string> _environments;

    private ExchangeVenue(string name, ErrorCatalog errors, EndpointTable endpoints, IReadOnlyDictionary<string, string> environments)
    {
        Name = name;
        Errors = errors;
        Endpoints = endpoints;
        _environments = environments.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Binance USDⓈ-M futures (fapi).</summary>
    public static ExchangeVenue BinanceUsdFutures { get; } = new(
        "BinanceUsdFutures",
        new ErrorCatalog(BinanceUsdFuturesErrors.Rows),
        BinanceUsdFuturesEndpoints.Table,
        // fapi and dapi share one pool of weight and orders (CM-UM integration notice, June 2026), live and testnet never do.
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["fapi.binance.com"] = "binance",
            ["dapi.binance.com"] = "binance",
            ["testnet.binancefuture.com"] = "binance-testnet",
            ["demo-fapi.binance.com"] = "binance-testnet",
            ["demo-dapi.binance.com"] = "binance-testnet",
        });

    /// <summary>The name configuration uses.</summary>
    public string Name { get; }

    /// <summary>The error table.</summary>
    public ErrorCatalog Errors { get; }

    internal EndpointTable Endpoints { get; }
    internal string TimePath => "/fapi/v1/time";
    internal string LimitsPath => "/fapi/v1/exchangeInfo";
    internal string OrderPath => "/fapi/v1/order";
    internal string AllOrdersPath => "/fapi/v1/allOrders";
    internal string AmendmentsPath => "/fapi/v1/orderAmendment";
    internal long DefaultRecvWindowMs => 5000;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The environment of a host; an unknown host with its port is one of its own.</summary>
    internal string EnvironmentOf(Uri host) => _environments.TryGetValue(host.Host, out var environment) ? environment : host.Authority;

    // 2400 weight and 1200 orders per minute, 300 orders per 10 s (general info; CM-UM integration notice).
    internal ObservedLimits DocumentedLimits() => new(weightPerMinute: 2400, ordersPer10Seconds: 300, ordersPerMinute: 1200);
}
