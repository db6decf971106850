using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>Verdicts that could not be written down. To the journal their orders are in doubt still, and would be met so by the next order of the name.</summary>
internal sealed class UnwrittenVerdicts
{
    private readonly ConcurrentDictionary<Claim, OrderName> _claims = new();

    public void Note(Claim claim)
    {
        if (claim is { IsSettled: true, IsInJournal: true })
        {
            _claims[claim] = claim.Key;
        }
    }

    public void Forget(Claim claim) => _claims.TryRemove(claim, out _);

    /// <summary>Those of a name.</summary>
    public IReadOnlyList<Claim> Of(OrderName name) => _claims.IsEmpty ? [] : [.. _claims.Where(claim => claim.Value == name).Select(static claim => claim.Key)];

    /// <summary>Those that are not being written at the moment.</summary>
    public IReadOnlyList<Claim> Waiting => _claims.IsEmpty ? [] : [.. _claims.Keys.Where(static claim => claim.IsBehind)];
}
