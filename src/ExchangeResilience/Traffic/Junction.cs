using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>
/// Where all lanes of one environment meet. Who must wait stands here in order of priority; whenever something may have
/// become free the row is walked from the front, so that a request gets all it needs at once or nothing.
/// </summary>
internal sealed class Junction : IDisposable
{
    // Fewer lanes than this are not worth a look. A program has some; one that is given a key with each request has one more with each.
    private const int FewLanes = 64;

    private readonly Lock _sync = new();
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly string _environment;
    private readonly FleetBudget? _budget;
    private readonly ITimer _timer;
    private readonly ConcurrentQueue<Allowance> _asks = new();
    private readonly Dictionary<(TrafficLane Kind, string Key), Lane> _lanes = [];
    private readonly LinkedList<Waiter>[] _rows = [.. Enumerable.Range(0, TrafficRule.Classes).Select(_ => new LinkedList<Waiter>())];
    private int _lanesWorthALook = FewLanes;
    private volatile int _waiters;
    private long _lookAgainAt = long.MaxValue;

    public Junction(string environment, ExchangeClock clock, Random random, FleetBudget? budget = null)
    {
        var time = clock.Time;
        _budget = budget;
        _environment = environment;
        _time = time;
        _random = random;
        Clock = new ExchangeTimeEstimate(clock);

        // The timer outlives the request that happened to need it first, and must not carry that request's context along.
        var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        using (flow)
        {
            _timer = time.CreateTimer(static state => ((Junction)state!).Reconsider(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public TimeProvider Time => _time;

    public ExchangeTimeEstimate Clock { get; }

    /// <summary>Whether a fleet shares the limits.</summary>
    public bool IsShared => _budget is not null;

    public bool HasWaiters => _waiters != 0;

    /// <summary>The lanes of a gate, which stay as long as it uses them; <see cref="Release(Gate)"/> ends that.</summary>
    public Lane[] LanesFor(in TrafficScope scope)
    {
        lock (_sync)
        {
            Lane[] lanes = [LaneOf(TrafficLane.Ip, scope.Egress), LaneOf(TrafficLane.Orders, scope.Account), LaneOf(TrafficLane.Host, scope.Host)];
            foreach (var lane in lanes)
            {
                lane.Gates++;
            }

            LetGoOfBlankLanes();
            return lanes;
        }
    }

    /// <summary>A gate is used no more.</summary>
    public void Release(Gate gate)
    {
        lock (_sync)
        {
            foreach (var lane in gate.Lanes)
            {
                lane.Gates--;
            }
        }
    }

    private Lane LaneOf(TrafficLane kind, string key)
    {
        if (!_lanes.TryGetValue((kind, key), out var lane))
        {
            lane = new Lane(kind, _environment, key, _time, [.. IntervalsOf(kind).Select(interval => new UsageWindow(interval, AllowanceOf(kind, key, interval)))]);
            _lanes.Add((kind, key), lane);
        }

        return lane;
    }

    // All are looked at once their number has doubled, so that each new lane pays for a look at two.
    private void LetGoOfBlankLanes()
    {
        if (_lanes.Count < _lanesWorthALook)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var exchangeNow = Clock.InstantAt(now);
        foreach (var (key, lane) in _lanes)
        {
            if (lane.IsBlank(now, exchangeNow))
            {
                _lanes.Remove(key);
            }
        }

        _lanesWorthALook = Math.Max(FewLanes, _lanes.Count * 2);
    }

    public ValueTask<Admission> Enter(Gate gate, in TrafficRequest request, long waitUntil, CancellationToken cancellationToken)
    {
        var answer = Admit(gate, request, waitUntil, cancellationToken);
        SendAsks();
        return answer;
    }

    /// <summary>Sends to the shared budget what is to be asked. Not under the lock: an answer may come at once.</summary>
    public void SendAsks()
    {
        if (_budget is null)
        {
            return;
        }

        while (_asks.TryDequeue(out var allowance))
        {
            var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            using (flow)
            {
                _ = ReconsiderAfterAsync(allowance);
            }
        }
    }

    private async Task ReconsiderAfterAsync(Allowance allowance)
    {
        if (await allowance.AskAsync().ConfigureAwait(false))
        {
            Reconsider();
        }
    }

    private ValueTask<Admission> Admit(Gate gate, in TrafficRequest request, long waitUntil, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            var now = _time.GetTimestamp();
            if (now >= _lookAgainAt)
            {
                Walk(now);
            }

            if (gate.TryAdmit(request, now, TimeSpan.Zero, out var admission, out var obstacle))
            {
                return new ValueTask<Admission>(admission);
            }

            if (obstacle.Until > waitUntil || waitUntil <= now)
            {
                return new ValueTask<Admission>(Refusal(obstacle.Reason, obstacle, TimeSpan.Zero, now));
            }

            if (obstacle.Lane!.Waiters >= request.Limits.MaxWaiters && !TryGiveUpLesser(obstacle.Lane, request.Class, now))
            {
                return new ValueTask<Admission>(Refusal(RefusalReason.TooManyWaiters, obstacle, TimeSpan.Zero, now));
            }

            var waiter = new Waiter(gate, request, now, waitUntil, cancellationToken);
            Enqueue(waiter, obstacle, now);
            return new ValueTask<Admission>(waiter.Task);
        }
    }

    public void Return(Gate gate, in LaneTickets tickets, TrafficLane refusedBy)
    {
        lock (_sync)
        {
            var now = _time.GetTimestamp();
            var changed = false;
            for (var i = 0; i < LaneTickets.Length; i++)
            {
                var lane = gate.Lanes[i];
                changed |= lane.Return(tickets[i], lane.Kind == refusedBy, now);
            }

            if (changed)
            {
                Walk(now);
            }
        }

        SendAsks();
    }

    /// <summary>Gives up the places of a probe that never left; whoever waits for them is looked at by the caller.</summary>
    public void Withdraw(Gate gate, in LaneTickets tickets)
    {
        lock (_sync)
        {
            for (var i = 0; i < LaneTickets.Length; i++)
            {
                gate.Lanes[i].Withdraw(tickets[i]);
            }
        }
    }

    public bool StillLets(Gate gate, TrafficClass trafficClass, in LaneTickets tickets)
    {
        lock (_sync)
        {
            for (var i = 0; i < TrafficRule.Of(trafficClass).Lanes; i++)
            {
                if (!gate.Lanes[i].StillLets(tickets[i]))
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
        var now = _time.GetTimestamp();
        var extended = lane.Close(request, Clock.At(now), Clock.IsLearned, now, _random);
        if (extended)
        {
            // Who cannot outwait the longer hold is told so now.
            Walk(now);
        }

        return lane.Hold(now, extended);
    }

    /// <summary>Closes a lane by what an earlier run, or another process, was told.</summary>
    /// <param name="kept">
    /// The hold. Of one that this machine kept since it was booted its end by the uptime counts, which nobody sets; of an older one both others are asked and the later counts: either
    /// clock may have been set meanwhile. The local end of one that came from elsewhere was counted from this machine's own clock, and counts only until the exchange has told its time:
    /// no other machine's clock is compared with the exchange's.
    /// </param>
    /// <param name="isFromElsewhere">Whether it was kept by a store that other machines write.</param>
    public Hold? Restore(JournalHold kept, bool isFromElsewhere)
    {
        var byExchange = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(kept.UntilExchangeMs, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
            - DateTimeOffset.FromUnixTimeMilliseconds(Clock.At(_time.GetTimestamp()));
        var byWall = kept.Until - _time.GetUtcNow();
        var left = isFromElsewhere ? (Clock.IsLearned ? byExchange : byWall)
            : kept is { UntilUptime: { } end, Boot: { } boot } && boot == MachineBoot.Id ? end - _time.Uptime()
            : byExchange > byWall ? byExchange
            : byWall;
        if (isFromElsewhere)
        {
            // It bears the margin already; what each process adds to it is its own part of chance.
            left -= Lane.Margin;
        }

        if (left <= TimeSpan.Zero)
        {
            return null;
        }

        lock (_sync)
        {
            LetGoOfBlankLanes();
            return CloseHere(LaneOf(kept.Lane, kept.Scope), new HoldRequest(kept.Code, Status: 0, left, null, null, null, TimeSpan.Zero, TimeSpan.Zero));
        }
    }

    /// <summary>Ends a hold by a person's word; false where there is none.</summary>
    public bool Release(TrafficLane kind, string key)
    {
        lock (_sync)
        {
            var now = _time.GetTimestamp();
            if (!_lanes.TryGetValue((kind, key), out var lane) || !lane.Release(now))
            {
                return false;
            }

            Walk(now);
        }

        SendAsks();
        return true;
    }

    /// <summary>Time has passed, or is now known better.</summary>
    public void Reconsider()
    {
        WalkNow();
        SendAsks();
    }

    public LaneSnapshot[] Snapshot()
    {
        lock (_sync)
        {
            var now = _time.GetTimestamp();
            return [.. _lanes.Values.Select(lane => lane.Snapshot(now, Clock.InstantAt(now)))];
        }
    }

    public void Dispose()
    {
        lock (_sync)
        {
            _timer.Dispose();
            foreach (var waiter in _rows.SelectMany(row => row).ToArray())
            {
                Dequeue(waiter);
                waiter.TrySetCanceled();
            }
        }
    }

    // What the exchange counts there from the start; windows it is first heard to count are added.
    private static TimeSpan[] IntervalsOf(TrafficLane kind) => kind switch
    {
        TrafficLane.Ip => [Lane.Minute],
        TrafficLane.Orders => [Lane.TenSeconds, Lane.Minute],
        _ => [],
    };

    private Allowance? AllowanceOf(TrafficLane kind, string key, TimeSpan interval) =>
        _budget is null ? null : new Allowance(_budget, new BudgetKey(_environment, kind, key, interval), _asks);

    private void WalkNow()
    {
        lock (_sync)
        {
            Walk(_time.GetTimestamp());
        }
    }

    private void Walk(long now)
    {
        var lookAgainAt = long.MaxValue;
        foreach (var row in _rows)
        {
            for (var place = row.First; place is not null;)
            {
                var waiter = place.Value;
                place = place.Next;
                var waited = _time.GetElapsedTime(waiter.Since, now);
                if (waiter.Gate.TryAdmit(waiter.Request, now, waited, out var admission, out var obstacle))
                {
                    Answer(waiter, admission);
                }
                else if (obstacle.Until > waiter.WaitUntil)
                {
                    Answer(waiter, Refusal(obstacle.Reason, obstacle, waited, now));
                }
                else
                {
                    StandBefore(waiter, obstacle);
                    lookAgainAt = Math.Min(lookAgainAt, obstacle.LookAgainAt);
                }
            }
        }

        LookAgainAt(lookAgainAt, now);
    }

    private void Enqueue(Waiter waiter, in Obstacle obstacle, long now)
    {
        waiter.Place = _rows[(int)waiter.Request.Class].AddLast(waiter);
        _waiters++;
        StandBefore(waiter, obstacle);
        if (obstacle.LookAgainAt < _lookAgainAt)
        {
            LookAgainAt(obstacle.LookAgainAt, now);
        }

        if (waiter.WaitUntil != long.MaxValue)
        {
            waiter.Expiry = _time.CreateTimer(static state => Expire((Waiter)state!), waiter, Due(now, waiter.WaitUntil), Timeout.InfiniteTimeSpan);
        }

        // Runs at once where the token is cancelled by now; the lock may be entered again by its holder.
        waiter.Cancellation = waiter.CancellationToken.UnsafeRegister(static state => Cancel((Waiter)state!), waiter);
    }

    private static void Expire(Waiter waiter)
    {
        var junction = waiter.Gate.Junction;
        lock (junction._sync)
        {
            var now = junction._time.GetTimestamp();
            if (waiter.Place is not null)
            {
                junction.Answer(waiter, junction.Refusal(waiter.Obstacle.Reason, waiter.Obstacle, junction._time.GetElapsedTime(waiter.Since, now), now));
            }
        }
    }

    private static void Cancel(Waiter waiter)
    {
        var junction = waiter.Gate.Junction;
        lock (junction._sync)
        {
            if (waiter.Place is not null)
            {
                junction.Dequeue(waiter);
                waiter.TrySetCanceled(waiter.CancellationToken);
            }
        }
    }

    // A full lane gives up the youngest of the least urgent before it turns somebody more urgent away.
    private bool TryGiveUpLesser(Lane lane, TrafficClass trafficClass, long now)
    {
        for (var i = _rows.Length - 1; i > (int)trafficClass; i--)
        {
            for (var place = _rows[i].Last; place is not null; place = place.Previous)
            {
                var waiter = place.Value;
                if (waiter.Obstacle.Lane == lane)
                {
                    Answer(waiter, Refusal(RefusalReason.TooManyWaiters, waiter.Obstacle, _time.GetElapsedTime(waiter.Since, now), now));
                    return true;
                }
            }
        }

        return false;
    }

    private Admission Refusal(RefusalReason reason, in Obstacle obstacle, TimeSpan waited, long now) =>
        Admission.Refuse(reason, _time.WallClockAt(now, obstacle.Until), waited);

    private void Answer(Waiter waiter, in Admission admission)
    {
        Dequeue(waiter);
        waiter.TrySetResult(admission);
    }

    private void Dequeue(Waiter waiter)
    {
        _rows[(int)waiter.Request.Class].Remove(waiter.Place!);
        _waiters--;
        waiter.Place = null;
        waiter.Obstacle.Lane!.Waiters--;
        waiter.Expiry?.Dispose();

        // Unregister, unlike Dispose, does not wait for a cancellation that may itself be waiting for this lock.
        waiter.Cancellation.Unregister();
    }

    private static void StandBefore(Waiter waiter, in Obstacle obstacle)
    {
        if (waiter.Obstacle.Lane is { } before)
        {
            before.Waiters--;
        }

        obstacle.Lane!.Waiters++;
        waiter.Obstacle = obstacle;
    }

    private void LookAgainAt(long timestamp, long now)
    {
        // Armed anew even for the same instant: a timer may have fired a little early.
        if (timestamp != long.MaxValue || _lookAgainAt != long.MaxValue)
        {
            _timer.Change(timestamp == long.MaxValue ? Timeout.InfiniteTimeSpan : Due(now, timestamp), Timeout.InfiniteTimeSpan);
        }

        _lookAgainAt = timestamp;
    }

    // Timers cut to the millisecond; rounded up, they do not fire before their time. The longest is looked at once a day.
    private TimeSpan Due(long now, long timestamp) =>
        TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(_time.Left(now, timestamp).TotalMilliseconds), TimeSpan.MillisecondsPerDay));
}
