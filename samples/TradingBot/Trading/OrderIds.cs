using System.Globalization;

namespace TradingBot;

/// <summary>The client order ids of a run.</summary>
/// <param name="Name">What they start with.</param>
/// <param name="AreKept">
/// Whether an order that provably did nothing is sent again under the same id. Whoever may be killed must keep them: afterwards he knows his orders, but not how often he has tried.
/// </param>
internal sealed record OrderIds(string Name, bool AreKept)
{
    public string Of(int number, int tries) => AreKept
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}-{number}")
        : string.Create(CultureInfo.InvariantCulture, $"{Name}-{number}-{tries}");
}
