namespace ExchangeResilience;

/// <summary>How answers of the exchange are read. Times are compared on the exchange's clock alone.</summary>
internal static class EvidenceRules
{
    /// <summary>Whether an order that was shown is the one a request names. One that names no id at all may be.</summary>
    public static bool IsAbout(ExchangeOperation operation, OrderEvidence order) => operation.OrderId is { } orderId
        ? order.OrderId is null || string.Equals(orderId, order.OrderId, StringComparison.Ordinal)
        : operation.ClientOrderId is null || order.ClientOrderId is null || string.Equals(operation.ClientOrderId, order.ClientOrderId, StringComparison.Ordinal);

    /// <summary>Whether an order that was shown has the id that a request names.</summary>
    public static bool Names(ExchangeOperation operation, OrderEvidence order) => operation.OrderId is { } orderId
        ? string.Equals(orderId, order.OrderId, StringComparison.Ordinal)
        : operation.ClientOrderId is { } id && string.Equals(id, order.ClientOrderId, StringComparison.Ordinal);

    /// <summary>Whether an order found by its client id is the one a claim placed.</summary>
    public static Finding JudgePlace(Claim claim, OrderEvidence order)
    {
        if (!IsAbout(claim.Operation, order) || !SameTerms(claim.Operation, order) || (order.OrderId is { } id && claim.OlderOrders.Contains(id, StringComparer.Ordinal)))
        {
            return Finding.Namesake;
        }

        return claim.Operation.IdIsGenerated || FallsIntoWindow(claim, order) ? Finding.Ours : Finding.Namesake;
    }

    /// <summary>Whether an event of the user data stream is the claimed request's doing. Only the event of an order's creation has the time of it.</summary>
    public static bool IsAbout(Claim claim, UserDataEvent told)
    {
        var order = told.Order;
        return Names(claim.Operation, order) && (claim.Key.Kind == OperationKind.Amend
            ? told.IsAmendment && IsOfAmendedOrder(claim, order) && FallsIntoWindow(claim, order) && Agrees(claim.Operation.Terms.Price, order.Price) && QuantityAgrees(claim.Operation.Terms, order, order.Quantity)
            : (told.IsCreation || claim.Operation.IdIsGenerated) && JudgePlace(claim, order) == Finding.Ours);
    }

    // One that reached a later order of the id is found by look-ups, which see both; an event may be of another account's.
    private static bool IsOfAmendedOrder(Claim claim, OrderEvidence order) =>
        claim.AmendedOrder is not { } amended || order.OrderId is not { } shown || string.Equals(amended, shown, StringComparison.Ordinal);

    /// <summary>Whether an order that an event shows may be a claim's, at whatever time it was created.</summary>
    public static bool MayBeAbout(Claim claim, OrderEvidence order) => claim.OrderId is { } id
        ? string.Equals(id, order.OrderId, StringComparison.Ordinal)
        : Names(claim.Operation, order) && SameTerms(claim.Operation, order);

    /// <summary>Whether so much time has passed that the exchange no longer shows orders that ended unfilled: absence proves nothing any more.</summary>
    public static bool IsForgotten(Claim claim, long nowMs) =>
        claim.Attempts.Windows is { Count: > 0 } windows && nowMs - windows.Min(window => window.OpensMs) > claim.Origin.Venue.UnfilledRetention.TotalMilliseconds;

    /// <summary>Whether an order is the one a claim placed but for its price and quantity, which an amendment may have changed since.</summary>
    public static bool MayHaveBeenAmended(Claim claim, OrderEvidence order)
    {
        var terms = claim.Operation.Terms;
        return !SameTerms(claim.Operation, order) && JudgePlace(claim, order with { Price = terms.Price, Quantity = terms.Quantity }) == Finding.Ours;
    }

    /// <summary>Whether the first amendment of an order changed the price and quantity to those of a claim.</summary>
    public static bool BeganAsClaimed(Claim claim, OrderEvidence order, IReadOnlyList<AmendmentEvidence> history)
    {
        if (history.Count == 0)
        {
            return false;
        }

        var first = history.MinBy(static entry => entry.TimeMs);
        return first.QuantityBefore is not null && JudgePlace(claim, order with { Price = first.PriceBefore, Quantity = first.QuantityBefore }) == Finding.Ours;
    }

    /// <summary>
    /// Whether an order holds the id of a claim: it was there before the claim's first attempt and is open still, so that the exchange, which takes no second open order of one id,
    /// can have taken none of the claim's.
    /// </summary>
    public static bool HoldsId(Claim claim, OrderEvidence order) =>
        claim.IdIsTaken && order is { IsOpen: true, TimeMs: > 0 } && claim.Attempts.Traces is { Count: > 0 } windows && order.TimeMs <= windows.Min(window => window.OpensMs);

    /// <summary>Whether an order was created while an attempt of the claim could take effect.</summary>
    public static bool FallsIntoWindow(Claim claim, OrderEvidence order) =>
        claim.Attempts.Traces is { } windows && windows.Any(window => window.Covers(order.TimeMs));

