using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace ExchangeResilience;

/// <summary>Reads what a reply's body says. It never throws and, for a body that is what it claims to be, never allocates.</summary>
internal static class ErrorReader
{
    /// <summary>How much of a body is looked at. A JSON body that is longer counts as cut off.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7F - ' ').Select(c => (byte)c).Where(c => c is not ((byte)'"' or (byte)'\\'))]);

    public static ErrorReading Read(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary) => TryReadPlain(body, vocabulary, out var reading) ? reading : ReadAny(body, vocabulary);

    /// <summary>
    /// The form nearly every error has, <c>{"code":-1121,"msg":"Invalid symbol."}</c> to the last byte. Anything else, were it one blank more,
    /// is left to <see cref="ReadAny"/>, which would read this form alike.
    /// </summary>
    private static bool TryReadPlain(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary, out ErrorReading reading)
    {
        reading = default;
        if (body.Length > MaxBytes || !body.StartsWith("{\"code\":"u8))
        {
            return false;
        }

        var at = 8;
        var isNegative = at < body.Length && body[at] == '-';
        if (isNegative)
        {
            at++;
        }

        var first = at;
        var code = 0;
        while (at < body.Length && at - first < BodyFacts.MaxDigits && char.IsAsciiDigit((char)body[at]))
        {
            code = code * 10 + (body[at++] - '0');
        }

        if (at == first || body[first] == '0' || !body[at..].StartsWith(",\"msg\":\""u8) || !body.EndsWith("\"}"u8))
        {
            return false;
        }

        at += 8;
        var length = body.Length - 2 - at;
        if (length < 0 || body.Slice(at, length).ContainsAnyExcept(Plain))
        {
            return false;
        }

        var facts = new BodyFacts(vocabulary);
        facts.TakeCode(isNegative ? -code : code);
        facts.TakeMessage(body.Slice(at, length), at, isOwn: true);
        reading = facts.ToReading(BodyShape.Object);
        return true;
    }

    internal static ErrorReading ReadAny(ReadOnlySpan<byte> body, ReplyVocabulary vocabulary)
    {
        var isCut = body.Length > MaxBytes;
        body = isCut ? body[..MaxBytes] : body;
        var text = body[(body.StartsWith("\uFEFF"u8) ? 3 : 0)..].TrimStart(" \t\r\n"u8);
        var start = body.Length - text.Length;
        if (text.IsEmpty)
        {
            return default;
        }

        if (text[0] is (byte)'{' or (byte)'[')
        {
            // The JSON reader lets broken UTF-8 inside strings pass, and a proxy that mangles text can mangle digits.
            return !isCut && Utf8.IsValid(text) && TryReadJson(text, start, vocabulary, out var reading) ? reading : ScrapedText.ReadBroken(body, vocabulary);
        }

        if (text[0] == '<')
        {
            return ScrapedText.ReadHtml(body, text, vocabulary);
        }

        return isCut || Utf8.IsValid(text) ? ScrapedText.ReadText(body, start, vocabulary) : ScrapedText.ReadBroken(body, vocabulary);
    }

    private static bool TryReadJson(ReadOnlySpan<byte> text, int start, ReplyVocabulary vocabulary, out ErrorReading reading)
    {
        reading = default;
        var facts = new BodyFacts(vocabulary);
        try
        {
            // Not "final", so that a body cut off ends in false instead of an exception.
            var reader = new Utf8JsonReader(text, isFinalBlock: false, default);
            if (!reader.Read())
            {
                return false;
            }

            var isObject = reader.TokenType == JsonTokenType.StartObject;
            var isWhole = isObject ? TryReadObject(ref reader, text, start, ref facts, isOwn: true) : TryReadArray(ref reader, text, start, vocabulary, ref facts);
            if (!isWhole || reader.Read() || text[(int)reader.BytesConsumed..].ContainsAnyExcept(" \t\r\n"u8))
            {
                return false;
            }

            reading = facts.ToReading(isObject ? BodyShape.Object : BodyShape.Array);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryReadArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, int start, ReplyVocabulary vocabulary, ref BodyFacts facts)
    {
        var count = 0;
        var isJudged = true;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                if (count > 0 && isJudged)
                {
                    facts.Proof |= SuccessProof.Items;
                }

                return true;
            }

            if (!TryReadItem(ref reader, text, start, vocabulary, out var item))
            {
                return false;
            }

            count++;
            isJudged &= item.ErrorCode is not null || item.Proves(ItemProof);
            facts.HasItemErrors |= item.IsFailure;
            facts.TakeDoubt(item.Text);
        }

