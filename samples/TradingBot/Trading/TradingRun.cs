namespace TradingBot;

/// <summary>Trades a number of orders, several at a time.</summary>
internal sealed class TradingRun(OrderTrader trader, Patience patience, int orders, int parallel)
{
    private readonly int[] _fates = new int[Enum.GetValues<Fate>().Length];
    private int _next;

    public int Intended => orders;

    public int Executed => _fates[(int)Fate.Executed];

    public int Rejected => _fates[(int)Fate.Rejected];

    public int Unknown => _fates[(int)Fate.Unknown];

    /// <summary>Orders given up, and those that never got their turn.</summary>
    public int NotExecuted => orders - Executed - Rejected - Unknown;

    public bool IsComplete => NotExecuted == 0 && Unknown == 0;

    /// <param name="stop">Begin nothing new.</param>
    /// <param name="abort">End what has begun.</param>
    public Task RunAsync(CancellationToken stop, CancellationToken abort) =>
        Task.WhenAll(Enumerable.Range(0, Math.Min(parallel, orders)).Select(_ => WorkAsync(stop, abort)));

    private async Task WorkAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested && !patience.IsSpent && Interlocked.Increment(ref _next) is var number && number <= orders)
        {
            var fate = await trader.TradeAsync(number, stop, abort);
            Interlocked.Increment(ref _fates[(int)fate]);
        }
    }
}
