using System.Net;

namespace ExchangeResilience;

/// <summary>How a claimed request ended. <paramref name="Reply"/> is null where the exchange never gave one, <paramref name="Error"/> where it was executed.</summary>
internal sealed record Verdict(ExecutionStatus Execution, ReplySnapshot? Reply, ExchangeError? Error, string Evidence)
{
    /// <summary>An operator said so, and nothing proved it.</summary>
    public bool IsByOperator { get; init; }

    /// <summary>The call that was to send it has given up before it did: one that has joined it goes on by itself.</summary>
    public bool WasNeverSent => string.Equals(Error?.Name, LocalErrors.Abandoned.Name, StringComparison.Ordinal);

    /// <summary>An order that was found is its own reply.</summary>
    public static Verdict OfOrder(OrderEvidence order, string evidence) =>
        new(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, order.Raw, "application/json"), null, evidence);

    /// <summary>Of one that was executed and is not shown, no more is known than which order it is.</summary>
    public static Verdict OfNamedOrder(Claim claim, string orderId, string evidence) =>
        new(ExecutionStatus.Executed, ReplySnapshot.OfOrder(claim.Key.Symbol, claim.Operation.ClientOrderId, orderId), null, evidence);
}
