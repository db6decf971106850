using System.Globalization;
using ExchangeResilience.Simulation.Tests.Actors;
using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Checks;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Running;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>How a run ended.</summary>
internal sealed record WorldResult(WorldPlan Plan, IReadOnlyList<Violation> Violations, IReadOnlyList<string> Dealt, WorldCounts Counts, string Log);

/// <summary>One run: an exchange, one process after the other, the callers in it, and everything that befalls them.</summary>
internal sealed class World
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(8);
    private static readonly TimeSpan LongestBusiness = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestLargerBusiness = TimeSpan.FromHours(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(70);
    private static readonly TimeSpan LongestDoubt = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LastRecheck = TimeSpan.FromMinutes(11);
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);
    private const int FirstBeside = 101;
    private const string HostBeside = "127.0.1.";

    private readonly List<ScriptRecord> _ledger;
    private readonly List<SimulatedProcess> _processes = [];
    private readonly List<SimulatedProcess> _beside = [];
    private readonly Dictionary<SimulatedProcess, Task> _business = [];
    private IReadOnlyList<ReceivedRequest>? _requests;
    private TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private World(WorldPlan plan, bool isLogged)
    {
        Plan = plan;
        Time = new ManualTimeProvider();
        Log = new EventLog(Time, isLogged);
        var options = new SimulatedExchangeOptions();
        foreach (var key in HouseKeys.Skip(1).Concat(TenantKeys))
        {
            options.ApiKeys.Add(key);
        }

        foreach (var symbol in plan.Actors.Select(static actor => actor.Symbol).Except([Actor.Market]))
        {
            options.Symbols.Add(new SimulatedSymbol(symbol, 50_000m));
        }

        Exchange = new SimulatedExchange(options, Time);
        Weather = new Weather(plan, options, Time);
        Journal = new InMemoryOrderJournal(Time);
        Findings = new Findings(this);
        Wire = new WireChecks(this);
        Intermediary = new Intermediary(this);
        Application = new Application(this);
        Stream = plan.Settings.HasStream ? new UserDataStream(this) : null;
        _ledger = [.. plan.Scripts.Select(static script => new ScriptRecord(script))];
    }

    /// <summary>Keys of the house's account, of which one is used at a time.</summary>
    public static IReadOnlyList<SimulatedApiKey> HouseKeys { get; } =
    [
        new(SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret, Operation.MainAccount),
        new("house-key-2", "house-secret-2", Operation.MainAccount),
    ];

    /// <summary>Each of an account of its own.</summary>
    public static IReadOnlyList<SimulatedApiKey> TenantKeys { get; } = [new("tenant-key-1", "tenant-secret-1", "tenant-1"), new("tenant-key-2", "tenant-secret-2", "tenant-2")];

    /// <summary>Whether an order in doubt was sent under a tenant's key.</summary>
    public static bool IsOf(string tenant, InDoubtOrder doubt) =>
        TenantKeys.FirstOrDefault(key => key.Account == tenant) is { } key && doubt.Claim?.Origin.Account.KeyHash == SigningCredentials.AccountOf(key.Key);

    public WorldPlan Plan { get; }

    public Application Application { get; }

    /// <summary>Null where nobody listens to it.</summary>
    public UserDataStream? Stream { get; }

    /// <summary>Why nothing leaves at present; null where everything does.</summary>
    public OutageKind? Outage { get; private set; }

    /// <summary>How long the journal hangs, and whether it heeds who stops waiting; null where it does not.</summary>
    public (TimeSpan Until, bool HeedsCancellation)? JournalHang { get; private set; }

    public ManualTimeProvider Time { get; }

    public SimulatedExchange Exchange { get; }

    public Weather Weather { get; }

    public InMemoryOrderJournal Journal { get; }

    public EventLog Log { get; }

    public Findings Findings { get; }

    public WireChecks Wire { get; }

    public Intermediary Intermediary { get; }

    /// <summary>How many requests had been served before the first process started.</summary>
    public long RequestsBefore { get; private set; }

    public IReadOnlyList<SimulatedProcess> Processes => _processes;

    public IEnumerable<OrderRecord> Orders => _ledger.SelectMany(static script => script.Orders);

    /// <summary>Everything the program ever wanted done.</summary>
    public IEnumerable<Operation> Operations => Orders.SelectMany(static order => order.All).Concat(Application.Operations);

    /// <summary>When the request that had this effect left.</summary>
    public TimeSpan SentAt(SimulatedEffect effect) => RequestOf(effect).Elapsed - (Plan.Settings.Latency / 2);

    /// <summary>Whether an effect is of this order or amendment, and of no equal one before or after it.</summary>
    public bool IsOf(Operation operation, SimulatedEffect effect) => effect.Account == operation.Account && effect.AskedQuantity == operation.Quantity
        && SentAt(effect) is var sentAt && operation.Since <= sentAt && sentAt < operation.Until;

    /// <summary>The exchange called it a certain failure all the same; a caller is told that sentence, and only a resend is not built on it.</summary>
    public bool IsCalledFailed(SimulatedEffect effect) => RequestOf(effect).Code == -1008;

    public ReceivedRequest RequestOf(SimulatedEffect effect)
    {
        if (_requests is null || _requests.Count < effect.RequestNumber)
        {
            _requests = Exchange.Requests;
        }

        return _requests[(int)effect.RequestNumber - 1];
    }

    public SimulatedProcess Present => _processes[^1];

    /// <summary>Another process shares the journal.</summary>
    public bool HasBeside => _beside.Count > 0;

    /// <summary>Lives a plan to its end, and judges it.</summary>
    public static WorldResult Run(WorldPlan plan, bool isLogged = false)
    {
        var world = new World(plan, isLogged);
        try
        {
            OneThread.Run(world.Time, world.LiveAsync, LongestRun);
        }
        catch (Exception fault)
        {
            world.Findings.Violate("every run ends", fault.ToString());
        }

        world.Wire.Check();
        VerdictChecks.Check(world);
        if (plan.Kind.IsLarger())
        {
            CancelChecks.Check(world);
            AmendChecks.Check(world);
        }

        // An actor that was about to start another process may still do so.
        foreach (var process in world._processes.Concat(world._beside).ToList())
        {
            process.Dispose();
        }

        return new WorldResult(plan, world.Findings.Violations, world.Weather.Dealt, WorldCounts.Of(world), world.Log.Text);
    }

    private async Task LiveAsync()
    {
        var settings = Plan.Settings;
        Exchange.Clock.Skew = settings.ExchangeSkew;
        await PlaceNamesakesAsync();
        Exchange.Options.OrdersPer10Seconds = settings.OrdersPer10Seconds;
        Exchange.Options.Latency = settings.Latency;
        Exchange.Options.EngineDelay = settings.EngineDelay;
        Exchange.Faults.Plan = FaultPlan.Custom(Weather.FaultFor);
        Journal.WriteDelay = settings.JournalDelay;

        await StartProcessAsync(settings.WallOffset, new ProcessIdentity(HouseKeys[0], ""));
        var began = Time.Elapsed;
        var acting = Task.WhenAll(Plan.Actors.Select(actor => Application.LetPlayAsync(actor)));
        foreach (var happening in Plan.Events)
        {
            var left = began + happening.At - Time.Elapsed;
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, Time);
            }

            await BefallAsync(happening);
        }

        await UntilAsync(() => _business[Present].IsCompleted && acting.IsCompleted, Plan.Kind.IsLarger() ? LongestLargerBusiness : LongestBusiness, static () => "callers are done in time");
        if (acting.IsFaulted)
        {
            await acting;
        }

        await _business[Present];
        Weather.IsCalm = true;
        if (Plan.Events.Any(static happening => happening is JournalFailure))
        {
            // What could not be written down after it had happened is asked about by the next run.
            Journal.FailNext(0);
            await BefallAsync(new Death(Time.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.Zero));
            await _business[Present];
        }

        if (Plan.Kind.IsLarger())
        {
            await Task.Delay(Quiet + WallSteps(), Time);
            await new Epilogue(this).PlayAsync();
            return;
        }

        await UntilAsync(() => Present.InDoubt.List().All(IsHiddenByANamesake), LongestDoubt, () => "nothing stays in doubt after the evidence window");

        // Across a restart only the wall clock tells how long ago a verdict was, so a step back postpones what is asked again.
        await Task.Delay(LastRecheck + WallSteps(), Time);
    }

    private async Task UntilAsync(Func<bool> isSo, TimeSpan limit, Func<string> rule)
    {
        var began = Time.Elapsed;
        while (!isSo())
        {
            if (Time.Elapsed - began > limit)
            {
                Findings.Violate(rule(), string.Join(", ", Present.InDoubt.List().Where(order => !IsHiddenByANamesake(order)).Select(static order => $"{order.Kind} {order.ClientOrderId}")));
                return;
            }

            await Task.Delay(Glance, Time);
        }
    }

    /// <summary>
    /// An older order under the same id makes absence unprovable; the product says so, and leaves it in doubt. Such an order may also be the caller's own, sent
    /// before an absence that was believed wrongly.
    /// </summary>
    public bool IsHiddenByANamesake(InDoubtOrder doubt) => (Plan.Kind.AllowsWrongAbsence() && Findings.Contradictions.Any(notice => notice.Order.Equals(doubt)))
        || Orders.Any(order => doubt.Kind == OperationKind.Place && order.Terms.Id == doubt.ClientOrderId && order.Terms.Namesake != Namesake.None)
        || Operations.Any(place => doubt.Kind == OperationKind.Place && place.Order.Id == doubt.ClientOrderId && WasPlacedAnew(place))
        || Exchange.Effects.Any(effect => effect.Kind == EffectKind.Placed && effect.ClientOrderId == doubt.ClientOrderId && IsCalledFailed(effect));

    /// <summary>Its caller has placed it once more after a cancel had ended it.</summary>
    private bool WasPlacedAnew(Operation place) => CancelsOf(place).Any(told => place.Begun.Any(begun => begun > told.CalledAt));

    /// <summary>What callers were told of cancels of an order by its id that took effect: what is placed after one is another order.</summary>
    public IEnumerable<CallAnswer> CancelsOf(Operation place) =>
        from cancel in Operations
        where cancel is { IsCancel: true, IsCancelAll: false } && cancel.Order == place.Order && cancel.Account == place.Account
        from told in cancel.Answers
        where told.Execution == ExecutionStatus.Executed && place.Since <= told.CalledAt && told.CalledAt < place.Until
        select told;

    private async Task PlaceNamesakesAsync()
    {
        var clock = new ProcessTime(Time, Plan.Settings.ExchangeSkew);
        using var http = new HttpClient(Exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address, Timeout = Timeout.InfiniteTimeSpan };
        foreach (var order in Orders.Select(static order => order.Terms).Where(static terms => terms.Namesake != Namesake.None))
        {
            var old = order.Namesake switch
            {
                Namesake.Other => order with { Type = "MARKET", TimeInForce = null, Price = null, Quantity = order.Quantity + 1 },
                Namesake.Cancelled or Namesake.Open => order with { Type = "LIMIT", TimeInForce = "GTC", Price = order.Side == "BUY" ? 10_000m : 100_000m },
                _ => order,
            };
            (await http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, $"/fapi/v1/order?{old.Parameters}", clock))).EnsureSuccessStatusCode().Dispose();
            if (order.Namesake == Namesake.Cancelled)
            {
                (await http.SendAsync(NaiveSigning.Sign(HttpMethod.Delete, $"/fapi/v1/order?symbol={order.Symbol}&origClientOrderId={order.Id}", clock))).EnsureSuccessStatusCode().Dispose();
            }
        }

        RequestsBefore = Exchange.Requests.Count;

        // Until it has measured the exchange's clock a process stamps by its own; an order placed within that error before cannot be told from its own.
        var error = Plan.Settings.WallOffset.Duration() + WallSteps() + Plan.Settings.ExchangeSkew.Duration();
        await Task.Delay(TimeSpan.FromMilliseconds(2_000 + (60_000 * Dice.Draw(Plan.Seed, "age of namesakes"))) + error, Time);
    }

    /// <summary>By how much the wall clock can have moved away from where it began.</summary>
    private TimeSpan WallSteps() => Plan.Events.Aggregate(TimeSpan.Zero, static (sum, happening) => sum + happening switch
    {
        WallStep step => step.Step.Duration(),
        Death death => death.WallStep.Duration(),
        _ => TimeSpan.Zero,
    });

    /// <summary>Whether every request for it got a refusal that leaves no doubt, before its caller stopped listening.</summary>
    /// <remarks>A refusal that trickles in, or breaks off, says nothing until it is there.</remarks>
    public bool WasRefusedForCertain(Operation place)
    {
        var requests = Exchange.Requests.Where(request => request.Method == "POST" && WireChecks.QuantityOf(request.Parameters.GetValueOrDefault("quantity")) == place.Quantity).ToList();
        return requests.Count > 0 && requests.Count == Wire.RepliesTo(place.Quantity) && requests.TrueForAll(request => request.Status is >= 400 and < 500 && request.Code is not (0 or -1007) && request.Fault?.Name is not (nameof(Fault.Drip) or nameof(Fault.HalfBody))
            && place.Answers.FirstOrDefault(told => told.At >= request.Elapsed) is { } told && told.At >= request.Elapsed + (Plan.Settings.Latency / 2));
    }

    /// <summary>The process that lives, once there is one.</summary>
    public async Task<SimulatedProcess> LivingAsync()
    {
        while (Present.IsDead)
        {
            await _started.Task;
        }

        return Present;
    }

    /// <summary>Starts another process of the program on the same journal. Where one process follows the other, it is not counted.</summary>
    public async Task<SimulatedProcess> StartBesideAsync()
    {
        var process = new SimulatedProcess(this, FirstBeside + _beside.Count, Plan.Settings.WallOffset, Present.Identity, HostBeside);
        _beside.Add(process);
        Log.Add($"{process} starts beside {Present}");
        await process.StartAsync();
        return process;
    }

    private async Task StartProcessAsync(TimeSpan wallOffset, ProcessIdentity identity)
    {
        var process = new SimulatedProcess(this, _processes.Count + 1, wallOffset, identity);
        _processes.Add(process);
        Log.Add($"{process} starts");
        var started = _started;
        _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        started.SetResult();
        await process.StartAsync();
        _business[process] = Task.WhenAll(_ledger.GroupBy(static script => script.Script.Caller).OrderBy(static group => group.Key).Select(group => new Caller(this, process, [.. group]).RunAsync()));
    }

    private async Task BefallAsync(WorldEvent happening)
    {
        Log.Add($"{happening}");
        switch (happening)
        {
            case Death death:
                var dying = Present;
                dying.Die();
                await Task.Delay(death.Downtime, Time);
                await StartProcessAsync(dying.Time.WallOffset + death.WallStep, new ProcessIdentity(
                    death.RotatesKey ? HouseKeys.First(key => key != dying.Identity.Key) : dying.Identity.Key,
                    death.RenamesClients ? $"-{_processes.Count + 1}" : dying.Identity.Suffix));
                break;
            case WallStep step:
                Present.Time.StepWall(step.Step);
                break;
            case ExchangeStep step:
                Exchange.Clock.Step(step.Step);
                break;
            case Reload reload:
                try
                {
                    Present.Reload(reload);
                }
                catch (AggregateException thrown)
                {
                    Findings.Violate("no exception of a plug-in escapes", $"from a reload: {Findings.Describe(thrown.GetBaseException())}");
                }

                break;
            case PriceMove move:
                Exchange.SetPrice(move.Symbol, move.Price);
                break;
            case PartFill fill:
                FillSome(fill.Which);
                break;
            case QueryFailure failing:
                Weather.QueriesFailUntil = Time.Elapsed + failing.Lasts;
                break;
            case JournalHang hang:
                JournalHang = (Time.Elapsed + hang.Lasts, hang.HeedsCancellation);
                break;
            case Outage outage:
                Outage = outage.Kind;
                _ = EndAsync(outage);
                break;
            case ExchangeEnds end:
                if (PickOpen(end.Which) is { } ending)
                {
                    Exchange.End(ending.OrderId, end.Status);
                    Log.Add($"the exchange ends {ending.ClientOrderId}: {end.Status}");
                }

                break;
            case JournalFailure failure:
                Journal.FailNext(failure.Writes);
                break;
            default:
                throw new NotSupportedException(happening.GetType().Name);
        }
    }

    private async Task EndAsync(Outage outage)
    {
        await Task.Delay(outage.Lasts, Time);
        Outage = null;
    }

    private SimulatedOrder? PickOpen(double which)
    {
        var open = Exchange.Orders.Where(static order => order.Status is "NEW" or "PARTIALLY_FILLED").ToList();
        return open.Count > 0 ? open[(int)(which * open.Count)] : null;
    }

    private void FillSome(double which)
    {
        if (PickOpen(which) is { } order)
        {
            var left = order.Quantity - order.ExecutedQuantity;
            var part = Math.Max(0.001m, decimal.Floor(left * 500m) / 1000m);
            Exchange.Fill(order.OrderId, part);
            Log.Add($"filled {part.ToString(CultureInfo.InvariantCulture)} of {order.ClientOrderId}");
        }
    }
}

