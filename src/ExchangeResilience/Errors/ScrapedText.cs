namespace ExchangeResilience;

/// <summary>What can be read from a body that is not JSON: a proxy's page, plain text, a reply that was cut off.</summary>
internal static class ScrapedText
{
    public static ErrorReading ReadHtml(ReadOnlySpan<byte> body, ReadOnlySpan<byte> text, ReplyVocabulary vocabulary)
    {
        // The title is all a person wants of a proxy's page.
        var reading = new ErrorReading { Shape = BodyShape.Html, Text = vocabulary.Within(text) };
        var title = CaselessText.IndexOf(body, "title>"u8) + "title>"u8.Length;
        var length = title < "title>"u8.Length ? -1 : body[title..].IndexOf((byte)'<');
        return length <= 0 ? reading : reading with { MessageStart = title, MessageLength = length };
    }

    public static ErrorReading ReadText(ReadOnlySpan<byte> body, int start, ReplyVocabulary vocabulary)
    {
        var text = body[start..].TrimEnd(" \t\r\n"u8);
        var code = ScrapeCode(text, vocabulary);
        return new ErrorReading
        {
            Shape = BodyShape.Text,
            Code = code,
            IsFailure = code is not null,
            Text = vocabulary.Within(text),
            Proof = text.SequenceEqual("SUCCESS"u8) ? SuccessProof.SuccessText : default,
            MessageStart = start,
            MessageLength = text.Length,
        };
    }

    /// <summary>What can be read from a body that turns out not to be JSON: for display, and to find that the outcome is unknown.</summary>
    public static ErrorReading ReadBroken(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary)
    {
        var (messageStart, messageLength) = ScrapeMessage(body);
        var code = ScrapeCode(body, vocabulary);
        return new ErrorReading
        {
            Shape = BodyShape.Malformed,
            Code = code,
            IsFailure = code is not null,
            Text = vocabulary.Within(body),
            MessageStart = messageStart,
            MessageLength = messageLength,
        };
    }

    private static (int Start, int Length) ScrapeMessage(ReadOnlySpan<byte> text)
    {
        var name = text.IndexOf("msg"u8);
        if (name < 0)
        {
            return default;
        }

        var message = text[(name + 3)..].TrimStart(BeforeValue);
        var end = message.IndexOfAny((byte)'"', (byte)'}');
        return (text.Length - message.Length, end < 0 ? message.Length : end);
    }

    /// <summary>What may be between a name and its value in JSON and in the forms that log files give it.</summary>
    private static ReadOnlySpan<byte> BeforeValue => "\"'\\ \t\r\n:=>"u8;

    private static int? ScrapeCode(ReadOnlySpan<byte> text, ReplyVocabulary vocabulary)
    {
        for (var next = CaselessText.IndexOf(text, "code"u8); next >= 0; next = CaselessText.IndexOf(text, "code"u8))
        {
            text = text[(next + 4)..];
            var value = text.TrimStart(BeforeValue);
            var sign = value.StartsWith("-"u8) ? 1 : 0;
            var digits = value[sign..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (value.Length < text.Length && BodyFacts.TryReadCode(digits < 0 ? value : value[..(sign + digits)], out var code) && vocabulary.IsFailure(code))
            {
                return code;
            }
        }

        return null;
    }
}
