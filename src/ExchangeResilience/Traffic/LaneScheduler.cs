using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// Where all lanes of one environment meet, under one lock: a request is let through all of its lanes at once, waits, or is refused.
/// </summary>
internal sealed class LaneScheduler : IDisposable
{
    private readonly Lock _sync = new();
    private readonly Random _random;
    private readonly FleetBudget? _budget;
    private readonly ILogger _logger;
    private readonly ConcurrentQueue<BudgetLease> _asks = new();
    private readonly ConcurrentQueue<LaneOpening> _openings = new();
    private readonly EnvironmentLanes _lanes;
    private readonly WaiterRows _waiters;

    public LaneScheduler(string environment, ExchangeClock clock, Random random, FleetBudget? budget, ILogger logger)
    {
        _random = random;
        _budget = budget;
        _logger = logger;
        Time = clock.Time;
        Clock = new DateHeaderClock(clock);
        _lanes = new EnvironmentLanes(environment, Time, Clock, budget, _asks, _openings);
        _waiters = new WaiterRows(Time, Reconsider, Expire, Cancel);
    }

    public TimeProvider Time { get; }

    public DateHeaderClock Clock { get; }

    public bool HasWaiters => _waiters.Any;

    /// <summary>The path of a scope, whose lanes stay until <see cref="Release(LanePath)"/>.</summary>
    public LanePath PathOf(in TrafficScope scope)
    {
        lock (_sync)
        {
            return new LanePath(_lanes.Of(scope), Clock, isShared: _budget is not null);
        }
    }

    public void Release(LanePath path)
    {
        lock (_sync)
        {
            foreach (var lane in path.Lanes)
            {
                lane.Gates--;
            }
        }
    }

    public ValueTask<Admission> Enter(LanePath path, in TrafficRequest request, long waitUntil, CancellationToken cancellationToken)
    {
        var answer = Admit(path, request, waitUntil, cancellationToken);
        SendNews();
        return answer;
    }

    /// <summary>Sends what has come up under the lock: the leases' requests to the shared budget, and what the log is told. Not under it: an answer may come at once.</summary>
    public void SendNews()
    {
        while (!_openings.IsEmpty && _openings.TryDequeue(out var opening))
        {
            LaneLog.Opened(_logger, opening.Lane, opening.Environment, opening.Scope, opening.Closed.TotalSeconds, opening.Waited, opening.Refused);
        }

        if (_budget is null)
        {
            return;
        }

        while (_asks.TryDequeue(out var lease))
        {
            var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            using (flow)
            {
                _ = ReconsiderAfterAsync(lease);
            }
        }
    }

    private async Task ReconsiderAfterAsync(BudgetLease lease)
    {
        if (await lease.AskAsync().ConfigureAwait(false))
        {
            Reconsider();
        }
    }

    private ValueTask<Admission> Admit(LanePath path, in TrafficRequest request, long waitUntil, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            var now = Time.GetTimestamp();
            if (_waiters.IsDue(now))
            {
                _waiters.Walk(now);
            }

            if (path.TryAdmit(request, now, TimeSpan.Zero, out var admission, out var blocker))
            {
                return new ValueTask<Admission>(admission);
            }

            var waits = blocker.Until <= waitUntil && waitUntil > now;
            if (blocker.Lane is { } lane && lane.WhenHeld == blocker.Reason)
            {
                lane.Count(waits);
            }

            if (!waits)
            {
                return new ValueTask<Admission>(_waiters.Refusal(blocker.Reason, blocker, TimeSpan.Zero, now));
            }

            if (blocker.Lane!.Waiters >= request.Limits.MaxWaiters && !_waiters.TryGiveUpLesser(blocker.Lane, request.Class, now))
            {
                return new ValueTask<Admission>(_waiters.Refusal(RefusalReason.TooManyWaiters, blocker, TimeSpan.Zero, now));
            }

            var waiter = new Waiter(path, request, now, waitUntil, cancellationToken);
            _waiters.Add(waiter, blocker, now);
            return new ValueTask<Admission>(waiter.Task);
        }
    }

    public void Return(LanePath path, in LaneTickets tickets, TrafficLane refusedBy)
    {
        lock (_sync)
        {
            var now = Time.GetTimestamp();
            var changed = false;
            for (var i = 0; i < LaneTickets.Length; i++)
            {
                var lane = path.Lanes[i];
                changed |= lane.Return(tickets[i], lane.Kind == refusedBy, now);
            }

            if (changed)
            {
                _waiters.Walk(now);
            }
        }

        SendNews();
    }

    /// <summary>Gives up the places of a probe that never left; the caller looks at those that wait for them.</summary>
    public void Withdraw(LanePath path, in LaneTickets tickets)
    {
        lock (_sync)
        {
            for (var i = 0; i < LaneTickets.Length; i++)
            {
                path.Lanes[i].Withdraw(tickets[i]);
            }
        }
    }

    public bool StillLets(LanePath path, TrafficClass trafficClass, in LaneTickets tickets)
    {
        lock (_sync)
        {
            for (var i = 0; i < TrafficRule.Of(trafficClass).Lanes; i++)
            {
                if (!path.Lanes[i].StillLets(tickets[i]))
                {
                    return false;
                }
            }

            return true;
        }
    }

    public Hold Close(Lane lane, in HoldRequest request)
    {
        lock (_sync)
        {
            return CloseHere(lane, request);
        }
    }

    private Hold CloseHere(Lane lane, in HoldRequest request)
    {
        var now = Time.GetTimestamp();
        var extended = lane.Close(request, Clock.At(now), Clock.IsLearned, now, _random);
        if (extended)
        {
            // A request that cannot outwait the longer hold is refused now.
            _waiters.Walk(now);
        }

        return lane.Hold(now, extended);
    }

    /// <summary>Closes a lane for a wait that the exchange asked of an earlier run, or of another process, whose store other machines write.</summary>
    public Hold? Restore(JournalHold kept, bool isFromElsewhere)
    {
        var left = HoldLength.Left(kept, isFromElsewhere, Time, Clock);
        if (left <= TimeSpan.Zero)
        {
            return null;
        }

        lock (_sync)
        {
            // A status in its place is no code of the exchange's.
            return CloseHere(_lanes.Of(kept.Lane, kept.Scope), new HoldRequest(Math.Min(kept.Code, 0), Status: 0, left, null, null, null, TimeSpan.Zero, TimeSpan.Zero));
        }
    }

    public bool Release(TrafficLane kind, string key)
    {
        lock (_sync)
        {
            var now = Time.GetTimestamp();
            if (_lanes.Find(kind, key) is not { } lane || !lane.Release(now))
            {
                return false;
            }

            _waiters.Walk(now);
        }

        SendNews();
        return true;
    }

    /// <summary>Time has passed, or is now known better.</summary>
    public void Reconsider()
    {
        lock (_sync)
        {
            _waiters.Walk(Time.GetTimestamp());
        }

        SendNews();
    }

    public LaneSnapshot[] Snapshot()
    {
        lock (_sync)
        {
            var now = Time.GetTimestamp();
            return [.. _lanes.All.Select(lane => lane.Snapshot(now, Clock.InstantAt(now)))];
        }
    }

    public void Dispose()
    {
        lock (_sync)
        {
            _waiters.CancelAll();
        }
    }

    private void Expire(object? waiter)
    {
        lock (_sync)
        {
            _waiters.Expire((Waiter)waiter!);
        }
    }

    private void Cancel(object? waiter)
    {
        lock (_sync)
        {
            _waiters.Cancel((Waiter)waiter!);
        }
    }
}
