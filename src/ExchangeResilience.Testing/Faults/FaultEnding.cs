namespace ExchangeResilience.Testing;

/// <summary>How the reply is delivered.</summary>
internal enum FaultEnding
{
    Reply,
    Reset,
    Fin,
    HalfBody,
    Drip,
    Silence,
}
