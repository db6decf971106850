using System.Globalization;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>What a reply's body was found to say so far; where members repeat, the less certain reading stays.</summary>
internal struct BodyFacts(ReplyVocabulary vocabulary)
{
    /// <summary>The longest code that is read as one.</summary>
    public const int MaxDigits = 9;

    private const int MaxCode = 999_999_999;

    public SuccessProof Proof;
    public bool HasMembers;
    public bool HasItemErrors;
    public int MessageStart;
    public int MessageLength;
    private int? _code;
    private bool _codeIsUnreadable;
    private bool _codesDiffer;
    private bool _hasMessage;
    private KnownText _text;

    private readonly bool IsFailure => _code is { } code && vocabulary.IsFailure(code);

    /// <summary>Reads a code. .NET overlooks zero bytes behind a number; they are nothing the exchange would write.</summary>
    public static bool TryReadCode(ReadOnlySpan<byte> digits, out int code) =>
        int.TryParse(digits.Length <= MaxDigits + 1 ? digits : default, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out code)
        && code is >= -MaxCode and <= MaxCode
        && digits[^1] != 0;

    public void TakeCode(int code)
    {
        _codesDiffer |= _code is { } other && other != code;
        _code = _code < code ? _code : code;
    }

    public void TakeCode(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String && TryReadCode(JsonText.ValueOf(reader, stackalloc byte[32]), out var code))
        {
            TakeCode(code);
        }
        else
        {
            _codeIsUnreadable = true;
        }
    }

    /// <summary>Takes the raw bytes between the quotes. Only an object's own <c>msg</c> can be proof of a failure.</summary>
    public void TakeMessage(scoped ReadOnlySpan<byte> message, int start, bool isOwn)
    {
        var text = message.Contains((byte)'\\') ? OfEscaped(message) : vocabulary.OfMessage(message);
        if (text == KnownText.ServiceUnavailable && !isOwn)
        {
            text = KnownText.None;
        }

        if (text == KnownText.None && !IsFailure && vocabulary.MentionsMaintenance(message))
        {
            text = KnownText.Maintenance;
        }

        _text = _hasMessage ? KnownTexts.Both(_text, text) : text;
        if (!_hasMessage || isOwn)
        {
            MessageStart = start;
            MessageLength = message.Length;
        }

        _hasMessage = true;
    }

    public void TakeDoubt(KnownText text) => _text = text.LeavesOutcomeOpen() ? text : _text;

    private readonly KnownText OfEscaped(scoped ReadOnlySpan<byte> message)
    {
        Span<byte> unescaped = stackalloc byte[1024];
        var length = JsonText.Unescape(message, unescaped);
        var text = vocabulary.OfMessage(unescaped[..length]);

        // What was not decoded could say more, and the certain failure must be the whole message.
        return text == KnownText.ServiceUnavailable && length > unescaped.Length - 4 ? KnownText.None : text;
    }

    public readonly ErrorReading ToReading(BodyShape shape)
    {
        var proof = Proof;
        if (_code == 200)
        {
            proof |= SuccessProof.Code200;
        }

        if (shape == BodyShape.Object && !HasMembers && _code is null)
        {
            proof |= SuccessProof.EmptyObject;
        }

        return new ErrorReading
        {
            Shape = shape,
            Code = _code,
            IsFailure = IsFailure,
            CodeIsUnreadable = _codeIsUnreadable,
            IsContradictory = _codesDiffer || IsFailure && proof != default,
            Text = _text,
            Proof = proof,
            HasItemErrors = HasItemErrors,
            MessageStart = MessageStart,
            MessageLength = MessageLength,
        };
    }
}
