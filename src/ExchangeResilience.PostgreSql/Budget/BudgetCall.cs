using System.Globalization;

namespace ExchangeResilience.PostgreSql;

/// <summary>One request for room that waits for its answer. Cancellation ends the wait and nothing else.</summary>
internal sealed class BudgetCall
{
    private readonly TaskCompletionSource<BudgetGrant> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BudgetCall(BudgetAsk ask)
    {
        Ask = ask;
        Order = string.Create(CultureInfo.InvariantCulture, $"{ask.Key.Environment}\u001f{ask.Key.Lane}\u001f{ask.Key.Scope}\u001f{ask.Key.Interval.Ticks:D20}\u001f{ask.Window:D20}");
    }

    public BudgetAsk Ask { get; }

    /// <summary>All members lock the rows of one round trip in this order, so that no two wait for each other.</summary>
    public string Order { get; }

    public Task<BudgetGrant> Answer => _answer.Task;

    public void Succeed(BudgetGrant grant) => _answer.TrySetResult(grant);

    public void Fail(JournalException failure) => _answer.TrySetException(failure);
}
