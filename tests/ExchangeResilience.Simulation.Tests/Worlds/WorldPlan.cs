using System.Globalization;
using ExchangeResilience.Simulation.Tests.Actors;
using ExchangeResilience.Testing;

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

    /// <summary>As <see cref="WithinA1"/>, with every actor of the larger world.</summary>
    Larger,

    /// <summary>As <see cref="BeyondA1"/>, with every actor of the larger world.</summary>
    LargerBeyondA1,
}

/// <summary>What a kind of plan implies.</summary>
internal static class PlanKinds
{
    public static bool IsLarger(this PlanKind kind) => kind is PlanKind.Larger or PlanKind.LargerBeyondA1;

    /// <summary>Absences may be believed wrongly, and must then be raised.</summary>
    public static bool AllowsWrongAbsence(this PlanKind kind) => kind is PlanKind.BeyondA1 or PlanKind.LargerBeyondA1;

    public static bool LagsWithinA1(this PlanKind kind) => kind is PlanKind.WithinA1 or PlanKind.Larger;
}

/// <summary>One run as data: the seed makes it, and a minimiser leaves parts of it out.</summary>
internal sealed record WorldPlan
{
    public required int Seed { get; init; }
    public required PlanKind Kind { get; init; }
    public required WorldSettings Settings { get; init; }
    public required IReadOnlyList<Script> Scripts { get; init; }
    public required IReadOnlyList<WorldEvent> Events { get; init; }

    /// <summary>Who else takes part.</summary>
    public IReadOnlyList<Actor> Actors { get; init; } = [];

    /// <summary>Faults and pauses that are left out, by the names under which they are dealt.</summary>
    public IReadOnlySet<string> Muted { get; init; } = new HashSet<string>();

    /// <summary>Faults are left out whose names contain one of these.</summary>
    public IReadOnlyList<string> MutedKinds { get; init; } = [];

    /// <summary>Orders that are meant, each with whatever happens to it afterwards.</summary>
    public int Lifecycles => Scripts.Sum(static script => script.Orders.Count) + Actors.Sum(static actor => actor.Lifecycles);
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

    /// <summary>The named clients of the program.</summary>
    public IReadOnlyList<ClientWanted> Clients { get; init; } = [new(Road.Plain), new(Road.Resend), new(Road.Clone), new(Road.Hedge)];

    /// <summary>Whether the user data streams of all accounts are offered to the middleware.</summary>
    public bool HasStream { get; init; }

    /// <summary>What of the program's own parts throws now and then; null for none.</summary>
    public PlugIn? Flaky { get; init; }
}

/// <summary>A part that the program plugs into the middleware.</summary>
internal enum PlugIn
{
    Logger,
    Signer,
    EventHandler,
}

/// <summary>A named client.</summary>
internal sealed record ClientWanted(string Name, Road Road)
{
    public ClientWanted(Road road)
        : this(road.ToString(), road)
    {
    }

    public Uri Host { get; init; } = SimulatedExchange.Address;

    /// <summary>The address its requests come from.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Whether it signs with the house's key. If not, each request brings a key and signature of its own.</summary>
    public bool Signs { get; init; } = true;

    /// <summary>What it is configured with beside what all are.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a call reaches the middleware: directly, or through a handler that repeats it.</summary>
internal enum Road
{
    Plain,
    Resend,
    Clone,
    Hedge,

    /// <summary>A timeout for each attempt, retries, and a timeout for all of them, as the standard handler has.</summary>
    Standard,

    /// <summary>A worker loop sends one request after the other.</summary>
    Queue,

    /// <summary>What failed is sent again through the client of another host.</summary>
    Failover,

    /// <summary>A handler above answers in words of its own.</summary>
    Facade,
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
/// <param name="Manner">How the batch is placed. It is made again whole while any part of it is unknown, and then of the items that did not succeed.</param>
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
internal sealed record Death(TimeSpan At, TimeSpan Downtime, TimeSpan WallStep) : WorldEvent(At)
{
    /// <summary>The next process signs with another key of the same account.</summary>
    public bool RotatesKey { get; init; }

    /// <summary>The next process gives its clients other names.</summary>
    public bool RenamesClients { get; init; }
}

/// <summary>The process's wall clock steps.</summary>
internal sealed record WallStep(TimeSpan At, TimeSpan Step) : WorldEvent(At);

/// <summary>The exchange's clock steps.</summary>
internal sealed record ExchangeStep(TimeSpan At, TimeSpan Step) : WorldEvent(At);

/// <summary>The configuration changes: of one client, or of all.</summary>
internal sealed record Reload(TimeSpan At, string Key, string Value, string? Client = null) : WorldEvent(At);

/// <summary>The market moves.</summary>
internal sealed record PriceMove(TimeSpan At, string Symbol, decimal Price) : WorldEvent(At);

/// <summary>An open order is filled in part.</summary>
internal sealed record PartFill(TimeSpan At, double Which) : WorldEvent(At);

/// <summary>The journal cannot be written for a while.</summary>
internal sealed record JournalFailure(TimeSpan At, int Writes) : WorldEvent(At);

/// <summary>Writes and reads of the journal hang until this is over.</summary>
internal sealed record JournalHang(TimeSpan At, TimeSpan Lasts, bool HeedsCancellation) : WorldEvent(At);

/// <summary>Nothing leaves the process.</summary>
internal sealed record Outage(TimeSpan At, TimeSpan Lasts, OutageKind Kind) : WorldEvent(At);

/// <summary>The exchange ends an open order by itself.</summary>
internal sealed record ExchangeEnds(TimeSpan At, double Which, string Status) : WorldEvent(At);

/// <summary>Why nothing leaves.</summary>
internal enum OutageKind
{
    /// <summary>The connection is refused.</summary>
    Refused,

    /// <summary>No route to the network.</summary>
    NetworkUnreachable,

    /// <summary>No route to the host.</summary>
    HostUnreachable,

    /// <summary>The name is not resolved.</summary>
    NoName,

    /// <summary>The proxy refuses the tunnel.</summary>
    ProxyRefuses,

    /// <summary>A captive portal answers 200 in the exchange's place.</summary>
    Portal,
}

/// <summary>Questions about orders are answered by a proxy's error page for a while.</summary>
internal sealed record QueryFailure(TimeSpan At, TimeSpan Lasts) : WorldEvent(At);
