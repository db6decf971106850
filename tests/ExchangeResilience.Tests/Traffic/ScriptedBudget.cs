namespace ExchangeResilience.Tests.Traffic;

/// <summary>A shared budget that gives what a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedBudget : ISharedBudget
{
    private readonly Queue<BudgetGrant> _grants = new();

    public List<BudgetAsk> Asks { get; } = [];

    public bool IsAway { get; set; }

    public int Members { get; set; } = 1;

    public int Living { get; set; }

    /// <summary>Set: the next answers come only once it is completed.</summary>
    public TaskCompletionSource? Pause { get; set; }

    public void WillGive(int granted, int? committed = null) => _grants.Enqueue(new BudgetGrant(granted, committed ?? granted, Members));

    public async ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        Asks.Add(ask);
        if (Pause is { } pause)
        {
            await pause.Task.WaitAsync(cancellationToken);
        }

        return IsAway ? throw new TimeoutException() : _grants.TryDequeue(out var grant) ? grant : new BudgetGrant(0, 0, Members);
    }
}
