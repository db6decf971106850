using System.Globalization;

namespace ExchangeResilience;

/// <summary>What a ban adds to the sentence of a closed lane; nothing where the hold is none. Formatted only where it is read.</summary>
internal readonly record struct BanLabel(DateTimeOffset? Until)
{
    public override string ToString() => Until is { } end
        ? string.Create(CultureInfo.InvariantCulture, $": banned by the exchange until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, nothing leaves from this address, cancels neither")
        : "";
}
