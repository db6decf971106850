namespace ExchangeResilience;

/// <summary>
/// What a reply's body says, without a verdict and without a copy: places in the body instead of text. A reader that wants the message hands the
/// same bytes in again.
/// </summary>
internal readonly record struct ErrorReading
{
    public BodyShape Shape { get; init; }

    /// <summary>The code as given, of either sign; null where there is none or none that can be meant.</summary>
    public int? Code { get; init; }

    /// <summary>The code says that the request failed.</summary>
    public bool IsFailure { get; init; }

    /// <summary>A code is there and is no whole number of at most nine digits, so what it says is not known.</summary>
    public bool CodeIsUnreadable { get; init; }

    /// <summary>The body says two things that exclude each other: two codes, or a code of failure together with a proof of success.</summary>
    public bool IsContradictory { get; init; }

    /// <summary>What its message means by itself.</summary>
    public KnownText Text { get; init; }

    /// <summary>Every proof of success the top level holds.</summary>
    public SuccessProof Proof { get; init; }

    /// <summary>An array in which at least one item has a code of failure.</summary>
    public bool HasItemErrors { get; init; }

    /// <summary>An array in which every item proves that it is done.</summary>
    public bool IsDoneInEachItem => !HasItemErrors && Proves(SuccessProof.Items);

    internal int MessageStart { get; init; }
    internal int MessageLength { get; init; }

    /// <summary>Whether the code was read from a well-formed, unambiguous object. Any other code is for display only.</summary>
    public bool CodeIsTrusted => Code is not null && Shape == BodyShape.Object && !IsContradictory && !CodeIsUnreadable;

    /// <summary>A code of failure that can be relied upon: the exchange's own statement of failure.</summary>
    public int? ErrorCode => CodeIsTrusted && IsFailure ? Code : null;

    /// <summary>Whether a mutation answered by this body under 2xx is done, given what its endpoint answers when it is.</summary>
    public bool Proves(SuccessProof required)
    {
        if (Shape is BodyShape.Html or BodyShape.Malformed || Text != KnownText.None || IsContradictory || CodeIsUnreadable || IsFailure)
        {
            return false;
        }

        return required == SuccessProof.NoNegativeCode ? !HasItemErrors : (Proof & required) != 0;
    }

    /// <summary>Decodes the message in the bytes this reading was made from: at most 300 characters, one line, free of anything that looks like a key, signature or query.</summary>
    public string Message(ReadOnlySpan<byte> body) => MessageRedactor.Decode(body.Slice(MessageStart, MessageLength), isJson: Shape is not (BodyShape.Text or BodyShape.Html));
}
