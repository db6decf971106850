namespace ExchangeResilience.Testing;

/// <summary>What a fault plan knows of a request.</summary>
/// <param name="Method">The HTTP method, in capitals.</param>
/// <param name="Path">The path, without query.</param>
/// <param name="ClientOrderId">The client's own id (<c>newClientOrderId</c>, <c>origClientOrderId</c>, <c>clientAlgoId</c>); null if it sent none.</param>
/// <param name="Attempt">Which attempt this is, from 1: requests with the same method, path and client id (without an id, the same symbol, side, type, price and quantity)
/// that got past the limits.</param>
/// <param name="Parameters">All parameters, decoded.</param>
public sealed record FaultContext(string Method, string Path, string? ClientOrderId, int Attempt, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>Whether the request places an order: POST order or POST batchOrders.</summary>
    public bool IsPlace => Method == "POST" && (Path.EndsWith("/order", StringComparison.Ordinal) || Path.EndsWith("/batchOrders", StringComparison.Ordinal));

    /// <summary>What distinguishes one intent from another.</summary>
    internal string Key { get; init; } = ClientOrderId ?? "";

    /// <summary>
    /// A number in [0, 1) that depends on the seed, method, path, client id and attempt alone, so that every client meets the same luck,
    /// in whatever order its requests come.
    /// </summary>
    /// <param name="seed">The seed.</param>
    public double Draw(int seed)
    {
        // FNV-1a over the parts, then the finalizer of SplitMix64: stable across processes, which string.GetHashCode is not.
        var hash = 14695981039346656037UL ^ unchecked((uint)seed);
        foreach (var c in $"{Method} {Path}\n{Key}\n{Attempt}")
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        hash ^= hash >> 31;
        return (hash >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The method and path; the parameters are not shown.</summary>
    public override string ToString() => $"{Method} {Path} #{Attempt}";
}
