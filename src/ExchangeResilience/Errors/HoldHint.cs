using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace ExchangeResilience;

/// <summary>What a reply says about waiting. The time it is read at is a parameter.</summary>
/// <param name="RetryAfter">The longest wait that Retry-After headers name; null where none is positive and readable, at most 3 days.</param>
/// <param name="BannedUntilMs">The end of a ban named in the body, in Unix milliseconds on the exchange's clock.</param>
/// <param name="Date">The reply's own time, exact to the second.</param>
/// <param name="Window">The window of orders named in the body ("300 orders per TEN_SECONDS").</param>
internal readonly record struct HoldHint(TimeSpan? RetryAfter, long? BannedUntilMs, DateTimeOffset? Date, TimeSpan? Window = null)
{
    /// <summary>The longest ban the exchange documents (Binance USD-M general info, "IP bans").</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3);

    // A Date and a Retry-After are whole seconds, and a gateway's clock need not be the exchange's.
    private static readonly TimeSpan Agreement = TimeSpan.FromSeconds(5);

    private const int MinDigits = 10;
    private const int MaxDigits = 16;
    private const int LongestWindowText = 16;

    /// <summary>When the reply was made, on the exchange's clock, where it agrees with itself about it: from its Date to the end of the ban it is as long as Retry-After says. Else null.</summary>
    public DateTimeOffset? SaidAt =>
        Date is { } date && RetryAfter is { } wait && BannedUntilMs is { } until && (TimeSpan.FromMilliseconds(until - date.ToUnixTimeMilliseconds()) - wait).Duration() <= Agreement ? date : null;

    /// <summary>
    /// Reads the raw headers, joined by commas, and the first 64 KiB of the body. Dates among the headers count from the earliest that the exchange's time can be, else
    /// from the reply's own.
    /// </summary>
    public static HoldHint Read(string? retryAfter, DateTimeOffset? date, ReadOnlySpan<byte> body, ReplyVocabulary vocabulary, DateTimeOffset? now = null) =>
        new(ReadRetryAfter(retryAfter, now ?? date), FindBan(body, vocabulary), date, FindWindow(body, vocabulary));

    // A gateway in between may add its own wait, in a second header or in the same one. An HTTP date has a comma, too.
    private static TimeSpan? ReadRetryAfter(string? retryAfter, DateTimeOffset? now)
    {
        TimeSpan? longest = null;
        var parts = (retryAfter ?? "").Split(',');
        for (var i = 0; i < parts.Length; i++)
        {
            var wait = ReadSeconds(parts[i]) ?? (ReadDate(parts[i]) ?? (i > 0 ? ReadDate($"{parts[i - 1]},{parts[i]}") : null)) - now;
            longest = wait > TimeSpan.Zero && !(wait <= longest) ? wait : longest;
        }

        return longest < Longest ? longest : longest is null ? null : Longest;
    }

    // A number beyond the longest hold is one, however many digits it has.
    private static TimeSpan? ReadSeconds(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return !text.IsEmpty && char.IsAsciiDigit(text[0]) && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds))
            : null;
    }

    private static DateTimeOffset? ReadDate(string text) => RetryConditionHeaderValue.TryParse(text, out var parsed) ? parsed.Date : null;

    /// <summary>Finds <c>banned until 1783855317204</c> anywhere in the text; of several instants the latest.</summary>
    internal static long? FindBan(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary)
    {
        var banned = vocabulary.Banned;
        var rest = body[..Math.Min(body.Length, ErrorReader.MaxBytes)];
        long? latest = null;
        for (var next = CaselessText.IndexOf(rest, banned); next >= 0; next = CaselessText.IndexOf(rest, banned))
        {
            rest = rest[(next + banned.Length)..];
            latest = ReadUntil(rest, vocabulary.BannedUntil) is { } instant && !(instant <= latest) ? instant : latest;
        }

        return latest;
    }

    private static long? ReadUntil(ReadOnlySpan<byte> text, ReadOnlySpan<byte> until)
    {
        var words = AfterBlanks(text);
        if (words.Length == text.Length || !CaselessText.StartsWith(words, until))
        {
            return null;
        }

        words = words[until.Length..];
        var number = AfterBlanks(words, andColons: true);
        var length = number.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        length = length < 0 ? number.Length : length;
        if (number.Length == words.Length || length is < MinDigits or > MaxDigits)
        {
            return null;
        }

        var value = long.Parse(number[..length], NumberStyles.None, CultureInfo.InvariantCulture);

        // Thirteen digits are documented; an API that offers microseconds may one day use them here, an old one seconds.
        return length switch { <= 11 => value * 1000, >= 15 => value / 1000, _ => value };
    }

    // JSON writes some of them as escapes.
    private static ReadOnlySpan<byte> AfterBlanks(ReadOnlySpan<byte> text, bool andColons = false)
    {
        while (!text.IsEmpty)
        {
            var used = 1;
            var rune = new Rune((char)text[0]);
            if (text[0] == '\\')
            {
                used = JsonText.ReadEscape(text, out rune);
            }

            if (!(rune.IsAscii && Rune.IsWhiteSpace(rune)) && !(andColons && rune.Value == ':'))
            {
                break;
            }

            text = text[used..];
        }

        return text;
    }

    /// <summary>Finds the window in <c>orders per TEN_SECONDS</c>, <c>orders per 1 MINUTE</c> and their like.</summary>
    internal static TimeSpan? FindWindow(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary)
    {
        var marker = vocabulary.OrdersPer;
        var start = CaselessText.IndexOf(body[..Math.Min(body.Length, ErrorReader.MaxBytes)], marker);
        if (start < 0)
        {
            return null;
        }

        var words = body[(start + marker.Length)..];
        words = words[..Math.Min(words.Length, LongestWindowText)];
        return Windows(words, "SECOND"u8, vocabulary.Ten, TimeSpan.FromSeconds(1))
            ?? Windows(words, "MINUTE"u8, vocabulary.Ten, TimeSpan.FromMinutes(1))
            ?? Windows(words, "HOUR"u8, vocabulary.Ten, TimeSpan.FromHours(1))
            ?? Windows(words, "DAY"u8, vocabulary.Ten, TimeSpan.FromDays(1));
    }

    private static TimeSpan? Windows(ReadOnlySpan<byte> words, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> ten, TimeSpan length)
    {
        var end = CaselessText.IndexOf(words, unit);
        if (end < 0)
        {
            return null;
        }

        var count = Utf8Parser.TryParse(words[..end], out int digits, out _) ? Math.Max(1, digits) : CaselessText.StartsWith(words, ten) ? 10 : 1;
        return count < Longest / length ? count * length : Longest;
    }
}
