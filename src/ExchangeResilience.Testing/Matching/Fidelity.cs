namespace ExchangeResilience.Testing;

/// <summary>How far an endpoint can be trusted to be the exchange's.</summary>
internal enum Fidelity
{
    /// <summary>It reads or changes what is kept here, checks what the exchange checks, and refuses with its texts.</summary>
    Kept,

    /// <summary>It makes data up that agree with the price and with each other.</summary>
    Synthetic,

    /// <summary>It gives what this exchange never changes.</summary>
    Constant,
}
