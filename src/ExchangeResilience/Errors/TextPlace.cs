namespace ExchangeResilience;

/// <summary>Where in a message a text must be to have its meaning.</summary>
internal enum TextPlace : byte
{
    /// <summary>At its start; more may follow.</summary>
    Start,

    /// <summary>It is the whole message, but for a full stop.</summary>
    Whole,

    /// <summary>Anywhere in it.</summary>
    Anywhere,
}
