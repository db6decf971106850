namespace ExchangeResilience;

/// <summary>An attempt that did not succeed.</summary>
internal sealed class AttemptFailure
{
    public required ExchangeError Error { get; init; }
    public required PolicyRow Row { get; init; }

    /// <summary>The reply, its body in memory; null where none arrived.</summary>
    public HttpResponseMessage? Response { get; init; }

    /// <summary>What broke, where no reply arrived.</summary>
    public Exception? Cause { get; init; }

    /// <summary>The request never left: a lane, a limit or its send window held it back.</summary>
    public bool HeldBack { get; init; }

    /// <summary>No byte of the request can have reached the exchange: no connection came about.</summary>
    public bool NeverLeft { get; init; }

    /// <summary>Why the gate did not let the request out; <see cref="RefusalReason.None"/> where it was not the gate.</summary>
    public RefusalReason RefusedBy { get; init; }

    /// <summary>The reply is about several things, some of which are known: it is returned unchanged, though it leaves others open.</summary>
    public bool TellsOfParts { get; init; }

    /// <summary>The lane this failure closed for every client that shares it.</summary>
    public TrafficLane ClosedLane { get; init; }

    /// <summary>How long the lane this failure closed keeps this call; zero where it closed none, or none that the call travels.</summary>
    public TimeSpan LaneOpensIn { get; init; }

    /// <summary>How long the exchange asked this call to wait, whether it closed a lane or not.</summary>
    public TimeSpan AskedToWait { get; init; }

    /// <summary>The reply's Date; null where it bore none, or no reply arrived.</summary>
    public DateTimeOffset? Date => Response?.Headers.Date;

    /// <summary>The clock measurement the attempt's stamp was made with.</summary>
    public int ClockGeneration { get; init; }

    /// <summary>The reply's body, bounded.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>
    /// The exchange says that the request failed, and only that sentence proves it: an order refused so has been found open all the same. Any other refusal is for a reason that
    /// lies in the request, the account or a limit.
    /// </summary>
    public bool IsMereSentence => !HeldBack && Response is not null && Error.Execution == ExecutionStatus.NotExecuted
        && (Error.Category is ErrorCategory.Overloaded or ErrorCategory.Unavailable || (int)Response.StatusCode >= 500);

    /// <summary>The same failure, once its sentence is no longer believed.</summary>
    public AttemptFailure Doubted() => new() { Error = LocalErrors.Doubted(Error), Row = Row };

    /// <summary>The reply as it can be handed out again; null where none arrived, and where it has the status of a success, which no failure is delivered under.</summary>
    public ReplySnapshot? Snapshot =>
        Response is not { IsSuccessStatusCode: false } ? null : new ReplySnapshot(Response.StatusCode, Body, Response.Content.Headers.ContentType?.ToString());
}
