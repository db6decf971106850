namespace ExchangeResilience;

internal enum ClaimState
{
    InFlight,
    InDoubt,
    Settled,
}
