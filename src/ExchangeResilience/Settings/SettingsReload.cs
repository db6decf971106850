namespace ExchangeResilience;

/// <summary>How the latest reload of a client's settings went.</summary>
/// <param name="At">When, on this machine's clock.</param>
/// <param name="Accepted">Whether the new settings are in force; otherwise the last good ones are.</param>
/// <param name="Faults">Why they were refused; empty where they were accepted.</param>
internal sealed record SettingsReload(DateTimeOffset At, bool Accepted, IReadOnlyList<string> Faults)
{
    /// <summary>When the first of a row of refusals was.</summary>
    public DateTimeOffset Since { get; private init; } = At;

    public static SettingsReload Refused(DateTimeOffset at, IReadOnlyList<string> faults, SettingsReload? before) =>
        new(at, Accepted: false, faults) { Since = before is { Accepted: false } ? before.Since : at };
}
