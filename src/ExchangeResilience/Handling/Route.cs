namespace ExchangeResilience;

/// <summary>Where a request goes and whose it is, with the state it shares with every other request of that kind.</summary>
internal sealed record Route(string Environment, string Account, Uri Host, Gate Gate, ExchangeClock Clock, ObservedLimits Limits)
{
    /// <summary>The key this library signs with is the key the request goes out under.</summary>
    public bool CanSign { get; init; }
}
