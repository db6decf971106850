namespace ExchangeResilience;

/// <summary>Where in a message a text must stand to mean what it means.</summary>
internal enum TextPlace : byte
{
    /// <summary>At its start; more may follow.</summary>
    Start,

    /// <summary>It is the whole message, but for a full stop.</summary>
    Whole,

    /// <summary>Anywhere in it.</summary>
    Anywhere,
}
