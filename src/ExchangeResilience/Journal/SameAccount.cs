namespace ExchangeResilience;

/// <summary>Whether two requests are of one account.</summary>
internal enum SameAccount
{
    Yes,
    No,

    /// <summary>Nothing distinguishes them, and nothing proves them one.</summary>
    Unclear,
}
