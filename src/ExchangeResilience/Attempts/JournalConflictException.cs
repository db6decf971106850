namespace ExchangeResilience;

/// <summary>The journal holds orders that this call was about to send: an earlier run, or another process, has them already.</summary>
internal sealed class JournalConflictException(IReadOnlyList<(Claim Claim, JournalEntry Entry)> orders)
    : Exception("The journal holds the order already, so nothing was sent.")
{
    public IReadOnlyList<(Claim Claim, JournalEntry Entry)> Orders { get; } = orders;

    public static void ThrowIfAny(IEnumerable<Claim> claims, JournalEntry?[] standing)
    {
        if (Array.Exists(standing, static entry => entry is not null))
        {
            throw new JournalConflictException([.. claims.Zip(standing).Where(static pair => pair.Second is not null).Select(static pair => (pair.First, pair.Second!))]);
        }
    }
}
