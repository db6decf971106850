namespace ExchangeResilience;

/// <summary>The journal holds orders that this call was about to send: an earlier run, or another process, has them already.</summary>
internal sealed class OrderStandsException(IReadOnlyList<(Claim Claim, JournalEntry Entry)> orders)
    : Exception("The journal holds the order already, so nothing was sent.")
{
    public IReadOnlyList<(Claim Claim, JournalEntry Entry)> Orders { get; } = orders;
}
