namespace ExchangeResilience.Testing;

/// <summary>A wait that the exchange has asked of a sender, or is about to.</summary>
internal sealed class Hold(string address, Account? account, TimeSpan until)
{
    public string Address => address;

    /// <summary>The account whose orders it concerns; null for everything from the address.</summary>
    public Account? Account => account;

    public TimeSpan Until => until;

    /// <summary>When its sender first knew, and the number of the request whose answer said so.</summary>
    public (TimeSpan At, long By)? Announced { get; set; }
}
