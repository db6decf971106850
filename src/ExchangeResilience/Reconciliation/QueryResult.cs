namespace ExchangeResilience;

/// <summary>What the exchange answered to a question of ours. <paramref name="Error"/> is null where it succeeded.</summary>
internal readonly record struct QueryResult(ExchangeError? Error, ReadOnlyMemory<byte> Body)
{
    /// <summary>How long the exchange asked to wait before this question is put again; zero where a closed lane holds all requests back instead.</summary>
    public TimeSpan AskedToWait { get; init; }
}
