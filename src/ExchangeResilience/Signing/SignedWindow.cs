using System.Globalization;

namespace ExchangeResilience;

/// <summary>The time in which the exchange takes a request that was signed before it came here: neither stamp nor window can be renewed.</summary>
internal sealed record SignedWindow(long StampMs, long RecvWindowMs)
{
    // A larger value is no time; the exchange refuses it.
    private static readonly long LastStampMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The window of a signed request; null where it has no stamp of its own. The exchange's own window counts where the request's is missing or cannot be read.</summary>
    public static SignedWindow? Of(RequestParameters parameters, long defaultRecvWindowMs) =>
        parameters.TryFind("signature", out _) && long.TryParse(parameters["timestamp"], NumberStyles.None, CultureInfo.InvariantCulture, out var stamp) && stamp > 0
            ? new SignedWindow(Math.Min(stamp, LastStampMs), Math.Min(ReceiveWindow.ReadOf(parameters) ?? defaultRecvWindowMs, int.MaxValue))
            : null;

    /// <summary>
    /// How long it is still open, by the earliest that the exchange's time can be. The stamp is no younger than the moment at which the request came, so that without the
    /// exchange's time that moment counts.
    /// </summary>
    public TimeSpan Left(TimeSpan sinceEntry, DateTimeOffset? exchangeNow)
    {
        var left = RecvWindowMs - (long)sinceEntry.TotalMilliseconds;
        if (exchangeNow is { } now)
        {
            left = Math.Min(left, StampMs + RecvWindowMs - now.ToUnixTimeMilliseconds());
        }

        return TimeSpan.FromMilliseconds(Math.Max(0, left));
    }
}
