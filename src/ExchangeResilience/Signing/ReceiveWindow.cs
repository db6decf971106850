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
    public static long MillisecondsOf(RequestParameters parameters, TimeSpan configured) =>
        parameters.TryFind(Parameter, out _) ? ReadOf(parameters) ?? MaxMs : (long)configured.TotalMilliseconds;

    /// <summary>The window that a request names; null where it names none, or one that cannot be read.</summary>
    public static long? ReadOf(RequestParameters parameters) =>
        parameters.TryFind(Parameter, out var own)
        && decimal.TryParse(own.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) && given is > 0 and < long.MaxValue
            ? (long)Math.Ceiling(given)
            : null;
}
