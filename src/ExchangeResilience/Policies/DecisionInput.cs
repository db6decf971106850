namespace ExchangeResilience;

/// <summary>Everything a decision depends on.</summary>
internal readonly record struct DecisionInput
{
    public required OperationKind Kind { get; init; }
    public required ErrorCategory Category { get; init; }
    public required ExecutionStatus Execution { get; init; }
    public required PolicyRow Row { get; init; }

    /// <summary>Sends so far, this one included.</summary>
    public required int Attempts { get; init; }

    /// <summary>Resyncs so far in this call, and how many are allowed.</summary>
    public int Resyncs { get; init; }
    public int MaxResyncs { get; init; }

    /// <summary>The stamp was made by a clock that had just been confirmed, after another by the same clock was refused: a third would be refused, too.</summary>
    public bool ClockIsConfirmed { get; init; }

    /// <summary>The request never left: a lane or a limit held it back.</summary>
    public bool HeldBack { get; init; }

    public bool Observing { get; init; }

    /// <summary>The order has an id, or the additive request is listed in a history, so that it can be looked up.</summary>
    public bool CanBeReconciled { get; init; }

    /// <summary>What was sent can be looked up at the exchange now, with this client's own key.</summary>
    public bool CanBeLookedFor { get; init; }

    /// <summary>The failure is known by no more than a sentence of the exchange.</summary>
    public bool IsMereSentence { get; init; }

    /// <summary>The request is signed by this library, with a key of its own.</summary>
    public bool CanBeSignedAgain { get; init; }

    /// <summary>An earlier attempt of this call was not refused for certain, even if evidence has since shown it absent.</summary>
    public bool EarlierAttemptMayHaveWorked { get; init; }

    /// <summary>The order a cancel names was placed and is still in doubt.</summary>
    public bool PlaceInDoubt { get; init; }

    /// <summary>An order was placed for the symbol since this cancel-all first left.</summary>
    public bool PlacedSince { get; init; }

    /// <summary>How long until the closed lane opens; zero where none was closed that this call travels.</summary>
    public TimeSpan LaneOpensIn { get; init; }

    /// <summary>The wait this library would choose by itself.</summary>
    public TimeSpan Backoff { get; init; }

    /// <summary>The wait that the exchange asked for.</summary>
    public TimeSpan AskedToWait { get; init; }

    /// <summary>How much time is left in which another attempt may start.</summary>
    public required TimeSpan TimeLeft { get; init; }
}
