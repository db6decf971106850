using System.Globalization;

namespace ExchangeResilience;

/// <summary>How long after its timestamp a request is still accepted.</summary>
internal static class ReceiveWindow
{
    public const string Parameter = "recvWindow";

    /// <summary>The longest window the exchange documents (spot; the futures pages name none).</summary>
    public const long MaxMs = 60_000;

    /// <summary>
    /// The window a request will be sent with: its own, else the configured one. Where its own cannot be read, the longest is assumed,
    /// because doubt must not be ended too early.
    /// </summary>
    public static long MillisecondsOf(RequestParameters parameters, TimeSpan configured)
    {
        if (!parameters.TryFind(Parameter, out var own))
        {
            return (long)configured.TotalMilliseconds;
        }

        return decimal.TryParse(own.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) && given is > 0 and < long.MaxValue
            ? (long)Math.Ceiling(given)
            : MaxMs;
    }
}
