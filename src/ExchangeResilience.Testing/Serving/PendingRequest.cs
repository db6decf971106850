namespace ExchangeResilience.Testing;

/// <summary>One request in the exchange.</summary>
internal sealed record PendingRequest(WireRequest Request, Route? Route, Call Call)
{
    public int Weight { get; init; }

    public Fault Fault { get; init; } = Fault.None;

    public TimeSpan EngineDelay { get; init; }

    public Delivery? Answered { get; init; }
}
