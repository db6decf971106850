namespace ExchangeResilience.Testing;

/// <summary>How the simulated exchange behaves. Read at every request, so a test may change it while the exchange runs; only <see cref="Symbols"/> and
/// <see cref="ApiKeys"/> are read once, when the exchange is created.</summary>
public sealed class SimulatedExchangeOptions
{
    /// <summary>The API key that is known unless <see cref="ApiKeys"/> says otherwise.</summary>
    public const string DefaultApiKey = "simulated-key";

    /// <summary>The secret of <see cref="DefaultApiKey"/>.</summary>
    public const string DefaultApiSecret = "simulated-secret";

    /// <summary>The keys the exchange knows. Defaults to one, with <see cref="DefaultApiKey"/> and <see cref="DefaultApiSecret"/>.</summary>
    public IList<SimulatedApiKey> ApiKeys { get; } = [new(DefaultApiKey, DefaultApiSecret)];

    /// <summary>What can be traded. Defaults to BTCUSDT at 50000, ETHUSDT at 2500 and 测试USDT at 1.</summary>
    public IList<SimulatedSymbol> Symbols { get; } =
    [
        new("BTCUSDT", 50_000m) { TickSize = 0.10m, StepSize = 0.001m, MinQuantity = 0.001m, MinPrice = 500m, MaxPrice = 5_000_000m },
        new("ETHUSDT", 2_500m) { TickSize = 0.01m, StepSize = 0.001m, MinQuantity = 0.001m, MinPrice = 10m, MaxPrice = 500_000m },
        new("测试USDT", 1m) { TickSize = 0.0001m, StepSize = 1m, MinQuantity = 1m, MinPrice = 0.0001m, MaxPrice = 1_000m },
    ];

    /// <summary>What each account owns at first, in USDT. Defaults to ten billion, so that only a test that wants to runs out of margin.</summary>
    public decimal InitialBalance { get; set; } = 10_000_000_000m;

    /// <summary>How long a request and its reply travel, half of it each way. Defaults to zero.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>How long an order or amendment that has passed the checks of the request waits for the matching engine, which checks its window again (-5028). Defaults to zero.</summary>
    public TimeSpan EngineDelay { get; set; }

    /// <summary>How long a new order stays invisible to GET order, openOrder, openOrders, allOrders and userTrades, and a change of margin to positionMargin/history. Defaults to zero.</summary>
    public TimeSpan QueryLag { get; set; }

    /// <summary>How long GET order, openOrder, openOrders, allOrders and orderAmendment show an order as it was before it was amended, cancelled or filled. Defaults to zero.</summary>
    public TimeSpan ChangeLag { get; set; }

    /// <summary>The request weight an address may use per minute, over fapi and dapi together. Defaults to 2400.</summary>
    public int WeightPerMinute { get; set; } = 2400;

    /// <summary>The orders an account may send in 10 seconds. Defaults to 300.</summary>
    public int OrdersPer10Seconds { get; set; } = 300;

    /// <summary>The orders an account may send in a minute. Defaults to 1200.</summary>
    public int OrdersPerMinute { get; set; } = 1200;

    /// <summary>Whether refusals for exceeded limits, and those of a ban that limits led to, carry Retry-After. Defaults to true; the exchange does not promise it.</summary>
    public bool SendRetryAfter { get; set; } = true;

    /// <summary>Whether a request sent into the wait that a <see cref="Fault.TooManyRequests"/> asked for is refused with 429 too, and counts towards a ban.
    /// Defaults to true; false only notes it, which gives every client the same faults however it behaves.</summary>
    public bool EnforceRetryAfter { get; set; } = true;

    /// <summary>After how many requests sent into a wait the address is banned (418). Defaults to 20.</summary>
    public int ViolationsBeforeBan { get; set; } = 20;

    /// <summary>How long the first ban lasts; each further one lasts twice as long. Defaults to 2 minutes.</summary>
    public TimeSpan FirstBan { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a ban lasts at most. Defaults to 3 days.</summary>
    public TimeSpan LongestBan { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How long after a client was asked to wait its requests do not count as violations yet, for those already in flight. Defaults to zero, which suits manual time
    /// and one request after another; concurrent clients on a port need some tens of milliseconds.</summary>
    public TimeSpan HoldGrace { get; set; }
}
