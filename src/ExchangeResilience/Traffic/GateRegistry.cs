using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience;

/// <summary>
/// All traffic of the process. Holds and counts live here, not in a handler or a pipeline, so that a wait that the exchange asks of one client binds every other, and
/// neither handler rotation nor a changed configuration forgets it. Chance spreads the reopening of processes that were held together.
/// </summary>
internal sealed class GateRegistry(TimeProvider time, Random random, FleetBudget? budget = null, ExchangeClocks? clocks = null, ILogger? logger = null) : IDisposable
{
    private readonly Lock _building = new();
    private readonly ConcurrentDictionary<TrafficScope, Gate> _gates = new();
    private readonly ConcurrentDictionary<string, LaneScheduler> _schedulers = new(StringComparer.Ordinal);
    private Gate? _lastAsked;

    /// <summary>A gate into the same lanes for one call, which releases it: a program that serves many keys does not keep a gate for each.</summary>
    public Gate OpenGate(TrafficScope scope) => new(scope, SchedulerOf(scope.Environment));

    /// <summary>The gate of a scope; the same one each time.</summary>
    public Gate GateFor(TrafficScope scope)
    {
        // Most programs have one scope, and compare it faster than they hash it.
        var last = Volatile.Read(ref _lastAsked);
        if (last is not null && last.Scope == scope)
        {
            return last;
        }

        var gate = _gates.TryGetValue(scope, out var known) ? known : Build(scope);
        Volatile.Write(ref _lastAsked, gate);
        return gate;
    }

    public IEnumerable<LaneSnapshot> Snapshot() => _schedulers.Values.SelectMany(scheduler => scheduler.Snapshot());

    /// <summary>Ends a hold on an operator's request; false where there is none.</summary>
    public bool Release(string environment, TrafficLane lane, string key) =>
        _schedulers.TryGetValue(environment, out var scheduler) && scheduler.Release(lane, key);

    /// <summary>Closes a lane for a wait that the exchange asked of an earlier run, or of another process; null where that is over.</summary>
    public Hold? Restore(JournalHold kept, bool isFromElsewhere) => SchedulerOf(kept.Environment).Restore(kept, isFromElsewhere);

    /// <summary>Cancels every request that still waits.</summary>
    public void Dispose()
    {
        foreach (var scheduler in _schedulers.Values)
        {
            scheduler.Dispose();
        }

        budget?.Dispose();
    }

    private Gate Build(TrafficScope scope)
    {
        lock (_building)
        {
            if (!_gates.TryGetValue(scope, out var gate))
            {
                gate = new Gate(scope, SchedulerOf(scope.Environment));
                _gates[scope] = gate;
            }

            return gate;
        }
    }

    private LaneScheduler SchedulerOf(string environment)
    {
        if (_schedulers.TryGetValue(environment, out var known))
        {
            return known;
        }

        lock (_building)
        {
            if (!_schedulers.TryGetValue(environment, out var scheduler))
            {
                // A source of its own, used under the scheduler's lock: Random is not made for several threads.
                scheduler = new LaneScheduler(environment, clocks?.Of(environment) ?? new ExchangeClock(environment, time), new Random(random.Next()), budget, logger ?? NullLogger.Instance);
                _schedulers[environment] = scheduler;
            }

            return scheduler;
        }
    }
}
