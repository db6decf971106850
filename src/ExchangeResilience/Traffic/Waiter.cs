namespace ExchangeResilience;

/// <summary>A request that waits. What changes in it is guarded by the scheduler's lock.</summary>
internal sealed class Waiter(LanePath path, TrafficRequest request, long since, long waitUntil, CancellationToken cancellationToken)
    : TaskCompletionSource<Admission>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public LanePath Path { get; } = path;
    public TrafficRequest Request { get; } = request;
    public long Since { get; } = since;
    public long WaitUntil { get; } = waitUntil;
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Its place in the row; null once it has its answer.</summary>
    public LinkedListNode<Waiter>? Place { get; set; }
    public Blocker Blocker { get; set; }
    public ITimer? Expiry { get; set; }
    public CancellationTokenRegistration Cancellation { get; set; }
}
