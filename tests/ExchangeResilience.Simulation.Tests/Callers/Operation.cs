using System.Globalization;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>What one call told its caller.</summary>
internal sealed record CallAnswer(SimulatedProcess Process, TimeSpan CalledAt, TimeSpan At, ExecutionStatus Execution, int Code, string Name, DateTimeOffset? RetryAt)
{
    /// <summary>The exchange's id of the order, where the reply shows one.</summary>
    public string? OrderId { get; init; }

    private const string Died = "died";

    /// <summary>Nothing was told: the process died first.</summary>
    public bool IsOfADeath => Name == Died;

    public static CallAnswer OfDeath(SimulatedProcess process, TimeSpan calledAt, TimeSpan at) => Of(process, calledAt, at, Died);

    /// <summary>Nothing definite.</summary>
    public static CallAnswer Of(SimulatedProcess process, TimeSpan calledAt, TimeSpan at, string name) => new(process, calledAt, at, ExecutionStatus.Unknown, 0, name, null);

    /// <summary>The status it came under; zero for an exception.</summary>
    public int Status { get; init; }

    /// <summary>The orders that it is about, where one exception told of a whole batch; else none.</summary>
    public IReadOnlyList<Operation> Batch { get; init; } = [];

    /// <summary>The cancel was kept for an order in doubt.</summary>
    public bool CancelIsKept { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Execution} {Name} {Code}{(CancelIsKept ? ", kept" : "")}");
}

/// <summary>
/// One thing a caller wants done, in the ledger it keeps where no crash reaches: what it is, whether it was begun, and all that was said of it.
/// </summary>
internal sealed class Operation(EffectKind kind, OrderTermsWanted order, string name, HttpMethod method, Manner manner)
{
    public const string MainAccount = "main";

    private readonly List<CallAnswer> _answers = [];
    private readonly List<TimeSpan> _begun = [];

    public EffectKind Kind => kind;
    public OrderTermsWanted Order => order;
    public HttpMethod Method => method;
    public Manner Manner => manner;

    public string Path { get; init; } = "/fapi/v1/order";

    /// <summary>Whose account it concerns.</summary>
    public string Account { get; init; } = MainAccount;

    public bool IsCancelAll => Path == "/fapi/v1/allOpenOrders";
    public bool IsCancel => kind is EffectKind.Cancelled or EffectKind.AlgoCancelled;

    /// <summary>The quantity by which its effect is known; a cancel has none.</summary>
    public decimal Quantity { get; init; }

    /// <summary>By what its requests are known; null where nothing tells them apart.</summary>
    public string? NameOnTheWire => kind == EffectKind.MarginChanged ? string.Create(CultureInfo.InvariantCulture, $"{order.Symbol} {Quantity:0.######}") : IsCancelAll ? null : order.Id;

    /// <summary>Its parameters, apart from how it names the order.</summary>
    public required string Parameters { get; init; }

    /// <summary>When its program began with it, where an equal order was placed under its id before.</summary>
    public TimeSpan Since { get; init; }

    /// <summary>When its program began with an equal order under its id: what leaves from then on is that one.</summary>
    public TimeSpan Until { get; set; } = TimeSpan.MaxValue;

    /// <summary>An operator has settled it by his word, which names no order of the exchange's.</summary>
    public bool IsSettledByHand { get; set; }

    public bool IsBegun => _begun.Count > 0;
    public bool IsOver { get; set; }

    /// <summary>The exchange's id of the order it is about, where its caller has no id of its own.</summary>
    public string? OrderId { get; set; }

    public IReadOnlyList<CallAnswer> Answers => _answers;

    /// <summary>Some caller of it was told that it was executed.</summary>
    public bool IsKnownDone => _answers.Exists(static told => told.Execution == ExecutionStatus.Executed);
    public CallAnswer? Last => _answers.Count > 0 ? _answers[^1] : null;

    /// <summary>When each call of it began.</summary>
    public IReadOnlyList<TimeSpan> Begun => _begun;

    public void Begin(TimeSpan at) => _begun.Add(at);

    public void Note(CallAnswer answer) => _answers.Add(answer);

    public override string ToString() => name;
}

/// <summary>One order of a script, with everything its caller wants of it.</summary>
internal sealed class OrderRecord
{
    public OrderRecord(OrderTermsWanted order, Manner manner, IReadOnlyList<AmendWanted> amends, CancelWanted? cancel)
    {
        Terms = order;
        Place = new Operation(EffectKind.Placed, order, Name("place"), HttpMethod.Post, manner) { Parameters = order.Parameters, Quantity = order.Quantity };
        Amends = [.. amends.Select((amend, index) => new Operation(EffectKind.Amended, order, Name($"amend {index + 1}"), HttpMethod.Put, amend.Manner)
        {
            Parameters = string.Create(CultureInfo.InvariantCulture, $"symbol={order.Symbol}&side={order.Side}&price={amend.Price}&quantity={amend.Quantity}"),
            Quantity = amend.Quantity,
        })];
        Cancel = cancel is null ? null : new Operation(EffectKind.Cancelled, order, Name("cancel"), HttpMethod.Delete, cancel.Manner) { Parameters = $"symbol={order.Symbol}" };
    }

    public OrderTermsWanted Terms { get; }
    public Operation Place { get; }
    public IReadOnlyList<Operation> Amends { get; }
    public Operation? Cancel { get; }

    public IEnumerable<Operation> All => [Place, .. Amends, .. Cancel is null ? (ReadOnlySpan<Operation>)[] : [Cancel]];

    private string Name(string what) => string.Create(CultureInfo.InvariantCulture, $"{what} #{Terms.Number}");
}

/// <summary>A script and how far its caller has come with it.</summary>
internal sealed class ScriptRecord(Script script)
{
    public Script Script => script;

    public IReadOnlyList<OrderRecord> Orders { get; } = script switch
    {
        OrderScript single => [new OrderRecord(single.Order, single.Manner, single.Amends, single.Cancel)],
        BatchScript batch => [.. batch.Orders.Select((order, index) => new OrderRecord(
            order,
            batch.Manner,
            batch.Amend is null ? [] : [batch.Amendments[index]],
            batch.Cancel is null ? null : new CancelWanted(TimeSpan.Zero, WhilePlacing: false, batch.Cancel)))],
        _ => throw new NotSupportedException(script.GetType().Name),
    };

    public bool IsOver { get; set; }
}
