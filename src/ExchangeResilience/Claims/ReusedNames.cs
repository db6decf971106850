namespace ExchangeResilience;

/// <summary>
/// Names under which this run has executed or cancelled an order, and when by the exchange's time. They distinguish a new order from one of the same name that an earlier
/// run or another process has executed, and are needed only where a journal outlives the process.
/// </summary>
internal sealed class ReusedNames(TimeProvider time, bool isNeeded)
{
    // Verdicts of earlier runs answer for this long at most by default; see ReconciliationOptions.RepeatsAfterRestart and VerdictRetention. Under a longer VerdictRetention, and
    // beyond so many names, an order placed again may be given an earlier run's verdict, which never buys twice.
    private static readonly TimeSpan EarlierRunsAnswerFor = TimeSpan.FromHours(24);

    private const int MostNames = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(OrderName Name, string Account), (long Number, long AtMs)> _names = [];
    private readonly long _began = time.GetTimestamp();

    /// <summary>An order was executed or cancelled. Calls up to that number may still mean it; a time of 0 is not known.</summary>
    public void Note(in OrderName name, AccountIdentity account, long number, long atMs)
    {
        if (!isNeeded || atMs <= 0 || time.GetElapsedTime(_began) > EarlierRunsAnswerFor)
        {
            return;
        }

        lock (_lock)
        {
            if (_names.Count < MostNames)
            {
                _names[(name, account.Counted)] = (number, atMs);
            }
        }
    }

    /// <summary>
    /// Whether a call means another order or amendment than one of the same name that an earlier run or another process has executed: after that, and before the call began, this
    /// one has placed or amended that order, or its caller had the answer that it was cancelled.
    /// </summary>
    public bool IsNewOrder(ApplicationCall call, in OrderName name, long executedMs) =>
        Began(name, call, executedMs)
        || Began(name with { Kind = OperationKind.Place }, call, executedMs)
        || Began(name with { Kind = OperationKind.Cancel }, call, executedMs)
        || Began(name with { Kind = OperationKind.Cancel, Symbol = "" }, call, executedMs);

    /// <summary>As above, by a cancel of all. Its reply names no order, so that a look-up must show whether it cancelled this one.</summary>
    public bool MayBeNewOrder(ApplicationCall call, in OrderName name, long executedMs) =>
        Began(name with { Kind = OperationKind.CancelAll, Id = "" }, call, executedMs);

    private bool Began(in OrderName name, ApplicationCall call, long executedMs)
    {
        lock (_lock)
        {
            return _names.TryGetValue((name, call.Account.Counted), out var began) && began.Number < call.Number && began.AtMs >= executedMs;
        }
    }
}
