namespace ExchangeResilience;

/// <summary>An instant on the exchange's clock, as estimated.</summary>
/// <param name="Ms">Milliseconds since 1970.</param>
/// <param name="Corrections">How often the estimate had been corrected by then. Between two instants that differ in it no time need have passed, however far apart they seem.</param>
internal readonly record struct ExchangeInstant(long Ms, int Corrections)
{
    /// <summary>How far it stays behind what is known: the machine that counts need not be the one that stamps the reply.</summary>
    public const long LagMs = 100;

    /// <summary>No reply travels for that long.</summary>
    public const long NearMs = 30_000;

    /// <summary>When a reply that is received now was stamped: as its Date says, unless that is too far off; but not later than it can be by now.</summary>
    public long StampOf(long? dateMs) => dateMs is { } date && Math.Abs(date - Ms) <= NearMs ? Math.Min(date, Ms + LagMs) : Ms;

    public static implicit operator ExchangeInstant(long ms) => new(ms, 0);
}
