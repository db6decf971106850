using System.Net.Http.Headers;

namespace ExchangeResilience;

/// <summary>What every request passes before it leaves, and tells afterwards what it learned. Shared by all clients of one scope.</summary>
/// <remarks>
/// While nothing is closed, no request waits and no limit is near, passing takes a few atomic operations: no lock and no allocation.
/// </remarks>
internal sealed class Gate
{
    private readonly Lane _ip;
    private readonly Lane _orders;
    private readonly Lane _host;
    private readonly UsageWindow _weight1m;
    private readonly UsageWindow _orders10s;
    private readonly UsageWindow _orders1m;

    public Gate(TrafficScope scope, LaneScheduler scheduler)
    {
        Scope = scope;
        LaneScheduler = scheduler;
        Lanes = scheduler.LanesFor(scope);
        (_ip, _orders, _host) = (Lanes[0], Lanes[1], Lanes[2]);
        _weight1m = _ip.WindowOf(RateLimitWindow.Weight.Length)!;
        _orders10s = _orders.WindowOf(RateLimitWindow.ShortOrders.Length)!;
        _orders1m = _orders.WindowOf(RateLimitWindow.LongOrders.Length)!;
    }

    public TrafficScope Scope { get; }

    internal LaneScheduler LaneScheduler { get; }

    /// <summary>Ip, Orders, Host: the order <see cref="TrafficRule.Lanes"/> counts in.</summary>
    internal Lane[] Lanes { get; }

    /// <summary>Lets a request out if nothing at all is in its way; without a lock.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="now">The current timestamp of the <see cref="TimeProvider"/>.</param>
    /// <param name="admission">Granted, and to be handed to <see cref="Leave"/> once; else nothing.</param>
    public bool TryEnter(in TrafficRequest request, long now, out Admission admission)
    {
        admission = default;
        if (LaneScheduler.HasWaiters || !IsOpen(request.Class))
        {
            return false;
        }

        var exchangeNow = request.IsFree ? default : LaneScheduler.Clock.InstantAt(now);
        if (!request.IsFree && !TryReserve(request, exchangeNow, out var gaveBack))
        {
            if (gaveBack)
            {
                // A request that found that room taken may have begun to wait for it.
                LaneScheduler.Reconsider();
            }

            return false;
        }

        admission = Admission.Grant(request, exchangeNow, default, TimeSpan.Zero);
        LaneScheduler.SendAsks();
        return true;
    }

