namespace ExchangeResilience.Testing;

/// <summary>How those trade who are not seen: they lean where the price went in the last hour, their better part more so.</summary>
internal static class Crowd
{
    public const decimal All = 20;
    public const decimal TopAccounts = 25;
    public const decimal TopPositions = 30;

    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>The share that is long, by how much they lean.</summary>
    public static decimal LongsAt(Instrument instrument, DateTimeOffset time, decimal strength)
    {
        var (before, now) = (instrument.Path.At(time - Memory), instrument.Path.At(time));
        return Math.Round(Math.Clamp(0.5m + (strength * (now - before) / before), 0.05m, 0.95m), 4);
    }
}