    /// <summary>Whether a cancel worked, by the state of the order it named; null where the exchange did not show that.</summary>
    public static ExecutionStatus JudgeCancel(OrderEvidence? order) => order?.Status switch
    {
        OrderStatuses.Canceled => ExecutionStatus.Executed,
        OrderStatuses.Filled or OrderStatuses.Expired or OrderStatuses.ExpiredInMatch or OrderStatuses.Rejected => ExecutionStatus.NotExecuted,
        OrderStatuses.Finished or OrderStatuses.Triggering or OrderStatuses.Triggered => ExecutionStatus.NotExecuted,

        // Open still, which queries that lag may show: it may yet be cancelled.
        _ => ExecutionStatus.Unknown,
    };

    /// <summary>Whether an order's history and present state show the claimed amendment.</summary>
    public static Finding JudgeAmend(Claim claim, OrderEvidence order, IReadOnlyList<AmendmentEvidence> history)
    {
        var terms = claim.Operation.Terms;
        var windows = claim.Attempts.Traces ?? [];
        if (ShowsAmendment(claim, windows, history, order))
        {
            return Finding.Ours;
        }

        // With priceMatch the wanted price is not in the request, so the order's present state proves nothing.
        if (terms is { Price: not null, Quantity: not null } && Agrees(terms.Price, order.Price) && Agrees(terms.Quantity, order.Quantity) && IsSince(claim, windows, order))
        {
            return Finding.Ours;
        }

        return CancelledByAmendment(terms, order, windows) ? Finding.Ours : Finding.Unchanged;
    }

    /// <summary>Whether an order's history holds the claimed change, later than what was known before it.</summary>
    public static bool ShowsAmendment(Claim claim, IReadOnlyList<AttemptWindow> windows, IReadOnlyList<AmendmentEvidence> history, OrderEvidence? order = null) =>
        ShowsAmendment(claim.Operation.Terms, windows, [.. history.Where(entry => entry.TimeMs > claim.AmendedBeforeMs)], order);

    /// <summary>A view of the order from before the amendment could take effect shows nothing of it, however much it agrees: queries lag.</summary>
    private static bool IsSince(Claim claim, IReadOnlyList<AttemptWindow> windows, OrderEvidence order) =>
        order.UpdateTimeMs == 0 || windows.Count == 0 || (order.UpdateTimeMs > claim.AmendedBeforeMs && order.UpdateTimeMs > windows.Min(static window => window.OpensMs));

    /// <summary>Whether the history holds the claimed change at a time when an attempt could make it.</summary>
    public static bool ShowsAmendment(OrderTerms terms, IReadOnlyList<AttemptWindow> windows, IReadOnlyList<AmendmentEvidence> history, OrderEvidence? order = null) =>
        history.Any(entry => windows.Any(window => window.Covers(entry.TimeMs)) && Agrees(terms.Price, entry.Price) && QuantityAgrees(terms, order, entry.Quantity));

    // An amendment to no more than what is already filled, or one that makes a post-only order marketable, cancels the order (modify order page).
    private static bool CancelledByAmendment(OrderTerms terms, OrderEvidence order, IReadOnlyList<AttemptWindow> windows) =>
        string.Equals(order.Status, OrderStatuses.Canceled, StringComparison.Ordinal)
        && windows.Any(window => window.Covers(order.UpdateTimeMs))
        && (order.ExecutedQuantity >= terms.Quantity || string.Equals(order.TimeInForce, "GTX", StringComparison.Ordinal));

    private static bool SameTerms(ExchangeOperation operation, OrderEvidence order) =>
        Agrees(operation.Symbol, order.Symbol)
        && Agrees(operation.Terms.Side, order.Side)
        && (Agrees(operation.Terms.Type, order.Type) || Agrees(operation.Terms.Type, order.OriginalType ?? order.Type))
        && Agrees(operation.Terms.PositionSide, order.PositionSide)
        && PriceAgrees(operation.Terms.Price, order.Price)
        && PriceAgrees(operation.Terms.StopPrice, order.StopPrice)
        && PriceAgrees(operation.Terms.ActivationPrice, order.ActivationPrice)
        && QuantityAgrees(operation.Terms, order, order.Quantity);

    /// <summary>In one-way mode the exchange cuts an order that may only shrink a position down to that position.</summary>
    private static bool QuantityAgrees(OrderTerms terms, OrderEvidence? order, decimal? found) =>
        Agrees(terms.Quantity, found)
        || (found > 0 && found < terms.Quantity
            && order is { ReduceOnly: not false, PositionSide: null or "BOTH" }
            && terms is { ReduceOnly: not false, PositionSide: null or "BOTH" }
            && (order.ReduceOnly ?? terms.ReduceOnly) == true);

    // An order without a price of its own is shown at 0.
    private static bool PriceAgrees(decimal? asked, decimal? found) => asked is null or 0 || found is null or 0 || asked == found;

    private static bool Agrees(string? asked, string? found) =>
        asked is null || found is null || string.Equals(asked, found, StringComparison.OrdinalIgnoreCase);

    private static bool Agrees(decimal? asked, decimal? found) => asked is null || asked == found;
}
