namespace TradingBot;

/// <summary>Trades a number of orders, several at a time.</summary>
/// <param name="trader">Trades each.</param>
/// <param name="patience">How long to go on without getting anywhere.</param>
/// <param name="orders">How many.</param>
/// <param name="parallel">How many at a time.</param>
/// <param name="first">The number of the first.</param>
internal sealed class TradingRun(OrderTrader trader, Patience patience, int orders, int parallel, int first = 1)
{
    private readonly int[] _fates = new int[Enum.GetValues<Fate>().Length];
    private int _next;
    private int _underWay;

    public int Intended => orders;

    public int Executed => _fates[(int)Fate.Executed];

    public int Rejected => _fates[(int)Fate.Rejected];

    public int Unknown => _fates[(int)Fate.Unknown];

    /// <summary>Orders that were begun and have not met their fate.</summary>
    public int UnderWay => _underWay;

    /// <summary>Orders given up, and those that never got their turn.</summary>
    public int NotExecuted => orders - Executed - Rejected - Unknown;

    public bool IsComplete => NotExecuted == 0 && Unknown == 0;

    /// <summary>Nothing more will be traded.</summary>
    public bool IsOver { get; private set; }

    /// <param name="stop">Begin nothing new.</param>
    /// <param name="abort">End what has begun.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        await Task.WhenAll(Enumerable.Range(0, Math.Min(parallel, orders)).Select(_ => WorkAsync(stop, abort)));
        IsOver = true;
    }

    private async Task WorkAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested && !patience.IsSpent && Interlocked.Increment(ref _next) is var number && number <= orders)
        {
            Interlocked.Increment(ref _underWay);
            var fate = await trader.TradeAsync(first + number - 1, stop, abort);
            Interlocked.Increment(ref _fates[(int)fate]);
            Interlocked.Decrement(ref _underWay);
        }
    }
}
