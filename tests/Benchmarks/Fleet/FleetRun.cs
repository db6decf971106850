using System.Diagnostics;
using Benchmarks.Measuring;

namespace Benchmarks.Fleet;

/// <summary>So many members that trade for a while, and what came of it.</summary>
/// <param name="Members">How many.</param>
/// <param name="Orders">How many were answered.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Commits">Transactions that an order or a verdict waited for.</param>
/// <param name="Grants">Exchanges of messages about room within the limits.</param>
/// <param name="Count">What the server was asked, beyond what joining and leaving ask.</param>
/// <param name="P50">Half of the orders took no longer, in milliseconds.</param>
/// <param name="P99">Of a hundred orders 99 took no longer.</param>
internal sealed record FleetRun(int Members, int Orders, double Seconds, long Commits, long Grants, FleetCount Count, double P50, double P99)
{
    private const int CallersPerMember = 8;
    private static int s_runs;

    public static async Task<FleetRun> WithStoreAsync(FleetDatabase database, int members, FleetLimits limits, TimeSpan length)
    {
        var before = await database.CountAsync();
        await MeasureAsync(database.ConnectionString, members, limits, TimeSpan.Zero);
        var idle = await database.CountAsync();
        var run = await MeasureAsync(database.ConnectionString, members, limits, length);
        var after = await database.CountAsync();
        return run with { Count = after - idle - (idle - before) };
    }

    public static Task<FleetRun> WithoutStoreAsync(int members, FleetLimits limits, TimeSpan length) => MeasureAsync(null, members, limits, length);

    private static async Task<FleetRun> MeasureAsync(string? database, int members, FleetLimits limits, TimeSpan length)
    {
        // What one run has used of a window is no other's.
        var customer = FormattableString.Invariant($"fleet{Interlocked.Increment(ref s_runs)}");
        var fleet = Enumerable.Range(1, members).Select(number => new FleetMember(FormattableString.Invariant($"{customer}-{number}"), database, customer, limits)).ToList();
        foreach (var member in fleet)
        {
            await member.StartAsync(CallersPerMember);
        }

        if (length > TimeSpan.Zero && limits != FleetLimits.None)
        {
            await TurnOfMinuteAsync();
        }

        var since = Stopwatch.GetTimestamp();
        if (length > TimeSpan.Zero)
        {
            using var stop = new CancellationTokenSource(length, TimeProvider.System);
            await Task.WhenAll(fleet.Select(member => member.TradeAsync(CallersPerMember, stop.Token)));
        }

        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        foreach (var member in fleet)
        {
            await member.DisposeAsync();
        }

        var latencies = fleet.SelectMany(static member => member.Latencies).Order().ToArray();
        return new(
            members, latencies.Length, seconds, fleet.Sum(static member => member.Commits), fleet.Sum(static member => member.Grants), default,
            latencies.Length == 0 ? 0 : latencies[latencies.Length / 2], latencies.Length == 0 ? 0 : latencies[latencies.Length * 99 / 100]);
    }

    /// <summary>What a run may place must not depend on how much of a minute is over, and on what its members have spent of it by joining.</summary>
    private static Task TurnOfMinuteAsync()
    {
        var now = TimeProvider.System.GetUtcNow().TimeOfDay;
        return Task.Delay(TimeSpan.FromMinutes(Math.Floor(now.TotalMinutes) + 1) - now, TimeProvider.System);
    }
}