    /// <summary>Asks to let a request out that <see cref="TryEnter"/> did not, and waits where the wait can end in time.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="waitUntil">
    /// A timestamp of the <see cref="TimeProvider"/>. A wait that cannot end by then is refused at once, or as soon as that
    /// becomes known. <see cref="long.MaxValue"/>: however long it takes.
    /// </param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A granted admission, which must be handed to <see cref="Leave"/> or <see cref="Withdraw"/> once, or a refused one, which need not.</returns>
    public ValueTask<Admission> WaitAsync(in TrafficRequest request, long waitUntil, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<Admission>(cancellationToken) : LaneScheduler.Enter(this, request, waitUntil, cancellationToken);

    /// <summary>
    /// Ends a granted admission: the reply has come, or is lost. After <see cref="Observe"/>, and after <see cref="Close"/> where
    /// the reply was a refusal.
    /// </summary>
    /// <param name="admission">What <see cref="WaitAsync"/> granted.</param>
    /// <param name="refusedBy">
    /// The lane on which the exchange refused the request. A probe refused on its own lane closes that again, for as long as
    /// before where <see cref="Close"/> has not said otherwise; to the other lanes any reply, or none, is no refusal.
    /// </param>
    public void Leave(in Admission admission, TrafficLane refusedBy = TrafficLane.None)
    {
        if (!admission.Granted)
        {
            return;
        }

        Settle(admission);
        if (admission.Tickets.Any)
        {
            LaneScheduler.Return(this, admission.Tickets, refusedBy);
        }
    }

    /// <summary>Ends a granted admission of which no use was made: nothing left, so nothing was learned, and what it was to cost is given back.</summary>
    public void Withdraw(in Admission admission)
    {
        if (!admission.Granted)
        {
            return;
        }

        _weight1m.Refund(admission.Weight, admission.CountedAt);
        _orders10s.Refund(admission.Orders10s, admission.CountedAt);
        _orders1m.Refund(admission.Orders1m, admission.CountedAt);
        if (admission.Tickets.Any)
        {
            LaneScheduler.Withdraw(this, admission.Tickets);
        }

        if (LaneScheduler.HasWaiters)
        {
            LaneScheduler.Reconsider();
        }
    }

    /// <summary>Whether what was let out may still leave: no lane of its path is closed to it now, and the exchange will count it where it was counted here.</summary>
    public bool StillAdmits(in TrafficRequest request, in Admission admission)
    {
        var isLetThrough = admission.Tickets.Any ? LaneScheduler.StillLets(this, request.Class, admission.Tickets) : IsOpen(request.Class);
        return isLetThrough && (request.IsFree || StillCounts(admission, LaneScheduler.Clock.InstantAt(LaneScheduler.Time.GetTimestamp())));
    }

    /// <summary>Learns the exchange's time and what it has counted from any reply, success or error.</summary>
    /// <param name="admission">The admission the reply belongs to, not yet ended.</param>
    /// <param name="headers">The reply's headers.</param>
    /// <returns>The reply's Date; null where it bears none that can be read.</returns>
    public DateTimeOffset? Observe(in Admission admission, HttpResponseHeaders headers)
    {
        var raw = headers.NonValidated;
        long? date = null;
        if (raw.TryGetValues("Date", out var text) && LaneScheduler.Clock.Observe(text.ToString(), out var moved) is { } stamped)
        {
            date = stamped;
            if (moved && LaneScheduler.HasWaiters)
            {
                LaneScheduler.Reconsider();
            }
        }

        foreach (var (name, values) in raw)
        {
            if (UsageHeader.TryRead(name, values, out var usage))
            {
                Learn(usage, date, admission);
            }
        }

        return date is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>Closes a lane for every client that shares it, or extends its hold.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="request">What the refusal said.</param>
    /// <returns>The hold now in force, which may be an older, longer one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The lane is <see cref="TrafficLane.None"/> or undefined.</exception>
    public Hold Close(TrafficLane lane, in HoldRequest request) => lane switch
    {
        TrafficLane.Ip => LaneScheduler.Close(_ip, request),
        TrafficLane.Orders => LaneScheduler.Close(_orders, request),
        TrafficLane.Host => LaneScheduler.Close(_host, request),
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, "Only a lane can be closed."),
    };

    /// <summary>Ends the use of a gate that was opened for one call: its lanes may go once there is nothing in them to remember.</summary>
    public void Release() => LaneScheduler.Release(this);

    /// <summary>Whose lane it is.</summary>
    public string KeyOf(TrafficLane lane) => lane switch
    {
        TrafficLane.Ip => Scope.Egress,
        TrafficLane.Orders => Scope.Account,
        _ => Scope.Host,
    };

    /// <summary>Grants what is asked for in full, or tells what stands in the way longest. Under the scheduler's lock.</summary>
    internal bool TryAdmit(in TrafficRequest request, long now, TimeSpan waited, out Admission admission, out Blocker blocker)
    {
        var exchangeNow = LaneScheduler.Clock.InstantAt(now);
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

    private bool StillCounts(in Admission admission, ExchangeInstant now) =>
        (admission.Weight == 0 || _weight1m.StillCounts(admission.CountedAt, now))
        && (admission.Orders10s == 0 || _orders10s.StillCounts(admission.CountedAt, now))
        && (admission.Orders1m == 0 || _orders1m.StillCounts(admission.CountedAt, now));

    private void Settle(in Admission admission)
    {
        _weight1m.Settle(admission.Weight);
        _orders10s.Settle(admission.Orders10s);
        _orders1m.Settle(admission.Orders1m);
    }

    private bool IsOpen(TrafficClass trafficClass)
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

    private void Learn(in UsageHeader usage, long? date, in Admission admission)
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
        var now = LaneScheduler.Clock.InstantAt(LaneScheduler.Time.GetTimestamp());
        window.Observe(usage.Used, own, now.StampOf(date), now);
    }

    /// <summary>The exchange's time as its replies show it, in milliseconds since 1970.</summary>
    public long ExchangeNow() => LaneScheduler.Clock.At(LaneScheduler.Time.GetTimestamp());

    /// <summary>The earliest that the exchange's time can be as a reply of that Date is received: what has been measured, else the earlier of what this Date and earlier ones tell. Null where nothing does.</summary>
    public DateTimeOffset? EarliestNow(DateTimeOffset? date)
    {
        if (!LaneScheduler.Clock.IsLearned)
        {
            return date;
        }

        var known = DateTimeOffset.FromUnixTimeMilliseconds(ExchangeNow());
        return LaneScheduler.Clock.IsMeasured || !(date < known) ? known : date;
    }

    /// <param name="request">What is asked for.</param>
    /// <param name="exchangeNow">The exchange's time.</param>
    /// <param name="gaveBack">Whether room was taken for a moment, in which another request may have found none.</param>
    private bool TryReserve(in TrafficRequest request, ExchangeInstant exchangeNow, out bool gaveBack)
    {
        // What a fleet does not allow was reserved for a moment, too.
        gaveBack = LaneScheduler.IsShared;
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

        blocker = Later(blocker, Shortage(RefusalReason.WeightSpent, _ip, _weight1m, request.Weight, request.WeightLimit, rule.WeightPercent, now, exchangeNow));
        blocker = Later(blocker, Shortage(RefusalReason.OrdersSpent, _orders, _orders10s, request.Orders10s, request.Orders10sLimit, rule.OrdersPercent, now, exchangeNow));
        blocker = Later(blocker, Shortage(RefusalReason.OrdersSpent, _orders, _orders1m, request.Orders1m, request.Orders1mLimit, rule.OrdersPercent, now, exchangeNow));
        return blocker;
    }

    private static Blocker Later(in Blocker one, in Blocker other) =>
        other.Reason == RefusalReason.None || (one.Reason != RefusalReason.None && one.Until >= other.Until) ? one : other;

    private Blocker Shortage(RefusalReason reason, Lane lane, UsageWindow window, int amount, int? limit, int percent, long now, ExchangeInstant exchangeNow)
    {
        var hasRoom = window.HasRoom(amount, limit, percent, exchangeNow);
        if (hasRoom && window.IsAllowed(amount, limit, percent, exchangeNow))
        {
            return default;
        }

        // While the fleet may still give something, the way can be free at any moment.
        var end = LaneScheduler.Clock.TimestampOf(window.EndOfWindow(exchangeNow));
        return new Blocker(reason, lane, hasRoom && window.MayBeAllowed(amount, limit, percent, exchangeNow) ? now : end, end);
    }
}
