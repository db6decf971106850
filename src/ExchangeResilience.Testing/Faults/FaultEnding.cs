namespace ExchangeResilience.Testing;

/// <summary>What becomes of the reply.</summary>
internal enum FaultEnding
{
    Reply,
    Reset,
    Fin,
    HalfBody,
    Drip,
    Silence,
}
