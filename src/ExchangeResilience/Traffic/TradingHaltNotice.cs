using System.Globalization;

namespace ExchangeResilience;

/// <summary>Who stopped new orders, when and why.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">When, by the local wall clock.</param>
public sealed record TradingHaltNotice(string By, string Reason, DateTimeOffset Since)
{
    /// <summary>Who, since when and why, as each sentence about the stop goes on.</summary>
    internal string Words => string.Create(CultureInfo.InvariantCulture, $"stopped by {By} since {Since:u} ({Reason}){Replacing}");

    /// <summary>Whose stop it took the place of, as a clause; empty where there was none. Of that one alone.</summary>
    internal string Replacing { get; init; } = "";
}
