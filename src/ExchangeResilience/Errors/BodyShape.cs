namespace ExchangeResilience;

/// <summary>What a reply's body is, before what it says is read.</summary>
internal enum BodyShape : byte
{
    Empty = 0,
    Object,
    Array,

    /// <summary>Neither JSON object nor array nor markup, for example <c>SUCCESS</c>.</summary>
    Text,
    Html,

    /// <summary>Began as JSON and is not, is cut off, or is not UTF-8. What it seems to say is for display only.</summary>
    Malformed,
}
