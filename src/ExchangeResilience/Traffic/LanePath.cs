namespace ExchangeResilience;

/// <summary>
/// What a request of one scope passes: its lanes, and the windows of the exchange that count it. Reserving in the windows takes no lock; what concerns the lanes themselves is guarded by
/// the scheduler's.
/// </summary>
internal sealed class LanePath(Lane[] lanes, DateHeaderClock clock, bool isShared)
{
    private readonly Lane _ip = lanes[0];
    private readonly Lane _orders = lanes[1];
    private readonly UsageWindow _weight1m = lanes[0].WindowOf(RateLimitWindow.Weight.Length)!;
    private readonly UsageWindow _orders10s = lanes[1].WindowOf(RateLimitWindow.ShortOrders.Length)!;
    private readonly UsageWindow _orders1m = lanes[1].WindowOf(RateLimitWindow.LongOrders.Length)!;

    /// <summary>Ip, Orders, Host: the order <see cref="TrafficRule.Lanes"/> counts in.</summary>
    public Lane[] Lanes { get; } = lanes;

    public bool IsOpen(TrafficClass trafficClass)
    {
        for (var i = 0; i < TrafficRule.Of(trafficClass).Lanes; i++)
        {
            if (!Lanes[i].IsOpen)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Grants the request in full, or returns what blocks it longest. Under the scheduler's lock.</summary>
    public bool TryAdmit(in TrafficRequest request, long now, TimeSpan waited, out Admission admission, out Blocker blocker)
    {
        var exchangeNow = clock.InstantAt(now);
        do
        {
            blocker = FindBlocker(request, now, exchangeNow);
            if (blocker.Reason != RefusalReason.None)
            {
                admission = default;
                return false;
            }
        }
        while (!TryReserve(request, exchangeNow, out _)); // Requests on the lock-free way may have taken the room just seen.

        var tickets = default(LaneTickets);
        var rule = TrafficRule.Of(request.Class);
        for (var i = 0; i < rule.Lanes; i++)
        {
            tickets[i] = Lanes[i].Take(now, request.Limits.ProbeTimeout, rule.IsProtective);
        }

        admission = Admission.Grant(request, exchangeNow, tickets, waited);
        return true;
    }

    /// <summary>Gives back what a request was counted for that never left.</summary>
    public void Refund(in Admission admission)
    {
        _weight1m.Refund(admission.Weight, admission.CountedAt);
        _orders10s.Refund(admission.Orders10s, admission.CountedAt);
        _orders1m.Refund(admission.Orders1m, admission.CountedAt);
    }

    /// <summary>The reply of a request has come, or is lost: it is counted, and no longer in flight.</summary>
    public void Settle(in Admission admission)
    {
        _weight1m.Settle(admission.Weight);
        _orders10s.Settle(admission.Orders10s);
        _orders1m.Settle(admission.Orders1m);
    }

    /// <summary>Whether the exchange will count a request where it was counted here.</summary>
    public bool StillCounts(in Admission admission, ExchangeInstant now) =>
        (admission.Weight == 0 || _weight1m.StillCounts(admission.CountedAt, now))
        && (admission.Orders10s == 0 || _orders10s.StillCounts(admission.CountedAt, now))
        && (admission.Orders1m == 0 || _orders1m.StillCounts(admission.CountedAt, now));

    /// <summary>Learns what the exchange has counted, from a header of a reply whose admission has not ended yet.</summary>
    public void Learn(in UsageHeader usage, long? date, in Admission admission)
    {
        var window = (usage.Lane == TrafficLane.Ip ? _ip : _orders).WindowOf(usage.Interval);
        if (window is null || (date is { } stamped && window.Explains(usage.Used, stamped)))
        {
            return;
        }

        var own = window == _weight1m ? admission.Weight
            : window == _orders10s ? admission.Orders10s
            : window == _orders1m ? admission.Orders1m
            : 0;
        var exchangeNow = clock.Now;
        window.Observe(usage.Used, own, exchangeNow.StampOf(date), exchangeNow);
    }

    /// <summary>
    /// Counts a request in its windows, in all of them or in none; without a lock. Where it <paramref name="gaveBack"/> room, another request may have found none for a moment.
    /// </summary>
    public bool TryReserve(in TrafficRequest request, ExchangeInstant exchangeNow, out bool gaveBack)
    {
        // What a fleet does not allow was reserved for a moment, too.
        gaveBack = isShared;
        var rule = TrafficRule.Of(request.Class);
        if (!_weight1m.TryReserve(request.Weight, request.WeightLimit, rule.WeightPercent, exchangeNow))
        {
            return false;
        }

        if (_orders10s.TryReserve(request.Orders10s, request.Orders10sLimit, rule.OrdersPercent, exchangeNow))
        {
            if (_orders1m.TryReserve(request.Orders1m, request.Orders1mLimit, rule.OrdersPercent, exchangeNow))
            {
                return true;
            }

            _orders10s.Refund(request.Orders10s, exchangeNow);
        }

        _weight1m.Refund(request.Weight, exchangeNow);
        gaveBack = true;
        return false;
    }

    private Blocker FindBlocker(in TrafficRequest request, long now, ExchangeInstant exchangeNow)
    {
        var rule = TrafficRule.Of(request.Class);
        var blocker = default(Blocker);
        for (var i = 0; i < rule.Lanes; i++)
        {
            if (Lanes[i].Stops(now, rule.IsProtective, out var stop))
            {
                blocker = Later(blocker, stop);
            }
        }

        // The longer windows first: until one that has nothing more to give is over, nothing is asked for in a shorter one.
        blocker = Shortage(blocker, RefusalReason.WeightSpent, _ip, _weight1m, request.Weight, request.WeightLimit, rule.WeightPercent, now, exchangeNow);
        blocker = Shortage(blocker, RefusalReason.OrdersSpent, _orders, _orders1m, request.Orders1m, request.Orders1mLimit, rule.OrdersPercent, now, exchangeNow);
        blocker = Shortage(blocker, RefusalReason.OrdersSpent, _orders, _orders10s, request.Orders10s, request.Orders10sLimit, rule.OrdersPercent, now, exchangeNow);
        return blocker;
    }

    private static Blocker Later(in Blocker one, in Blocker other) =>
        other.Reason == RefusalReason.None || (one.Reason != RefusalReason.None && one.Until >= other.Until) ? one : other;

    private Blocker Shortage(in Blocker longest, RefusalReason reason, Lane lane, UsageWindow window, int amount, int? limit, int percent, long now, ExchangeInstant exchangeNow)
    {
        var end = clock.TimestampOf(window.EndOfWindow(exchangeNow));
        if (longest.Reason != RefusalReason.None && longest.Until >= end)
        {
            return longest;
        }

        var hasRoom = window.HasRoom(amount, limit, percent, exchangeNow);
        if (hasRoom && window.IsAllowed(amount, limit, percent, exchangeNow))
        {
            return longest;
        }

        // While the fleet may still give something, the way can be free at any moment.
        return Later(longest, new Blocker(reason, lane, hasRoom && window.MayBeAllowed(amount, limit, percent, exchangeNow) ? now : end, end));
    }
}
