namespace ExchangeResilience;

/// <summary>One request of the caller, from entry to verdict.</summary>
internal sealed class Call(HttpRequestMessage request, ExchangeOperation operation, Route route, CancellationToken cancellationToken)
{
    private static readonly ApplicationCall None = new(0, [], new AccountIdentity { Label = AccountIdentity.Anonymous });

    private ReportBuilder? _report;
    private TaskCompletionSource? _ended;

    /// <summary>What the caller holds. It stays as it is.</summary>
    public HttpRequestMessage Request { get; } = request;

    /// <summary>What leaves: the caller's message, or a smaller batch made of it.</summary>
    public HttpRequestMessage Message { get; set; } = request;

    public ExchangeOperation Operation { get; } = operation;
    public Route Route { get; } = route;
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The call of the application that this send belongs to; for a query, or a client that only observes, it has no meaning.</summary>
    public ApplicationCall Application { get; init; } = None;

    /// <summary>The time in which the exchange takes the request, where it was signed before it came here; else null.</summary>
    public SignedWindow? Window { get; init; }

    /// <summary>When the caller's time began to run.</summary>
    public required EntryTime Started { get; init; }

    public ExchangeClient Client => Route.Client;
    public ClientSettings Settings => Route.Settings;
    public ExchangeErrorHandlingOptions Options => Settings.Options;

    /// <summary>One of this library's own look-ups: no recovery, and first in line.</summary>
    public bool IsOwnQuestion { get; init; }

    /// <summary>The request weight it costs the address.</summary>
    public required int Weight { get; init; }

    /// <summary>What this call may do under: one claim for an order, one for each item of a batch, none for anything else.</summary>
    public IReadOnlyList<Claim> Claims { get; set; } = [];

    /// <summary>The claim of a single order; null for everything else.</summary>
    public Claim? Claim => Claims is [var only] && !Operation.Endpoint.IsBatch ? only : null;

    /// <summary>What this call may have added, if it does that and a history lists it; null for everything else.</summary>
    public AdditiveRequest? Addition => Operation.Traits is null ? null : Application.Addition;

    public bool WritesAhead => Claims.Count > 0 && WritesAheadIfClaimed;

    /// <summary>Whether the journal may hold an earlier run's sending of one of its orders, and is read before one of them leaves or is refused.</summary>
    public bool MayBeAnEarlierRuns => Claims.Count > 0 && ReadsJournal;

    /// <summary>Whether the journal may hold an earlier run's sending of an order, and nothing of that is denied before it was read.</summary>
    public bool ReadsJournal => Client.Services.Journal.IsDurable && Options.Mode == HandlingMode.Enforce;

    /// <summary>Whether each attempt of an order is written down before it leaves.</summary>
    public bool WritesAheadIfClaimed => Client.Services.Journal.IsDurable && Options is { Mode: HandlingMode.Enforce, Reconciliation.Journal: JournalMode.WriteAhead };

    public int Attempts { get; set; }

    /// <summary>At most five; a byte, since every call pays for its size.</summary>
    public byte Resyncs { get; set; }

    /// <summary>A stamp was refused, and the measurement that followed confirmed the clock it was made by.</summary>
    public bool ClockWasConfirmed { get; set; }

    /// <summary>An attempt has left that was not refused for certain.</summary>
    public bool MayHaveWorked { get; set; }

    /// <summary>An attempt's outcome is unknown, and no evidence has settled it yet; of a cancel, also one of another send of the application's call.</summary>
    public bool IsUnresolved
    {
        get => field || RepeatsUnresolved;
        set;
    }

    /// <summary>Another send of the application's call was a cancel that may have worked.</summary>
    public bool RepeatsUnresolved => IsRepeatable && Application.SendMayHaveWorked;

    /// <summary>An attempt was not refused for certain, even if evidence has since shown it absent.</summary>
    public bool AnAttemptMayHaveWorked { get; set; }

    /// <summary>An attempt at an order that failed by no more than the exchange's sentence: before another leaves, the order is looked for. Null while there is none.</summary>
    public AttemptFailure? Sentence { get; set; }

    /// <summary>
    /// A later call has placed what this cancel would cancel too. A cancel of all leaves once all the same, since it protects the caller; its repeat would cancel orders that the caller placed after it.
    /// </summary>
    public bool MayCancelNewerOrder => Operation.Kind switch
    {
        OperationKind.Cancel => Application.Cancels.Any(Application.IsOvertaken),
        OperationKind.CancelAll => Application.HasLeft && Application.Cancels.Any(Application.IsOvertaken),
        _ => false,
    };

    /// <summary>The exchange's time, in milliseconds since 1970; 0 where it was not measured.</summary>
    public long NowMs => Route.Clock.IsSynchronised ? Route.Clock.NowMs : 0;

    public bool HasReport => _report is not null;
    public ReportBuilder Report => _report ??= new ReportBuilder(Time, Started.Timestamp);

