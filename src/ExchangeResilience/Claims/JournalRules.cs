using System.Net;

namespace ExchangeResilience;

/// <summary>How the journal's entries are read.</summary>
internal static class JournalRules
{
    /// <summary>
    /// What a standing entry means to a claim that nothing has been sent for yet. The local wall clock is for entries that know no time of the exchange, whose clock is
    /// null where it was not measured.
    /// </summary>
    public static JournalConflict Meet(JournalEntry entry, Claim claim, ReconciliationOptions options, DateTimeOffset now, long? nowMs)
    {
        var same = claim.Origin.Account.Compare(AccountIdentity.Of(entry));
        if (same == SameAccount.No)
        {
            return JournalConflict.IsAnother;
        }

        var isSame = string.Equals(entry.Fingerprint, claim.Operation.Fingerprint, StringComparison.Ordinal);
        if (entry.State is JournalState.Open or JournalState.Unresolved)
        {
            return same == SameAccount.Unclear ? JournalConflict.IsUnclear
                : isSame ? JournalConflict.InDoubt
                : JournalConflict.HasId;
        }

        // A verdict that reached no caller is kept for the next one; one that was delivered may have been forgotten in the same crash.
        var kept = entry.Heard ? options.RepeatsAfterRestart : options.VerdictRetention;
        var isOver = nowMs is { } exchange && ExecutedBeforeMs(entry) is { } executed ? TimeSpan.FromMilliseconds(exchange - executed) > kept : now - (entry.SettledAt ?? entry.CreatedAt) > kept;
        return !isSame || (isOver && (nowMs is not null || entry.State != JournalState.Executed)) ? JournalConflict.IsAnother
            : same == SameAccount.Unclear ? JournalConflict.IsUnclear
            : isOver ? JournalConflict.IsOfUnknownAge
            : JournalConflict.HasVerdict;
    }

    /// <summary>The latest exchange's time at which an order can have taken effect: that of its verdict, else when the last of its stamps, which the exchange accepted, ran out. Null where neither is known.</summary>
    public static long? ExecutedBeforeMs(JournalEntry entry) =>
        entry.SettledAtMs > 0 ? entry.SettledAtMs
        : entry.State == JournalState.Executed && entry.Attempts.Count > 0 && entry.Attempts.All(static attempt => attempt.NoStampAfterMs < long.MaxValue)
            ? entry.Attempts.Max(static attempt => new AttemptWindow(attempt.NotBeforeMs, attempt.NoStampAfterMs, attempt.RecvWindowMs).ClosesMs)
        : null;

    /// <summary>The latest exchange's time at which an executed order can have been placed: as it shows itself, else that of its verdict, which may have been found long after.</summary>
    public static long PlacedBeforeMs(JournalEntry entry) => ExecutedOrderOf(entry) is { TimeMs: > 0 and var time } ? time : entry.SettledAtMs;

    /// <summary>The order of an entry as the reply to its execution describes it; null where there is none.</summary>
    public static OrderEvidence? ExecutedOrderOf(JournalEntry? entry) => entry is { State: JournalState.Executed, Reply: { } reply } ? OrderEvidence.Read(reply) : null;

    /// <summary>The verdict a settled entry keeps.</summary>
    public static Verdict VerdictOf(JournalEntry entry)
    {
        var evidence = entry.Evidence ?? "the journal";
        if (entry.State != JournalState.Executed)
        {
            return new Verdict(ExecutionStatus.NotExecuted, null, LocalErrors.ToError(LocalErrors.SettledElsewhere), evidence);
        }

        var reply = entry is { Reply: { } body, ReplyStatus: > 0 }
            ? new ReplySnapshot((HttpStatusCode)entry.ReplyStatus, body.ToArray(), entry.ReplyMediaType)
            : ReplySnapshot.OfOrder(entry.Key.Symbol, entry.ClientOrderId, entry.OrderId);
        return new Verdict(ExecutionStatus.Executed, reply, null, evidence);
    }

    /// <summary>The request of an entry, as far as evidence needs it.</summary>
    public static ExchangeOperation OperationOf(JournalEntry entry, ExchangeEndpoint endpoint) => new(endpoint)
    {
        Symbol = entry.Key.Symbol.Length == 0 ? null : entry.Key.Symbol,
        ClientOrderId = entry.ClientOrderId,
        OrderId = entry.OrderId,
        IdIsGenerated = entry.IdIsGenerated,
        Fingerprint = entry.Fingerprint,
        Terms = new OrderTerms(entry.Side, entry.Type, entry.Quantity, entry.Price),
    };

    /// <summary>
    /// When the attempts of an absence could have taken effect. The journal holds the bounds of their stamps alone; that the proof was complete shows that their real
    /// windows had closed a settle margin before, so that an order sent again since then contradicts nothing.
    /// </summary>
    public static IReadOnlyList<AttemptWindow> WindowsOf(JournalEntry entry, TimeSpan settleMargin)
    {
        var closedAtMs = entry.AbsentAtMs > 0 ? entry.AbsentAtMs - (long)settleMargin.TotalMilliseconds : long.MaxValue;
        return [.. from attempt in entry.Attempts
                   where attempt.NoStampAfterMs != long.MaxValue
                   let last = Math.Min(attempt.NoStampAfterMs, closedAtMs - attempt.RecvWindowMs)
                   where last >= attempt.NotBeforeMs
                   select new AttemptWindow(attempt.NotBeforeMs, last, attempt.RecvWindowMs)];
    }
}
