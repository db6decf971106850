namespace ExchangeResilience;

/// <summary>What the middleware does with what it learns.</summary>
public enum HandlingMode
{
    /// <summary>Classify, wait, heal, reconcile.</summary>
    Enforce = 0,

    /// <summary>Classify and report only: every request is sent once, at once, and nothing is protected. A running program does not change to it.</summary>
    Observe,
}

/// <summary>What happens to an order without a client order id.</summary>
public enum ClientOrderIdMode
{
    /// <summary>One is generated and written into the caller's message.</summary>
    Generate = 0,

    /// <summary>The order is refused before it is sent.</summary>
    Require,
}

/// <summary>What happens to a place or amend that evidence proves absent.</summary>
public enum AfterProvenAbsent
{
    /// <summary>The caller is told <see cref="ExecutionStatus.NotExecuted"/>.</summary>
    Report = 0,

    /// <summary>It is sent again, as long as <see cref="ExchangeErrorHandlingOptions.SendBefore"/> allows, which must be longer than the proof takes: recvWindow and settle margin.</summary>
    Resend,
}

/// <summary>When an order is written into the journal, where there is one.</summary>
public enum JournalMode
{
    /// <summary>Before it leaves, each attempt on stable storage first. A crash at any moment loses nothing.</summary>
    WriteAhead = 0,

    /// <summary>Once its outcome is unknown. Costs nothing while all is well; a crash forgets the orders that were in flight. The journal is not asked before an order leaves, so one
    /// that an earlier run settled without telling anybody is sent again if it is meant again.</summary>
    OnUnknown,
}

/// <summary>
/// Settings of one named client. Configuration writes times as <c>hh:mm:ss</c> or with their unit (<c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>); a bare number is refused.
/// </summary>
public sealed class ExchangeErrorHandlingOptions
{
    /// <summary>The exchange and product. Defaults to <see cref="ExchangeVenue.BinanceUsdFutures"/>.</summary>
    public ExchangeVenue Venue { get; set; } = ExchangeVenue.BinanceUsdFutures;

    /// <summary>Defaults to <see cref="HandlingMode.Enforce"/>.</summary>
    public HandlingMode Mode { get; set; }

