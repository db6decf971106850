using System.Net;

namespace ExchangeResilience;

/// <summary>What an order in the journal means to a call that is about to send one of the same name.</summary>
internal enum StandingOrder
{
    /// <summary>It is the same order and may have taken effect: find out.</summary>
    InDoubt,

    /// <summary>It is the same order, and its verdict is this call's verdict.</summary>
    HasVerdict,

    /// <summary>It is another order, and the id is taken.</summary>
    HasId,

    /// <summary>It is another order: of another account, or long over, so that the id is free again.</summary>
    IsAnother,

    /// <summary>Nothing shows whether it is of the same account.</summary>
    IsUnclear,

    /// <summary>It was executed, and nothing shows whether so long ago that the id is free again.</summary>
    IsOfUnknownAge,
}

/// <summary>How what stands in the journal is read.</summary>
internal static class JournalRules
{
    /// <summary>What a standing entry means to a claim that nothing has been sent for yet.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="options">How long a verdict answers.</param>
    /// <param name="now">The local wall clock, for entries that know no time of the exchange.</param>
    /// <param name="nowMs">The exchange's clock; null where it was not measured.</param>
    public static StandingOrder Meet(JournalEntry entry, Claim claim, ReconciliationOptions options, DateTimeOffset now, long? nowMs)
    {
        var same = claim.Origin.Account.Compare(AccountOf(entry));
        if (same == SameAccount.No)
        {
            return StandingOrder.IsAnother;
        }

        var isSame = string.Equals(entry.Fingerprint, claim.Operation.Fingerprint, StringComparison.Ordinal);
        if (entry.State is JournalState.Open or JournalState.Unresolved)
        {
            return same == SameAccount.Unclear ? StandingOrder.IsUnclear
                : isSame ? StandingOrder.InDoubt
                : StandingOrder.HasId;
        }

        // A verdict that no caller was told is kept for the next who asks; one that was told may have been forgotten in the same crash.
        var kept = entry.Heard ? options.RepeatsAfterRestart : options.VerdictRetention;
        var isOver = nowMs is { } exchange && ExecutedBeforeMs(entry) is { } executed ? TimeSpan.FromMilliseconds(exchange - executed) > kept : now - (entry.SettledAt ?? entry.CreatedAt) > kept;
        return !isSame || (isOver && (nowMs is not null || entry.State != JournalState.Executed)) ? StandingOrder.IsAnother
            : same == SameAccount.Unclear ? StandingOrder.IsUnclear
            : isOver ? StandingOrder.IsOfUnknownAge
            : StandingOrder.HasVerdict;
    }

    /// <summary>The latest exchange's time at which an order can have taken effect: that of its verdict, else when the last of its stamps, which the exchange accepted, ran out. Null where neither is known.</summary>
    public static long? ExecutedBeforeMs(JournalEntry entry) =>
        entry.SettledAtMs > 0 ? entry.SettledAtMs
        : entry.State == JournalState.Executed && entry.Attempts.Count > 0 && entry.Attempts.All(static attempt => attempt.NoStampAfterMs < long.MaxValue)
            ? entry.Attempts.Max(static attempt => new AttemptWindow(attempt.NotBeforeMs, attempt.NoStampAfterMs, attempt.RecvWindowMs).ClosesMs)
        : null;

    /// <summary>Whose order an entry is, as far as it says.</summary>
    public static AccountIdentity AccountOf(JournalEntry entry)
    {
        // Entries of earlier versions know one word for the account: the hash of its key, or its name.
        var word = entry.Key.Account;
        var isHash = word.Length == 16 && word.All(char.IsAsciiHexDigitLower);
        var isOld = entry is { KeyHash: null, AccountName: null };
        return new AccountIdentity
        {
            Label = word,
            KeyHash = entry.KeyHash ?? (isOld && isHash ? word : null),
            Name = entry.AccountName ?? (isOld && !isHash && !string.Equals(word, AccountIdentity.Anonymous, StringComparison.Ordinal) ? word : null),
            Market = ExchangeVenue.BinanceUsdFutures.MarketOf(entry.Host),
            IsOwnKey = !entry.IsForeignKey,
            KeptCode = entry.AccountCode,
            Book = entry.AccountBook,
        };
    }

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
}
