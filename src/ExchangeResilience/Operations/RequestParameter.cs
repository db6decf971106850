namespace ExchangeResilience;

/// <summary>One name and value, as a view of the text they were sent in.</summary>
internal readonly struct RequestParameter(string text, int start, int length, bool inQuery)
{
    /// <summary>Whether it is in the query; otherwise it is in the body.</summary>
    public bool InQuery { get; } = inQuery;

    /// <summary>Name and value as sent, with the equals sign if there is one.</summary>
    public ReadOnlySpan<char> Raw => text.AsSpan(start, length);

    public ReadOnlySpan<char> RawName => Raw.IndexOf('=') is >= 0 and var end ? Raw[..end] : Raw;

    public ReadOnlySpan<char> RawValue => Raw.IndexOf('=') is >= 0 and var end ? Raw[(end + 1)..] : [];

    public string Name => ParameterText.Decode(RawName);

    /// <summary>The decoded value; empty where there is no equals sign. Malformed escapes are kept as they are.</summary>
    public string Value => ParameterText.Decode(RawValue);

    public bool IsNamed(string name)
    {
        // Nearly every name is another one from its first character on.
        var raw = Raw;
        if (raw is [not '%' and var first, ..] && name is [var initial, ..] && first != initial)
        {
            return false;
        }

        raw = RawName;
        return raw.SequenceEqual(name)
            || (ParameterText.HasEscapes(raw) && string.Equals(ParameterText.Decode(raw), name, StringComparison.Ordinal));
    }
}
