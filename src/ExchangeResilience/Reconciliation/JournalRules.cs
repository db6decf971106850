using System.Net;

namespace ExchangeResilience;

/// <summary>What an order in the journal means to a call that is about to send one of the same key.</summary>
internal enum StandingOrder
{
    /// <summary>It is the same order and may have taken effect: find out.</summary>
    InDoubt,

    /// <summary>It is the same order, and its verdict is this call's verdict.</summary>
    HasVerdict,

    /// <summary>It is another order, and the id is taken.</summary>
    HasId,

    /// <summary>It is another order, long over: the id is free again.</summary>
    IsAnother,
}

/// <summary>How what stands in the journal is read.</summary>
internal static class JournalRules
{
    /// <summary>What a standing entry means to a claim that nothing has been sent for yet.</summary>
    public static StandingOrder Meet(JournalEntry entry, Claim claim, ReconciliationOptions options, DateTimeOffset now)
    {
        var isSame = string.Equals(entry.Fingerprint, claim.Operation.Fingerprint, StringComparison.Ordinal);
        if (entry.State is JournalState.Open or JournalState.Unresolved)
        {
            return isSame ? StandingOrder.InDoubt : StandingOrder.HasId;
        }

        // A verdict that nobody heard is kept for whoever asks again; one that was heard may have been forgotten in the same crash.
        var isRecent = now - (entry.SettledAt ?? entry.CreatedAt) <= (entry.Heard ? options.RepeatsAfterRestart : options.VerdictRetention);
        return isSame && isRecent ? StandingOrder.HasVerdict
            : !isRecent || entry.Heard || entry.Key.Kind == OperationKind.Amend ? StandingOrder.IsAnother
            : StandingOrder.HasId;
    }

    /// <summary>The verdict a settled entry keeps.</summary>
    public static Verdict VerdictOf(JournalEntry entry)
    {
        var evidence = entry.Evidence ?? "the journal";
        if (entry.State != JournalState.Executed)
        {
            return new Verdict(ExecutionStatus.NotExecuted, null, LocalErrors.ToError(LocalErrors.SettledElsewhere), evidence);
        }

        var reply = entry.Reply is { } body
            ? new ReplySnapshot((HttpStatusCode)entry.ReplyStatus, body.ToArray(), entry.ReplyMediaType)
            : ReplySnapshot.OfOrder(entry.Key.Symbol, entry.ClientOrderId, entry.OrderId);
        return new Verdict(ExecutionStatus.Executed, reply, null, evidence);
    }

    /// <summary>The request an entry stands for, as far as evidence needs it.</summary>
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
    /// When the attempts of an absence could have taken effect. The journal knows the bounds of their stamps alone; that the proof was complete tells that their real
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

    public static ClaimKey KeyOf(JournalEntry entry) => new(entry.Key.Environment, entry.Key.Account, entry.Key.Symbol, entry.Key.Kind, entry.Key.Id);

    /// <summary>A verdict of an earlier run, for what is still to be done about it; it stands in nobody's way.</summary>
    public static Claim Recall(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry)
    {
        var claim = new Claim(KeyOf(entry), operation, origin) { Since = entry.CreatedAt, RecalledFrom = entry.Run };
        claim.TakeOver(entry);
        claim.SettledAt = entry.SettledAt;
        claim.Heard = entry.Heard;
        claim.Settle(VerdictOf(entry));
        return claim;
    }
}
