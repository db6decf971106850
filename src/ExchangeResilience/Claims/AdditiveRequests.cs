namespace ExchangeResilience;

/// <summary>
/// The additive requests of this process. They have no id, so two equal ones whose windows overlap cannot be distinguished in the exchange's history, and its record proves
/// neither. Within one call of the application an addition leaves again only once it provably did nothing; while one is in doubt, an equal one is refused.
/// </summary>
internal sealed class AdditiveRequests(TimeProvider time)
{
    // Far longer than any window, so that forgetting one can never make another look alone; and as long as one in doubt stops its equals.
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly List<AdditiveRequest> _additions = [];

    /// <summary>Enters a request that is about to leave. It may leave only as a new addition; else this is an earlier one that it must wait for, or that is in doubt.</summary>
    public AdditiveRequest Enter(ApplicationCall call, AccountIdentity account, ExchangeOperation operation, out bool isNew)
    {
        isNew = false;
        var key = $"{operation}\n{operation.Symbol}\n{TermsOf(operation)}";
        lock (_lock)
        {
            _additions.RemoveAll(old => time.GetElapsedTime(old.Entered) > Retention);
            if (call.Addition is { } own && own.Outcome != ExecutionStatus.NotExecuted)
            {
                return own;
            }

            if (_additions.Find(other => other.Outcome == ExecutionStatus.Unknown && IsEqual(other, key, account)) is { } inDoubt)
            {
                return inDoubt;
            }

            var addition = new AdditiveRequest(key, operation, account, time.GetTimestamp());
            _additions.Add(addition);
            isNew = true;
            return call.Addition = addition;
        }
    }

    public void Leave(AdditiveRequest addition, Verdict verdict)
    {
        lock (_lock)
        {
            addition.End(verdict);
            if (verdict.Execution == ExecutionStatus.NotExecuted)
            {
                _additions.Remove(addition);
            }
        }
    }

    /// <summary>Whether no equal addition of this process can have left a record in the same window.</summary>
    public bool IsAlone(AdditiveRequest addition)
    {
        lock (_lock)
        {
            return !_additions.Exists(other =>
                other != addition
                && IsEqual(other, addition.Key, addition.Account)
                && (other.Window is not { } theirs || addition.Window is not { } ours || theirs.Overlaps(ours)));
        }
    }

    private static bool IsEqual(AdditiveRequest other, string key, AccountIdentity account) =>
        string.Equals(other.Key, key, StringComparison.Ordinal) && other.Account.Compare(account) != SameAccount.No;

    // As the history shows them, where there is one: 10 and 10.0 are one amount.
    private static string TermsOf(ExchangeOperation operation) => operation.Traits is { } traits
        ? string.Join('\n', operation.Endpoint.History!.Comparisons.Select(name => traits.TryGetValue(name, out var value) ? HistoryRecord.Normal(value) : ""))
        : operation.Fingerprint;
}
