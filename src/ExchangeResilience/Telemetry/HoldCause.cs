using System.Globalization;

namespace ExchangeResilience;

/// <summary>What closed the lane of a hold that is kept, in the words of the run that met it. Formatted only where it is read.</summary>
internal readonly record struct HoldCause(JournalHold Hold)
{
    public override string ToString() => Hold.Code switch
    {
        0 => "no code",
        < 0 => Hold.Code.ToString(CultureInfo.InvariantCulture),
        429 when Hold.Lane == TrafficLane.Orders => ReplyErrors.OrderRateLimited429.Name,
        418 or 429 => ReplyErrors.OfStatus(Hold.Code).Name,
        _ => string.Create(CultureInfo.InvariantCulture, $"HTTP {Hold.Code}"),
    };
}
