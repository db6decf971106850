using System.Globalization;

namespace ExchangeResilience;

/// <summary>What a refusal adds to its sentence where others like it were logged at Debug alone; nothing where none were. Formatted only where it is read.</summary>
/// <param name="Count">How many.</param>
/// <param name="Since">When the last one was logged at Information, by the local wall clock.</param>
internal readonly record struct MoreAlike(int Count, DateTimeOffset Since)
{
    public override string ToString() => Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {Count} more like it since {Since:u}, at Debug");
}