    /// <summary>How long one call may take in all, waits and the search for truth included. Defaults to 30 s.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one attempt may take, the reading of its reply included. Defaults to 10 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>No attempt, wait or resend of a place or amend starts later than this after the call began. Defaults to 5 s.</summary>
    public TimeSpan SendBefore { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest a query waits for a hold or a limit before it fails with <see cref="ExchangeError.RetryAt"/>. Orders wait at most what is left of <see cref="SendBefore"/>. Defaults to 60 s.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a known error is thrown as <see cref="ExchangeErrorException"/> instead of returned as an annotated response. Defaults to false.</summary>
    public bool ThrowOnError { get; set; }

    /// <summary>Defaults to <see cref="ClientOrderIdMode.Generate"/>.</summary>
    public ClientOrderIdMode ClientOrderIds { get; set; }

    /// <summary>What generated client order ids start with: 0 to 10 of <c>A-Z a-z 0-9 . _ : / -</c>. Defaults to <c>xr-</c>.</summary>
    public string ClientOrderIdPrefix { get; set; } = "xr-";

    /// <summary>Defaults to <see cref="AfterProvenAbsent.Report"/>.</summary>
    public AfterProvenAbsent AfterProvenAbsent { get; set; }

    /// <summary>Full type names of handlers that may stand between this one and the wire. They must never send a request twice.</summary>
    public IList<string> TrustedInnerHandlers { get; } = [];

    /// <summary>Names the environment whose clock, holds and claims this client shares; null takes it from the host (live and testnet never mix).</summary>
    public string? Environment { get; set; }

    /// <summary>Names the account; null takes a hash of the API key.</summary>
    public string? Account { get; set; }

    /// <summary>Names the address requests leave from. Clients on different addresses do not share bans. Defaults to <c>default</c>.</summary>
    public string EgressName { get; set; } = "default";

    /// <summary>Overrides of the policy matrix: selector (code, range, category, <c>Http503</c>, <c>Transport</c>, <c>Default</c>) to row.</summary>
    public IDictionary<string, ErrorPolicy> Policies { get; } = new Dictionary<string, ErrorPolicy>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Endpoints of the program's own: a path the built-in table does not know, or a row in place of a built-in one of the same method and path. Set in code only.
    /// </summary>
    public IList<ExchangeEndpoint> Endpoints { get; } = [];

    /// <summary>How the exchange's time is kept.</summary>
    public ClockOptions Clock { get; } = new();

    /// <summary>How unknown outcomes are settled.</summary>
    public ReconciliationOptions Reconciliation { get; } = new();

    /// <summary>What the exchange allows.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>What could not be read from configuration; the validator reports it together with its own findings.</summary>
    internal ICollection<string> ReadFaults { get; } = [];
}

/// <summary>How the exchange's time is kept.</summary>
public sealed class ClockOptions
{
    /// <summary>How often the offset is measured anew in the background of signed calls. Defaults to 30 min.</summary>
    public TimeSpan ResyncInterval { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many samples a refinement takes; the one with the shortest round trip wins. 1 to 20, defaults to 5.</summary>
    public int Samples { get; set; } = 5;

    /// <summary>How often one call may resync and send again. 1 to 5, defaults to 2.</summary>
    public int MaxResyncsPerCall { get; set; } = 2;
}

/// <summary>How unknown outcomes are settled.</summary>
public sealed class ReconciliationOptions
{
    /// <summary>
    /// How much longer than its receive window an order must stay absent before that counts as proof: assumption A1, that
    /// the exchange's queries lag by no more than this. Defaults to 10 s.
    /// </summary>
    public TimeSpan SettleMargin { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many answers of absence are needed at least. 3 to 20, defaults to 3.</summary>
    public int MinimumAbsences { get; set; } = 3;

    /// <summary>The first pause between two questions about one order; it doubles up to <see cref="MaxPause"/>. Defaults to 250 ms.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause between two questions while a caller waits. Defaults to 4 s.</summary>
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>When a verdict of absence is asked again, counted from the verdict. Defaults to 1 and 10 min.</summary>
    public IList<TimeSpan> Rechecks { get; } = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    /// <summary>How long a verdict nobody has fetched is kept. Defaults to 24 h. What is in doubt is kept without limit.</summary>
    public TimeSpan VerdictRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>When an order is written into the journal, where one is added. Defaults to <see cref="JournalMode.WriteAhead"/>.</summary>
    public JournalMode Journal { get; set; }

    /// <summary>
    /// How long after its verdict an order is still the same order to a later run of the program: sent again with the same id and parameters, it gets that
    /// verdict instead of being placed anew. Needs a journal. Defaults to 1 h.
    /// </summary>
    public TimeSpan RepeatsAfterRestart { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many orders may be in doubt at once; further orders are refused before they are sent. Defaults to 10,000.</summary>
    public int MaxInDoubt { get; set; } = 10_000;
}

/// <summary>What the exchange allows. Null: asked from the exchange (exchangeInfo), else the venue's documented figure.</summary>
public sealed class LimitOptions
{
    /// <summary>Request weight per minute and address.</summary>
    public int? WeightPerMinute { get; set; }

    /// <summary>Orders per 10 s and account.</summary>
    public int? OrdersPer10Seconds { get; set; }

    /// <summary>Orders per minute and account.</summary>
    public int? OrdersPerMinute { get; set; }

    /// <summary>Whether requests wait by themselves before a limit is reached, instead of only after the exchange complained. Defaults to true.</summary>
    public bool PaceBeforeLimit { get; set; } = true;

    /// <summary>How many requests may wait in one lane; further ones fail at once. Defaults to 10,000.</summary>
    public int MaxWaiters { get; set; } = 10_000;
}
