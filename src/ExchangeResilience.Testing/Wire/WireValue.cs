using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>Values as the exchange writes them.</summary>
internal static class WireValue
{
    public static string Number(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>In milliseconds since 1970.</summary>
    public static long Time(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
