namespace ExchangeResilience.Testing;

/// <summary>Who may call an endpoint.</summary>
internal enum Access
{
    Public,
    Key,
    Signed,

    /// <summary>Signed, by a key that may trade.</summary>
    Trade,
}
