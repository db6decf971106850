using System.Text.Json.Serialization;

namespace ExchangeResilience.Dashboard;

/// <summary>What changes by the second. Holds no key, signature or listenKey: an account is shown by its name, or by the hash that stands for its key.</summary>
internal sealed record LiveState
{
    /// <summary>What people call this process.</summary>
    public required string Process { get; init; }

    /// <summary>Where its requests go.</summary>
    public required IReadOnlyList<string> Environments { get; init; }

    /// <summary>Whose orders it sends.</summary>
    public required IReadOnlyList<string> Accounts { get; init; }

    /// <summary>Clients that do without some of what the middleware is for.</summary>
    public required IReadOnlyList<UnprotectedView> Unprotected { get; init; }

    /// <summary>Clients whose last change of settings was refused.</summary>
    public required IReadOnlyList<RefusedReloadView> RefusedReloads { get; init; }

    public HaltView? Halt { get; init; }

    /// <summary>Why the order journal refuses orders; null where it does not, and where there is none.</summary>
    public string? JournalFault { get; init; }

    /// <summary>Hosts that give no reply.</summary>
    public required IReadOnlyList<SilentHostView> SilentHosts { get; init; }

    /// <summary>Clients whose signed requests fail.</summary>
    public required IReadOnlyList<SigningFailureView> SigningFailures { get; init; }

    /// <summary>The processes that share their state with this one; null where none do.</summary>
    public FleetView? Fleet { get; init; }

    public required IReadOnlyList<LaneView> Lanes { get; init; }
    public required IReadOnlyList<ClockView> Clocks { get; init; }

    /// <summary>The oldest orders in doubt.</summary>
    public required IReadOnlyList<InDoubtView> InDoubt { get; init; }

    /// <summary>How many there are in all.</summary>
    public required int InDoubtCount { get; init; }

    /// <summary>What all of them may have bought and sold.</summary>
    public required IReadOnlyList<ExposureView> Exposure { get; init; }

    /// <summary>The latest verdicts, newest first.</summary>
    public required IReadOnlyList<VerdictView> Verdicts { get; init; }

    /// <summary>Orders that were reported as not executed and were seen later, newest first.</summary>
    public required IReadOnlyList<ContradictionView> Contradictions { get; init; }
}

/// <summary>New orders are stopped.</summary>
/// <param name="By">Who stopped them.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">Since when.</param>
/// <param name="IsExplained">Whether the operator has given a reason.</param>
internal sealed record HaltView(string By, string Reason, DateTimeOffset Since, bool IsExplained)
{
    /// <summary>Stands for the reason until the operator has given one.</summary>
    public const string Unexplained = "no reason given yet";
}

/// <summary>A host that gives no reply.</summary>
internal sealed record SilentHostView(string Host, DateTimeOffset Since, string Failure);

/// <summary>A client whose signed requests fail, and what to do about it.</summary>
internal sealed record SigningFailureView(string Client, DateTimeOffset Since, string Failure, string Advice);

/// <summary>A client that does without protection, and without which. One that only observes goes on where orders are stopped.</summary>
internal sealed record UnprotectedView(string Client, string Why, bool Observes);

/// <summary>A change of settings that was refused: the last good ones stay in force.</summary>
internal sealed record RefusedReloadView(string Client, DateTimeOffset At);

/// <summary>What orders in doubt on one symbol add up to.</summary>
/// <param name="Symbol">The symbol.</param>
/// <param name="Buys">What they may have bought; null where none buys.</param>
/// <param name="Sells">What they may have sold; null where none sells.</param>
/// <param name="Unsized">How many do not say how much, or which way.</param>
internal sealed record ExposureView(string Symbol, string? Buys, string? Sells, int Unsized);

/// <summary>The processes that share their state.</summary>
/// <param name="StoreFault">Why the store cannot be reached; null while it can.</param>
/// <param name="StoreFaultSince">Since when.</param>
/// <param name="Members">This process first, the others by name.</param>
internal sealed record FleetView(string? StoreFault, DateTimeOffset? StoreFaultSince, IReadOnlyList<MemberView> Members);

/// <summary>One process.</summary>
/// <param name="Id">Under which it holds entries.</param>
/// <param name="Name">What people call it.</param>
/// <param name="IsThis">Whether it is the one that shows this.</param>
/// <param name="UpSeconds">How long it has been a member.</param>
/// <param name="LeaseSeconds">What was left of its lease when the store was last asked; 0 once others may take over what it holds.</param>
/// <param name="Unfinished">How many entries of the journal it holds.</param>
internal sealed record MemberView(string Id, string Name, bool IsThis, long UpSeconds, int LeaseSeconds, int Unfinished);

/// <summary>One lane and its counters.</summary>
/// <param name="Lane">Which kind.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Key">Whose lane it is.</param>
/// <param name="State">How far it is open.</param>
/// <param name="Until">Until when it is held.</param>
/// <param name="BannedUntil">Until when the exchange has banned the address, by its clock; null where it has not.</param>
/// <param name="Code">The code that last closed it.</param>
/// <param name="ToldTo">The process that the exchange told, where several share their state; null where nobody knows.</param>
/// <param name="Waiters">How many requests stand before it.</param>
/// <param name="Windows">Its counters.</param>
internal sealed record LaneView(
    string Lane, string Environment, string Key, string State, DateTimeOffset? Until, DateTimeOffset? BannedUntil, int? Code, string? ToldTo, int Waiters, IReadOnlyList<WindowView> Windows);

/// <summary>One counter in its current window.</summary>
internal sealed record WindowView(int Seconds, int Used, int? Limit);

/// <summary>One clock, in whole milliseconds.</summary>
internal sealed record ClockView(string Environment, bool IsSynchronised, long OffsetMs, long? UncertaintyMs, int Measurements, DateTimeOffset? MeasuredAt, bool HasFailed);

