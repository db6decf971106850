namespace ExchangeResilience;

/// <summary>The claims of the process by their names. Guarded by the table's lock, but for the count of those in doubt.</summary>
internal sealed class ClaimIndex
{
    private static readonly List<Claim> None = [];

    private readonly Dictionary<OrderName, List<Claim>> _claims = [];
    private readonly HashSet<Claim> _settled = [];
    private int _inDoubt;

    /// <summary>How many claims are in doubt; read without a lock on every query.</summary>
    public int InDoubtCount => Volatile.Read(ref _inDoubt);

    public int Count => _claims.Values.Sum(static claims => claims.Count);

    public IEnumerable<OrderName> Names => _claims.Keys;

    public IEnumerable<Claim> All => _claims.Values.SelectMany(static claims => claims);

    /// <summary>Those whose verdict still answers a repeat.</summary>
    public IReadOnlyCollection<Claim> Settled => _settled;

    public List<Claim> Of(in OrderName name) => _claims.GetValueOrDefault(name, None);

    public List<Claim> Where(Predicate<Claim> wanted)
    {
        List<Claim> found = [];
        foreach (var claims in _claims.Values)
        {
            found.AddRange(claims.FindAll(wanted));
        }

        return found;
    }

    public void Add(Claim claim)
    {
        if (!_claims.TryGetValue(claim.Key, out var claims))
        {
            _claims[claim.Key] = claims = new List<Claim>(1);
        }

        claims.Add(claim);
    }

    /// <summary>Puts a claim that holds a verdict in the place of one that was about to be sent.</summary>
    public void Replace(Claim claim, Claim known)
    {
        var claims = _claims[claim.Key];
        claims[claims.IndexOf(claim)] = known;
    }

    public void Remove(Claim claim)
    {
        _settled.Remove(claim);
        if (_claims.TryGetValue(claim.Key, out var claims) && claims.Remove(claim) && claims.Count == 0)
        {
            _claims.Remove(claim.Key);
        }
    }

    public void NoteSettled(Claim claim) => _settled.Add(claim);

    public void NoteDoubt() => Interlocked.Increment(ref _inDoubt);

    public void NoteDoubtEnded() => Interlocked.Decrement(ref _inDoubt);
}
