using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The lanes of one environment. Guarded by the scheduler's lock.</summary>
internal sealed class EnvironmentLanes(string environment, TimeProvider time, DateHeaderClock clock, FleetBudget? budget, ConcurrentQueue<BudgetLease> asks, ConcurrentQueue<LaneOpening> openings)
{
    // Fewer lanes than this are not worth a look. A program has some; one that is given a key with each request has one more with each.
    private const int FewLanes = 64;

    private readonly Dictionary<(TrafficLane Kind, string Key), Lane> _lanes = [];
    private int _lanesWorthALook = FewLanes;

    public IEnumerable<Lane> All => _lanes.Values;

    public Lane? Find(TrafficLane kind, string key) => _lanes.GetValueOrDefault((kind, key));

    /// <summary>The lanes of a gate, in the order of its tickets.</summary>
    public Lane[] Of(in TrafficScope scope)
    {
        Lane[] lanes = [LaneOf(TrafficLane.Ip, scope.Egress), LaneOf(TrafficLane.Orders, scope.Account), LaneOf(TrafficLane.Host, scope.Host)];
        foreach (var lane in lanes)
        {
            lane.Gates++;
        }

        ForgetBlankLanes();
        return lanes;
    }

    /// <summary>One lane, which no gate may use yet.</summary>
    public Lane Of(TrafficLane kind, string key)
    {
        ForgetBlankLanes();
        return LaneOf(kind, key);
    }

    private Lane LaneOf(TrafficLane kind, string key)
    {
        if (!_lanes.TryGetValue((kind, key), out var lane))
        {
            lane = new Lane(kind, environment, key, time, openings, [.. RateLimitWindow.Of(kind).Select(window => new UsageWindow(window.Length, AllowanceOf(kind, key, window.Length)))]);
            _lanes.Add((kind, key), lane);
        }

        return lane;
    }

    // All are looked at once their number has doubled, so that each new lane pays for a look at two.
    private void ForgetBlankLanes()
    {
        if (_lanes.Count < _lanesWorthALook)
        {
            return;
        }

        var now = time.GetTimestamp();
        var exchangeNow = clock.InstantAt(now);
        foreach (var (key, lane) in _lanes)
        {
            if (lane.IsBlank(now, exchangeNow))
            {
                _lanes.Remove(key);
            }
        }

        _lanesWorthALook = Math.Max(FewLanes, _lanes.Count * 2);
    }

    private BudgetLease? AllowanceOf(TrafficLane kind, string key, TimeSpan interval) =>
        budget is null ? null : new BudgetLease(budget, new BudgetKey(environment, kind, key, interval), asks);
}
