namespace ExchangeResilience;

/// <summary>How one attempt ended: a response, with its body where that was read, or a failure.</summary>
internal readonly record struct AttemptOutcome(HttpResponseMessage? Response, AttemptFailure? Failure, byte[]? Body)
{
    /// <summary>The lane an item of a batch has closed, in a reply that is a success as a whole.</summary>
    public TrafficLane ClosedByItem { get; init; }
}
