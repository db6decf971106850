using System.Globalization;

namespace ExchangeResilience;

/// <summary>Durations as configuration writes them: <c>[d.]hh:mm:ss[.fff]</c>, or a number with its unit (<c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>).</summary>
internal static class DurationText
{
    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration. A bare number is none: <see cref="TimeSpan.Parse(string)"/> would take it for days.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        text = text.Trim();
        foreach (var (suffix, ticks) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && TryDecimal(text[..^suffix.Length].TrimEnd(), out var number))
            {
                return TryTicks(number * ticks, out value);
            }
        }

        value = default;
        if (text.Split(':') is not [var hoursText, var minutesText, var secondsText]
            || !TryWhole(minutesText, 59, out var minutes)
            || !TryDecimal(secondsText, out var seconds)
            || seconds >= 60)
        {
            return false;
        }

        // Hours may exceed a day ("24:00:00"), unless days are given too.
        var days = 0;
        if (hoursText.Split('.') is [var daysText, var hoursOfDay])
        {
            if (!TryWhole(daysText, 9_999, out days))
            {
                return false;
            }

            hoursText = hoursOfDay;
        }

        return TryWhole(hoursText, days > 0 ? 23 : 9_999, out var hours)
            && TryTicks((((((days * 24m) + hours) * 60) + minutes) * TimeSpan.TicksPerMinute) + (seconds * TimeSpan.TicksPerSecond), out value);
    }

    /// <summary>Writes a duration so that it can be read back, in the largest unit that leaves no fraction.</summary>
    public static string Format(TimeSpan value)
    {
        for (var i = Units.Length - 1; i >= 0; i--)
        {
            var (suffix, ticks) = Units[i];
            if (value.Ticks % ticks == 0 && (value != TimeSpan.Zero || ticks == TimeSpan.TicksPerSecond))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / ticks}{suffix}");
            }
        }

        return value.ToString("c", CultureInfo.InvariantCulture);
    }

    private static bool TryTicks(decimal ticks, out TimeSpan value)
    {
        var fits = ticks <= TimeSpan.MaxValue.Ticks;
        value = fits ? TimeSpan.FromTicks((long)ticks) : default;
        return fits;
    }

    // Twelve digits are ample for any setting and keep the arithmetic above within a decimal.
    private static bool TryDecimal(string text, out decimal number)
    {
        number = 0;
        return text.Length is > 0 and <= 12 && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryWhole(string text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
