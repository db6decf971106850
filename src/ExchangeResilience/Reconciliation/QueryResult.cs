namespace ExchangeResilience;

/// <summary>The exchange's reply to a look-up of ours. <paramref name="Error"/> is null where it succeeded.</summary>
internal readonly record struct QueryResult(ExchangeError? Error, ReadOnlyMemory<byte> Body)
{
    /// <summary>How long the exchange asked to wait before this look-up is repeated; zero where a closed lane holds all requests back instead.</summary>
    public TimeSpan AskedToWait { get; init; }
}
