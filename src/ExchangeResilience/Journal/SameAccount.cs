namespace ExchangeResilience;

/// <summary>Whether two requests are of one account.</summary>
internal enum SameAccount
{
    Yes,
    No,

    /// <summary>Nothing tells them apart, and nothing proves them one.</summary>
    Unclear,
}
