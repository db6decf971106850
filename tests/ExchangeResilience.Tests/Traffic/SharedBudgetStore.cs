namespace ExchangeResilience.Tests.Traffic;

/// <summary>The budget that processes share, in memory.</summary>
internal sealed class SharedBudgetStore : ISharedBudget
{
    private readonly Lock _sync = new();
    private readonly Dictionary<(BudgetKey Key, long Window), (int Granted, int Others)> _windows = [];
    private int _asks;

    public int Members { get; set; } = 1;

    public bool IsAway { get; set; }

    /// <summary>Set: an answer comes only once it is completed.</summary>
    public TaskCompletionSource? Answers { get; set; }

    public int Asks => _asks;

    /// <summary>What was given away of each window of an interval.</summary>
    public IReadOnlyList<int> GrantedOf(TimeSpan interval) =>
        [.. _windows.Where(window => window.Key.Key.Interval == interval).OrderBy(window => window.Key.Window).Select(window => window.Value.Granted)];

    public async ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asks);
        if (Answers is { } answers)
        {
            await answers.Task.WaitAsync(cancellationToken);
        }

        if (IsAway)
        {
            throw new TimeoutException();
        }

        lock (_sync)
        {
            var (granted, others) = _windows.GetValueOrDefault((ask.Key, ask.Window));
            granted += ask.Taken;
            others = Math.Max(others, ask.Observed - granted);
            var committed = granted + others;
            var need = ask.Need <= ask.NeedCap - committed ? ask.Need : 0;
            var wish = Math.Max(0, Math.Min(ask.Wish, (ask.WishCap - committed) / (2 * Members)));
            var grant = Math.Max(need, wish);
            _windows[(ask.Key, ask.Window)] = (granted + grant, others);
            return new BudgetGrant(grant, committed + grant, Members);
        }
    }
}
