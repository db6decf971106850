namespace ExchangeResilience;

/// <summary>What a selector names, the most specific first: the order of the members is the order of precedence.</summary>
internal enum SelectorKind
{
    Code,
    Range,

    /// <summary>Only for errors whose code the venue does not list, or that have none.</summary>
    HttpStatus,
    Category,
    Default,
}
