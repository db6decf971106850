using System.Globalization;
using System.Net.Http.Headers;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>A traffic control on manual time.</summary>
internal sealed class TrafficFixture : IDisposable
{
    public static readonly LimitSettings Limits = new() { WeightPerMinute = 2400, OrdersPer10Seconds = 300, OrdersPerMinute = 1200 };

    public TrafficFixture(int seed = 1, TrafficTestTime? time = null, ISharedBudget? budget = null)
    {
        Time = time ?? new TrafficTestTime();
        Control = new GateRegistry(Time, new Random(seed), budget is null ? null : new FleetBudget(budget, Time, Log.CreateLogger("budget")), logger: Log.CreateLogger("lanes"));
    }

    public TrafficTestTime Time { get; }

    public CollectedLog Log { get; } = new();

    public GateRegistry Control { get; }

    public Gate Gate => At();

    public Gate At(string environment = "live", string egress = "default", string host = "fapi", string account = "a") =>
        Control.GateFor(new TrafficScope(environment, egress, host, account));

    /// <summary>Timers fire on whole milliseconds, up to one after the hold's end.</summary>
    public void Outwait(Hold hold) => Time.Advance(hold.Remaining + TimeSpan.FromMilliseconds(1));

    public void Dispose() => Control.Dispose();
}

/// <summary>Short words for what the tests do with a gate.</summary>
internal static class GateWords
{
    public static Task<Admission> Ask(
        this Gate gate,
        TrafficClass trafficClass = TrafficClass.Query,
        int weight = 0,
        int orders = 0,
        LimitSettings? limits = null,
        long waitUntil = long.MaxValue,
        CancellationToken cancellation = default)
    {
        var request = new TrafficRequest(trafficClass, weight, orders, orders, limits ?? TrafficFixture.Limits);
        return !cancellation.IsCancellationRequested && gate.TryEnter(request, gate.LaneScheduler.Time.GetTimestamp(), out var admission)
            ? Task.FromResult(admission)
            : gate.WaitAsync(request, waitUntil, cancellation).AsTask();
    }

    /// <summary>Asks without patience: what comes back is the answer of this instant.</summary>
    public static Admission Try(this Gate gate, TrafficClass trafficClass = TrafficClass.Query, int weight = 0, int orders = 0, LimitSettings? limits = null) =>
        gate.Ask(trafficClass, weight, orders, limits, waitUntil: 0).Answer();

    public static Admission Answer(this Task<Admission> asked)
    {
        asked.IsCompletedSuccessfully.ShouldBeTrue("still waiting");
        return asked.GetAwaiter().GetResult();
    }

    public static Hold Ban(this Gate gate, TimeSpan length) => gate.Close(TrafficLane.Ip, new HoldRequest(-1003, 418, length, null, null, null, TimeSpan.Zero, TimeSpan.Zero));

    public static Hold OrdersSpent(this Gate gate, TimeSpan? window = null) =>
        gate.Close(TrafficLane.Orders, new HoldRequest(-1015, 429, null, null, null, null, TimeSpan.Zero, TimeSpan.Zero, window));

    public static Hold Overload(this Gate gate, double baseMs = 200, double maxMs = 3200) =>
        gate.Close(TrafficLane.Host, new HoldRequest(-1008, 503, null, null, null, null, TimeSpan.FromMilliseconds(baseMs), TimeSpan.FromMilliseconds(maxMs)));

    public static void Reply(this Gate gate, in Admission admission, DateTimeOffset? date, params (string Name, string Value)[] usage)
    {
        gate.Observe(admission, Headers(date, usage));
        gate.Leave(admission);
    }

    public static HttpResponseHeaders Headers(DateTimeOffset? date, params (string Name, string Value)[] usage)
    {
        var headers = new HttpResponseMessage().Headers;
        headers.TryAddWithoutValidation("Server", "Tengine");
        foreach (var (name, value) in usage)
        {
            headers.TryAddWithoutValidation(name, value);
        }

        if (date is { } stamped)
        {
            headers.TryAddWithoutValidation("Date", stamped.ToString("r", CultureInfo.InvariantCulture));
        }

        return headers;
    }

    public static LaneSnapshot Lane(this TrafficFixture fixture, TrafficLane kind, string environment = "live") =>
        fixture.Control.Snapshot().Single(lane => lane.Lane == kind && string.Equals(lane.Environment, environment, StringComparison.Ordinal));
}
