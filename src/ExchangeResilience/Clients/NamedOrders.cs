namespace ExchangeResilience;

/// <summary>Orders as a line of the log names them: request, symbol, client order id and client, so that a person can look them up.</summary>
internal static class NamedOrders
{
    private const int MostShown = 10;

    public static string Of(IReadOnlyCollection<Claim> claims) =>
        string.Join(", ", claims.Take(MostShown).Select(Of).Concat(claims.Count > MostShown ? ["..."] : []));

    public static string Of(Claim claim) =>
        $"{claim.Operation} {(claim.Operation.Symbol is { } symbol ? $"{symbol} " : "")}{claim.Key.Id} ({claim.Origin.ClientName})";
}
