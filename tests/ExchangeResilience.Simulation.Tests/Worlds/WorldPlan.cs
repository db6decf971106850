using System.Globalization;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>What a run promises about the exchange's queries.</summary>
internal enum PlanKind
{
    /// <summary>They lag by less than the settle margin: assumption A1 holds, and nothing may go wrong.</summary>
    WithinA1,

    /// <summary>They lag by up to minutes: absences may be believed wrongly, and every one of them must be raised later.</summary>
    BeyondA1,

    /// <summary>They lag as much, and are judged as if A1 held: shows that the simulation can fail.</summary>
    A1Broken,
}

/// <summary>One run as data: the seed makes it, and a minimiser leaves parts of it out.</summary>
internal sealed record WorldPlan
{
    public required int Seed { get; init; }
    public required PlanKind Kind { get; init; }
    public required WorldSettings Settings { get; init; }
    public required IReadOnlyList<Script> Scripts { get; init; }
    public required IReadOnlyList<WorldEvent> Events { get; init; }

    /// <summary>Faults and pauses that are left out, by the names under which they are dealt.</summary>
    public IReadOnlySet<string> Muted { get; init; } = new HashSet<string>();

    /// <summary>Orders that are meant, each with whatever happens to it afterwards.</summary>
    public int Lifecycles => Scripts.Sum(static script => script.Orders.Count);
}

/// <summary>The weather of one run.</summary>
internal sealed record WorldSettings
{
    public required int Callers { get; init; }

    /// <summary>There and back.</summary>
    public required TimeSpan Latency { get; init; }
    public required TimeSpan EngineDelay { get; init; }
    public required TimeSpan ExchangeSkew { get; init; }
    public required TimeSpan WallOffset { get; init; }
    public required TimeSpan LongestQueryLag { get; init; }
    public required TimeSpan LongestChangeLag { get; init; }
    public required double FaultsPerOrder { get; init; }
    public required double FaultsPerQuestion { get; init; }
    public required double PausesPerAttempt { get; init; }
    public required TimeSpan RecvWindow { get; init; }
    public required TimeSpan JournalDelay { get; init; }
    public required int OrdersPer10Seconds { get; init; }

    /// <summary>The configuration every client starts with.</summary>
    public required IReadOnlyDictionary<string, string> Configuration { get; init; }
}

/// <summary>How a call reaches the middleware: directly, or through a handler that repeats it.</summary>
internal enum Road
{
    Plain,
    Resend,
    Clone,
    Hedge,
}

/// <summary>What bears the same client order id before the run begins.</summary>
internal enum Namesake
{
    None,

    /// <summary>Equal in every term, and filled.</summary>
    EqualAndFilled,

    /// <summary>Equal in every term but resting, and cancelled.</summary>
    Cancelled,

    /// <summary>Of another quantity, and filled.</summary>
    Other,

    /// <summary>Still open, so that the id is taken.</summary>
    Open,
}

/// <summary>One order that somebody means.</summary>
internal sealed record OrderTermsWanted
{
    public required int Number { get; init; }
    public required string Symbol { get; init; }
    public required string Side { get; init; }
    public required string Type { get; init; }
    public string? TimeInForce { get; init; }
    public decimal? Price { get; init; }

    /// <summary>No other order or amendment of the run has the same, so that what the exchange did can be told by it.</summary>
    public required decimal Quantity { get; init; }
    public string? Id { get; init; }
    public Namesake Namesake { get; init; }

    public string Parameters => string.Create(
        CultureInfo.InvariantCulture,
        $"symbol={Symbol}&side={Side}&type={Type}&quantity={Quantity}{(TimeInForce is null ? "" : $"&timeInForce={TimeInForce}")}{(Price is null ? "" : $"&price={Price}")}{(Id is null ? "" : $"&newClientOrderId={Id}")}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{Number} {Side} {Quantity} {Symbol} {Type} {TimeInForce} {Price} {Id ?? "(no id)"}");
}

/// <summary>How patiently one operation is asked for.</summary>
/// <param name="Road">Through which client.</param>
/// <param name="InBody">Whether its parameters travel in a form.</param>
/// <param name="Turns">How many calls its caller makes at most, each after one that did not succeed.</param>
/// <param name="Pause">How long between them.</param>
/// <param name="CancelAfter">When the first call is cancelled; null for never.</param>
/// <param name="Looks">Whether the caller looks for the order itself while it does not know.</param>
internal sealed record Manner(Road Road, bool InBody, int Turns, TimeSpan Pause, TimeSpan? CancelAfter, bool Looks);

/// <summary>One amendment.</summary>
internal sealed record AmendWanted(TimeSpan After, decimal Price, decimal Quantity, Manner Manner);

/// <summary>The cancel of an order: while it is being placed, or when that is over.</summary>
internal sealed record CancelWanted(TimeSpan After, bool WhilePlacing, Manner Manner);

/// <summary>What one caller does before it turns to the next.</summary>
internal abstract record Script(int Caller, TimeSpan StartAfter)
{
    public abstract IReadOnlyList<OrderTermsWanted> Orders { get; }
}

/// <summary>One order from its placing to its end.</summary>
internal sealed record OrderScript(int Caller, TimeSpan StartAfter, OrderTermsWanted Order, Manner Manner, IReadOnlyList<AmendWanted> Amends, CancelWanted? Cancel)
    : Script(Caller, StartAfter)
{
    public override IReadOnlyList<OrderTermsWanted> Orders { get; } = [Order];
}

/// <summary>Several orders placed by one request, then perhaps amended or cancelled by one.</summary>
/// <param name="Caller">Who.</param>
/// <param name="StartAfter">How long after what it did before.</param>
/// <param name="Orders">The orders.</param>
/// <param name="Manner">How the batch is placed; the items that did not succeed go into the next call alone.</param>
/// <param name="Amend">How those that rest are amended; null if they are not.</param>
/// <param name="Cancel">How those that rest are cancelled; null if they are not.</param>
internal sealed record BatchScript(int Caller, TimeSpan StartAfter, IReadOnlyList<OrderTermsWanted> Orders, Manner Manner, Manner? Amend, Manner? Cancel)
    : Script(Caller, StartAfter)
{
    public override IReadOnlyList<OrderTermsWanted> Orders { get; } = Orders;

    /// <summary>What the amendment of an order asks for, in the order of <see cref="Orders"/>.</summary>
    public required IReadOnlyList<AmendWanted> Amendments { get; init; }
}

/// <summary>Something that happens to the world, whoever is doing what.</summary>
internal abstract record WorldEvent(TimeSpan At);

/// <summary>The process dies, and the next one starts on the journal it left.</summary>
internal sealed record Death(TimeSpan At, TimeSpan Downtime, TimeSpan WallStep) : WorldEvent(At);

/// <summary>The process's wall clock steps.</summary>
internal sealed record WallStep(TimeSpan At, TimeSpan Step) : WorldEvent(At);

/// <summary>The exchange's clock steps.</summary>
internal sealed record ExchangeStep(TimeSpan At, TimeSpan Step) : WorldEvent(At);

/// <summary>The configuration changes.</summary>
internal sealed record Reload(TimeSpan At, string Key, string Value) : WorldEvent(At);

/// <summary>The market moves.</summary>
internal sealed record PriceMove(TimeSpan At, string Symbol, decimal Price) : WorldEvent(At);

/// <summary>An open order is filled in part.</summary>
internal sealed record PartFill(TimeSpan At, double Which) : WorldEvent(At);

/// <summary>The journal cannot be written for a while.</summary>
internal sealed record JournalFailure(TimeSpan At, int Writes) : WorldEvent(At);