/// <summary>An order in doubt.</summary>
internal sealed record InDoubtView(
    string Client, string Account, string Symbol, string ClientOrderId, string Kind, DateTimeOffset Since, string State, IReadOnlyList<string> Trail)
{
    public string? Side { get; init; }
    public string? Type { get; init; }

    /// <summary>As the request wrote it.</summary>
    public string? Quantity { get; init; }
    public string? Price { get; init; }
    public string? StopPrice { get; init; }
    public bool IsReduceOnly { get; init; }

    /// <summary>When the exchange is asked next; a time that has passed while it is being asked.</summary>
    public DateTimeOffset? NextQuestionAt { get; init; }

    /// <summary>From when on its absence can be proven; null where it never can.</summary>
    public DateTimeOffset? ProvableFrom { get; init; }
}

/// <summary>How an order in doubt ended.</summary>
internal sealed record VerdictView(DateTimeOffset At, string Symbol, string ClientOrderId, string Kind, string Execution, string Evidence);

/// <summary>An absence that was none.</summary>
internal sealed record ContradictionView(DateTimeOffset At, string Symbol, string ClientOrderId, string Kind, string Status);

/// <summary>The settings of all clients, which change rarely.</summary>
internal sealed record PolicyState(IReadOnlyList<ClientView> Clients);

/// <summary>One client's settings in force and how their last reload went.</summary>
internal sealed record ClientView(string Name, string Account, string Mode, int Version, ReloadView? Reload, IReadOnlyList<RowView> Rows);

/// <summary>The last reload.</summary>
internal sealed record ReloadView(DateTimeOffset At, bool Accepted, IReadOnlyList<string> Faults);

/// <summary>One row of the policy matrix.</summary>
internal sealed record RowView(
    string Selector, string Action, int MaxAttempts, string BaseDelay, string MaxDelay, string Lane, string Execution, bool IsOverridden);

/// <summary>One decision, or all about what one hold has turned away.</summary>
/// <param name="Id">The same while it grows.</param>
/// <param name="Number">The latest decision's.</param>
/// <param name="At">When that was.</param>
/// <param name="Since">When the first was.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Operation">What the request was.</param>
/// <param name="ClientOrderId">The order's id.</param>
/// <param name="Code">The exchange's code; 0 where it gave none.</param>
/// <param name="Error">The error's name.</param>
/// <param name="Trouble">What was wrong, in the words of the log.</param>
/// <param name="Execution">Whether it took effect.</param>
/// <param name="Outcome">The same in the words of the log.</param>
/// <param name="Said">What happens next and why, in the words of the log.</param>
/// <param name="Attempt">How often the request has been sent.</param>
internal sealed record DecisionView(
    long Id, long Number, DateTimeOffset At, DateTimeOffset Since, int Count, string Operation, string? ClientOrderId, int Code, string Error, string Trouble, string Execution, string Outcome, string Said, int Attempt);

/// <summary>What stands behind a decision.</summary>
/// <param name="Message">What the exchange said, or this library.</param>
/// <param name="IsOurs">Whether this library said it.</param>
/// <param name="Advice">What to do about it.</param>
/// <param name="Steps">The call's story as far as it goes.</param>
internal sealed record DecisionDetail(string Message, bool IsOurs, string Advice, IReadOnlyList<StepView> Steps);

/// <summary>One step of a call.</summary>
internal sealed record StepView(long AtMs, string Text);

/// <summary>What is remembered of one instant.</summary>
internal sealed record SampleView(
    long Number, DateTimeOffset At, IReadOnlyList<ClockSampleView> Clocks, IReadOnlyList<WeightSampleView> Weights, IReadOnlyList<ErrorSampleView> Errors, TradeSampleView Trade);

/// <summary>What left since the instant before.</summary>
/// <param name="Requests">Attempts that left.</param>
/// <param name="Orders">Orders they placed or amended.</param>
/// <param name="Failed">Attempts that did not do what they asked for.</param>
/// <param name="P50Ms">How long half of the replies of the last minute took at most; null where there was none.</param>
/// <param name="P99Ms">How long all but one in a hundred took at most.</param>
internal sealed record TradeSampleView(long Requests, long Orders, long Failed, double? P50Ms, double? P99Ms);

/// <summary>A clock at that instant.</summary>
internal sealed record ClockSampleView(string Environment, long OffsetMs, long UncertaintyMs);

/// <summary>An address's request weight at that instant.</summary>
internal sealed record WeightSampleView(string Environment, string Key, int Used, int? Limit);

/// <summary>Errors since the instant before.</summary>
internal sealed record ErrorSampleView(int Code, string Name, long Count);

/// <summary>Everything at once, for programs that ask once.</summary>
internal sealed record WholeState(DateTimeOffset Now, bool MayAct, LiveState Live, PolicyState Policies, IReadOnlyList<DecisionView> Decisions);

/// <summary>What a person asks for.</summary>
internal sealed record ActionRequest
{
    public string? Environment { get; init; }
    public string? Lane { get; init; }
    public string? Key { get; init; }
    public string? Client { get; init; }
    public string? Account { get; init; }
    public string? Symbol { get; init; }
    public string? ClientOrderId { get; init; }
    public string? Kind { get; init; }
    public string? Execution { get; init; }
    public string? Reason { get; init; }
}

/// <summary>What became of it.</summary>
internal sealed record ActionResult(bool Done, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WholeState))]
[JsonSerializable(typeof(IReadOnlyList<DecisionView>))]
[JsonSerializable(typeof(IReadOnlyList<SampleView>))]
[JsonSerializable(typeof(DecisionDetail))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(ActionResult))]
internal sealed partial class DashboardJson : JsonSerializerContext;
