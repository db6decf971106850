using System.Collections.Frozen;

namespace ExchangeResilience;

/// <summary>What differs by product: the code table, the endpoint table, the limits, the hosts, and where time and orders are looked up.</summary>
public sealed class ExchangeVenue
{
    private readonly FrozenDictionary<string, string> _environments;

    private ExchangeVenue(string name, ErrorCatalog errors, EndpointTable endpoints, VenueCodes codes, IReadOnlyDictionary<string, string> environments)
    {
        Name = name;
        Errors = errors;
        Endpoints = endpoints;
        Codes = codes;
        _environments = environments.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Binance USDⓈ-M futures (fapi).</summary>
    public static ExchangeVenue BinanceUsdFutures { get; } = new(
        "BinanceUsdFutures",
        new ErrorCatalog(BinanceUsdFuturesErrors.Rows, BinanceUsdFuturesReplies.Vocabulary),
        BinanceUsdFuturesEndpoints.Table,
        new VenueCodes { NoSuchOrder = -2013, CancelRejected = -2011, Failed = -1001, ExecutionUnknown = -1007 },
        // fapi and dapi share one pool of weight and orders (CM-UM integration notice, June 2026), live and testnet never do.
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["fapi.binance.com"] = "binance",
            ["dapi.binance.com"] = "binance",
            ["testnet.binancefuture.com"] = "binance-testnet",
            ["demo-fapi.binance.com"] = "binance-testnet",
            ["demo-dapi.binance.com"] = "binance-testnet",
        })
    {
        TimePath = "/fapi/v1/time",
        LimitsPath = "/fapi/v1/exchangeInfo",
        OrderPath = "/fapi/v1/order",
        AllOrdersPath = "/fapi/v1/allOrders",
        AmendmentsPath = "/fapi/v1/orderAmendment",
        BalancePath = "/fapi/v3/balance",
        DefaultRecvWindowMs = 5000,
        Policies = BinanceUsdFuturesPolicies.Rows,

        // All orders page: limit, at most.
        MostListed = 1000,

        // Query order page: cancelled or expired without a fill, an order is shown for 3 days.
        UnfilledRetention = TimeSpan.FromDays(3),

        // General info, and the CM-UM integration notice for the 10 s window.
        WeightPerMinute = 2400,
        OrdersPer10Seconds = 300,
        OrdersPerMinute = 1200,
    };

    /// <summary>Every venue there is.</summary>
    internal static IReadOnlyList<ExchangeVenue> All { get; } = [BinanceUsdFutures];

    /// <summary>The name configuration uses.</summary>
    public string Name { get; }

    /// <summary>The error table.</summary>
    public ErrorCatalog Errors { get; }

    internal EndpointTable Endpoints { get; }
    internal IReadOnlyList<PolicyLayer> Policies { get; private init; } = [];
    internal VenueCodes Codes { get; }
    internal string TimePath { get; private init; } = "";
    internal string LimitsPath { get; private init; } = "";
    internal string OrderPath { get; private init; } = "";
    internal string AllOrdersPath { get; private init; } = "";
    internal string AmendmentsPath { get; private init; } = "";
    internal string BalancePath { get; private init; } = "";
    internal TimeSpan UnfilledRetention { get; private init; }
    internal long DefaultRecvWindowMs { get; private init; }
    internal int MostListed { get; private init; }
    internal int WeightPerMinute { get; private init; }
    internal int OrdersPer10Seconds { get; private init; }
    internal int OrdersPerMinute { get; private init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The venue that an entry of the journal names; the first where this version knows none of that name.</summary>
    internal static ExchangeVenue Named(string name) => All.FirstOrDefault(venue => string.Equals(venue.Name, name, StringComparison.Ordinal), All[0]);

    /// <summary>Whether an address is one of the exchange's own.</summary>
    internal bool Knows(Uri address) =>
        string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) && address.IsDefaultPort && _environments.ContainsKey(address.Host);

    /// <summary>The environment of a host; an unknown host with its port is one of its own.</summary>
    internal string EnvironmentOf(Uri host) => MarketOf(host) ?? host.Authority;

    /// <summary>The market of a listed host; null for every other, which may be a proxy in front of any.</summary>
    internal string? MarketOf(Uri host) => _environments.GetValueOrDefault(host.Host);
}