        return false;
    }

    /// <summary>What the items of a batch may answer when they are done.</summary>
    internal const SuccessProof ItemProof = SuccessProof.OrderId | SuccessProof.AlgoId | SuccessProof.Code200;

    /// <summary>Reads one item of an array; the reader is at its first token and is left at its last.</summary>
    internal static bool TryReadItem(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, int start, ReplyVocabulary vocabulary, out ErrorReading item)
    {
        var facts = new BodyFacts(vocabulary);
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        var isWhole = isObject ? TryReadObject(ref reader, text, start, ref facts, isOwn: true) : reader.TrySkip();
        item = isObject ? facts.ToReading(BodyShape.Object) : new ErrorReading { Shape = BodyShape.Text };
        return isWhole;
    }

    // isOwn is false inside a nested "error", whose members count as the outer object's, but prove neither a success nor a failure.
    private static bool TryReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, int start, ref BodyFacts facts, bool isOwn)
    {
        Span<byte> unescaped = stackalloc byte[32];
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return true;
            }

            facts.HasMembers = true;
            var member = Identify(JsonText.ValueOf(reader, unescaped));
            if (!reader.Read())
            {
                return false;
            }

            switch (member)
            {
                case Member.Code:
                    facts.TakeCode(ref reader);
                    break;

                case Member.Message or Member.OtherMessage or Member.Error or Member.Number when reader.TokenType == JsonTokenType.String:
                    facts.TakeMessage(reader.ValueSpan, start + (int)reader.TokenStartIndex + 1, isOwn && member == Member.Message);
                    break;

                case Member.Error when isOwn && reader.TokenType == JsonTokenType.StartObject:
                    if (!TryReadObject(ref reader, text, start, ref facts, isOwn: false))
                    {
                        return false;
                    }

                    break;

                case Member.OrderId or Member.AlgoId or Member.Leverage when isOwn && IsWholeNumber(ref reader, least: 1):
                case Member.CountdownTime when isOwn && IsWholeNumber(ref reader, least: 0):
                case Member.ListenKey when isOwn && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty:
                    facts.Proof |= ProofOf(member);
                    break;
            }

            if (!reader.TrySkip())
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsWholeNumber(ref Utf8JsonReader reader, long least)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
        {
            return false;
        }

        var digits = JsonText.ValueOf(reader, stackalloc byte[32]);

        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && digits[^1] != 0;
    }

    private static Member Identify(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("msg"u8) => Member.Message,
        4 when name.SequenceEqual("code"u8) => Member.Code,
        5 when name.SequenceEqual("error"u8) => Member.Error,
        6 when name.SequenceEqual("algoId"u8) => Member.AlgoId,
        7 when name.SequenceEqual("orderId"u8) => Member.OrderId,
        7 when name.SequenceEqual("message"u8) => Member.OtherMessage,
        8 when name.SequenceEqual("leverage"u8) => Member.Leverage,
        9 when name.SequenceEqual("listenKey"u8) => Member.ListenKey,
        13 when name.SequenceEqual("countdownTime"u8) => Member.CountdownTime,

        // {"239999":"The system is under maintenance, ..."}: seen with the number as the name ("Architecture Integration" notice, 2026-06-10).
        >= 3 and <= 9 when !name.ContainsAnyExceptInRange((byte)'0', (byte)'9') => Member.Number,
        _ => Member.None,
    };

    private static SuccessProof ProofOf(Member member) => member switch
    {
        Member.OrderId => SuccessProof.OrderId,
        Member.AlgoId => SuccessProof.AlgoId,
        Member.Leverage => SuccessProof.Leverage,
        Member.CountdownTime => SuccessProof.CountdownTime,
        _ => SuccessProof.ListenKey,
    };

    private enum Member : byte
    {
        None,
        Code,
        Message,
        OtherMessage,
        Error,
        Number,
        OrderId,
        AlgoId,
        Leverage,
        CountdownTime,
        ListenKey,
    }
}
