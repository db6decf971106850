namespace ExchangeResilience;

/// <summary>What was decided about one failed attempt, or about all that one hold has turned away.</summary>
/// <param name="Endpoint">What the request was.</param>
/// <param name="ClientOrderId">The order's id; null where the request names none.</param>
/// <param name="Error">What was wrong.</param>
/// <param name="Decision">What happens next, why, and after which wait.</param>
/// <param name="Said">The same as the log words it.</param>
/// <param name="Attempt">How often the request has been sent.</param>
internal readonly record struct DecisionRecord(ExchangeEndpoint Endpoint, string? ClientOrderId, ExchangeError Error, Decision Decision, string Said, int Attempt)
{
    /// <summary>Counts all decisions of the process, from 1. Of several in one record it is the latest's. The feed gives it.</summary>
    public long Number { get; init; }

    /// <summary>When, by the local wall clock. The feed notes it.</summary>
    public DateTimeOffset At { get; init; }

    public int Code => Error.Code;

    /// <summary>The same for as long as the record is kept. The feed gives it.</summary>
    public long Id { get; init; }

    /// <summary>The call's story, which may not have ended.</summary>
    public required ReportBuilder Report { get; init; }

    /// <summary>What at the gate turned it away; none where it left.</summary>
    public RefusalReason RefusedBy { get; init; }

    /// <summary>Where the request was to go.</summary>
    public required string Environment { get; init; }

    /// <summary>How many were turned away like this one, itself included.</summary>
    public int Count { get; init; } = 1;

    /// <summary>When the first of them was.</summary>
    public DateTimeOffset Since { get; init; }
}
