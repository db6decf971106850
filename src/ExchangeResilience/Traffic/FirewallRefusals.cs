namespace ExchangeResilience;

/// <summary>
/// Decides whether a firewall refuses the address or one request: two different requests, refused soon after each other, mean the address.
/// Paths that no table lists are odd themselves, so two of them prove nothing.
/// </summary>
internal sealed class FirewallRefusals(TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly Lock _sync = new();
    private readonly Dictionary<(string Environment, string Egress), (string Request, bool IsListed, long At)> _last = [];

    /// <summary>Notes a refusal of a request, by method and path; true where, with the one before it, it means the address. A listed path is one that the venue documents.</summary>
    public bool MeanTheAddress(TrafficScope scope, string request, bool isListed)
    {
        var now = time.GetTimestamp();
        lock (_sync)
        {
            var means = _last.TryGetValue((scope.Environment, scope.Egress), out var last)
                && last.Request != request && (isListed || last.IsListed) && time.GetElapsedTime(last.At, now) <= Soon;
            _last[(scope.Environment, scope.Egress)] = (request, isListed, now);
            return means;
        }
    }
}
