namespace ExchangeResilience;

/// <summary>How the exchange's time is kept.</summary>
public sealed class ClockOptions
{
    /// <summary>How often the offset is measured anew in the background of signed calls. Defaults to 30 min.</summary>
    public TimeSpan ResyncInterval { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many samples a refinement takes; the one with the shortest round trip wins. 1 to 20, defaults to 5.</summary>
    public int Samples { get; set; } = 5;

    /// <summary>How often one call may resync and send again. 1 to 5, defaults to 2.</summary>
    public int MaxResyncsPerCall { get; set; } = 2;
}
