namespace ExchangeResilience;

/// <summary>
/// The name of an order, an amendment, a cancel or an additive request. No setting, client, host or key is part of it: whatever an application renames or changes between two
/// sends of an order, it stays the same order.
/// </summary>
/// <param name="Family">Where it is looked for: orders and conditional orders are two families, and may have equal ids.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Symbol">The symbol; empty where the request names none.</param>
/// <param name="Id">The exchange's id where the request names it, else the client's.</param>
internal readonly record struct OrderName(string Family, OperationKind Kind, string Symbol, string Id)
{
    public static OrderName Of(ExchangeOperation operation) =>
        new(operation.Endpoint.EvidencePath ?? operation.Endpoint.Path, operation.Kind, operation.Symbol ?? "", operation.TargetId ?? "");

    // An id and a symbol are distinct enough, and each order is looked up under a dozen names.
    public override int GetHashCode() => HashCode.Combine(Kind, Symbol, Id);

    /// <summary>Whether a cancel of this name is about an order. A conditional order is cancelled without its symbol, so empty means any.</summary>
    public bool Cancels(in OrderName place) =>
        place.Kind == OperationKind.Place
        && Kind is OperationKind.Cancel or OperationKind.CancelAll
        && string.Equals(place.Family, Family, StringComparison.Ordinal)
        && (Symbol.Length == 0 || string.Equals(place.Symbol, Symbol, StringComparison.Ordinal))
        && (Kind == OperationKind.CancelAll || string.Equals(place.Id, Id, StringComparison.Ordinal));
}