/// <summary>What a run amounted to.</summary>
internal sealed record WorldCounts(int Lifecycles, int Calls, int Requests, int Faults, int Executed, int NotExecuted, int Unknown, int Deaths, int KeptCancels, int Contradictions)
{
    public static WorldCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public static WorldCounts Of(World world)
    {
        var answers = world.Operations.SelectMany(static operation => operation.Answers).ToList();
        return new WorldCounts(
            world.Plan.Lifecycles,
            answers.Count,
            world.Exchange.Requests.Count,
            world.Weather.Dealt.Count,
            answers.Count(static told => told.Execution == ExecutionStatus.Executed),
            answers.Count(static told => told.Execution == ExecutionStatus.NotExecuted),
            answers.Count(static told => told.Execution == ExecutionStatus.Unknown),
            world.Processes.Count - 1,
            answers.Count(static told => told.CancelIsKept),
            world.Findings.Contradictions.Count);
    }

    public WorldCounts Plus(WorldCounts other) => new(
        Lifecycles + other.Lifecycles, Calls + other.Calls, Requests + other.Requests, Faults + other.Faults, Executed + other.Executed,
        NotExecuted + other.NotExecuted, Unknown + other.Unknown, Deaths + other.Deaths, KeptCancels + other.KeptCancels, Contradictions + other.Contradictions);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Lifecycles} lifecycles, {Calls} calls ({Executed} executed, {NotExecuted} not executed, {Unknown} unknown), {Requests} requests, {Faults} faults, {Deaths} deaths, {KeptCancels} cancels kept, {Contradictions} contradictions");
}