    public Task Ended => (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void End() => _ended?.TrySetResult();

    /// <summary>Whether it may be an order on a path that no table lists.</summary>
    public bool MayBeOrder => Operation.MayBeOrder && Request.Method != HttpMethod.Delete;

    public TrafficRequest TrafficRequest =>
        new(TrafficClass, Weight, Operation.Endpoint.OrdersPer10Seconds, Operation.Endpoint.OrdersPerMinute, Route.Limits.For(Options));

    public TrafficClass TrafficClass => IsOwnQuestion
        ? Operation.Kind == OperationKind.Cancel ? TrafficClass.Cancel : TrafficClass.Evidence
        : Operation.Kind switch
        {
            OperationKind.Query => TrafficClass.Query,
            OperationKind.Place or OperationKind.Amend => Operation.Risk == RiskDirection.Reducing ? TrafficClass.ReducingOrder : TrafficClass.Order,
            OperationKind.Cancel or OperationKind.CancelAll or OperationKind.Heartbeat => TrafficClass.Cancel,
            _ => TrafficClass.Setting,
        };

    /// <summary>How long truth may still be sought.</summary>
    public TimeSpan TotalLeft => LeftOf(Options.TotalTimeout, Time.GetElapsedTime(Started.Timestamp));

    /// <summary>How long another attempt may still start.</summary>
    public TimeSpan SendLeft => SendLeftAt(Time.GetTimestamp());

    /// <summary>How long the call may wait in front of a closed lane.</summary>
    public TimeSpan WaitLeft => IsOrder ? SendLeft : TimeSpan.Min(SendLeft, Options.MaxWait);

    /// <summary>The last instant, on the exchange's clock, at which an attempt may be stamped, as seen at a timestamp of this moment.</summary>
    public long NoStampAfterMsAt(long now) => Route.Clock.ReadAt(now).NowMs + (long)SendLeftAt(now).TotalMilliseconds;

    /// <summary>How long, from a timestamp on, another attempt may still start.</summary>
    public TimeSpan SendLeftAt(long now)
    {
        var left = LeftOf(IsOrder ? TimeSpan.Min(SendBefore, Options.TotalTimeout) : Options.TotalTimeout, AgeAt(now));
        return Window is null ? left : TimeSpan.Min(left, WindowLeftAt(now));
    }

    /// <summary>Whether something that the call waits for ends within a time.</summary>
    public async Task<bool> EndsWithinAsync(Task awaited, TimeSpan time)
    {
        try
        {
            await awaited.WaitAsync(time, Time, CancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Whether it is the request's own signature, and no setting, that gives it no more time than this.</summary>
    public bool OutlastsSignature(TimeSpan within) => Window is not null && WindowLeftAt(Time.GetTimestamp()) <= within;

    /// <summary>It is not known whether this cancel or setting worked: another send of the application's call must not report less than that.</summary>
    public void NoteUnresolved()
    {
        if (IsRepeatable)
        {
            Application.SendMayHaveWorked = true;
        }
    }

    /// <summary>Its story so far, as its caller gets it.</summary>
    public RecoveryReport ReportOf(ExecutionStatus execution, bool isSearched = true) => Report.Build(Client.Name, Operation, Attempts, execution, isSearched ? NextAfter(execution) : null);

    /// <summary>An error without the wait that it was made with, where that is over since: a search may have taken longer.</summary>
    public ExchangeError WithoutPastWait(ExchangeError error) =>
        error.RetryAt is { } until && until <= Time.GetUtcNow() ? error with { RetryAt = null, RetryAfter = null } : error;

    /// <summary>What it is about, for a sentence: client, method, path and client order id.</summary>
    public string Subject => $"{Client.Name}: {Operation}{(Operation.ClientOrderId is { } id ? $" {id}" : "")}";

    /// <summary>What a caller that cancels it gets.</summary>
    public ExchangeOperationCanceledException Cancelled(ExecutionStatus execution, Exception? inner) =>
        new($"{Client.Name}: {Operation}", Operation.ClientOrderId, execution, inner, CancellationToken);

    private string? NextAfter(ExecutionStatus execution) =>
        execution != ExecutionStatus.Unknown || !Operation.Endpoint.TakesClaims ? null
        : Client.OriginOf(Route).CanAsk ? "The search goes on in the background; the same call again joins it."
        : "Without its key the exchange cannot be asked about it: look it up there, and settle it through IInDoubtOrders.";

    private bool IsRepeatable => Operation.Kind is OperationKind.Cancel or OperationKind.CancelAll or OperationKind.Setting or OperationKind.Heartbeat or OperationKind.Unclassified;

    private bool IsOrder => Operation.Kind is OperationKind.Place or OperationKind.Amend;

    private TimeSpan SendBefore => Request.Options.TryGetValue(ExchangeRequestExtensions.SendBeforeKey, out var own) ? own : Options.SendBefore;

    private TimeProvider Time => Client.Services.Time;

    private TimeSpan WindowLeftAt(long now) => Window!.Left(AgeAt(now), Route.Gate.EarliestNow(date: null));

    // A query or a protective request does no harm late, and must not be lost because the wall clock is set.
    private TimeSpan AgeAt(long now) => Operation.Kind is OperationKind.Query or OperationKind.Cancel or OperationKind.CancelAll
        ? Time.GetElapsedTime(Started.Timestamp, now)
        : Started.AgeAt(Time, now);

    private static TimeSpan LeftOf(TimeSpan whole, TimeSpan age) => TimeSpan.Max(whole - age, TimeSpan.Zero);
}
