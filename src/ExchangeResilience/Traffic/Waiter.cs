namespace ExchangeResilience;

/// <summary>A request standing at the gate. What changes in it belongs to the scheduler's lock.</summary>
internal sealed class Waiter(Gate gate, TrafficRequest request, long since, long waitUntil, CancellationToken cancellationToken)
    : TaskCompletionSource<Admission>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Gate Gate { get; } = gate;
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
