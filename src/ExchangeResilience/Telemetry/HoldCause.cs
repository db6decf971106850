using System.Globalization;

namespace ExchangeResilience;

/// <summary>What closed the lane of a hold that is kept, in the words of the run that met it.</summary>
internal static class HoldCause
{
    public static string Of(JournalHold hold) => hold.Code switch
    {
        0 => "no code",
        < 0 => hold.Code.ToString(CultureInfo.InvariantCulture),
        429 when hold.Lane == TrafficLane.Orders => ReplyErrors.OrderRateLimited429.Name,
        418 or 429 => ReplyErrors.OfStatus(hold.Code).Name,
        _ => string.Create(CultureInfo.InvariantCulture, $"HTTP {hold.Code}"),
    };
}
