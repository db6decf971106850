using System.Net.Http.Headers;

namespace ExchangeResilience;

/// <summary>What every request passes before it leaves, and reports to once its reply is there. Shared by all clients of one scope.</summary>
/// <remarks>
/// While nothing is closed, no request waits and no limit is near, passing takes a few atomic operations: no lock and no allocation.
/// </remarks>
internal sealed class Gate(TrafficScope scope, LaneScheduler scheduler)
{
    private readonly LanePath _path = scheduler.PathOf(scope);

    public TrafficScope Scope { get; } = scope;

    internal LaneScheduler LaneScheduler { get; } = scheduler;

    /// <summary>Lets a request out if nothing at all blocks it; without a lock. What is granted is to be handed to <see cref="Leave"/> once.</summary>
    public bool TryEnter(in TrafficRequest request, long now, out Admission admission)
    {
        admission = default;
        if (LaneScheduler.HasWaiters || !_path.IsOpen(request.Class))
        {
            return false;
        }

        var exchangeNow = request.IsFree ? default : LaneScheduler.Clock.InstantAt(now);
        if (!request.IsFree && !_path.TryReserve(request, exchangeNow, out var gaveBack))
        {
            if (gaveBack)
            {
                // A request that found that room taken may have begun to wait for it.
                LaneScheduler.Reconsider();
            }

            return false;
        }

        admission = Admission.Grant(request, exchangeNow, default, TimeSpan.Zero);
        LaneScheduler.SendNews();
        return true;
    }

    /// <summary>
    /// Asks to let a request out that <see cref="TryEnter"/> did not, and waits where the wait can end by that timestamp; one that cannot is refused at once, or as soon as
    /// that becomes known. <see cref="long.MaxValue"/>: it waits however long it takes.
    /// </summary>
    /// <returns>A granted admission, which must be handed to <see cref="Leave"/> or <see cref="Withdraw"/> once, or a refused one, which need not.</returns>
    public ValueTask<Admission> WaitAsync(in TrafficRequest request, long waitUntil, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<Admission>(cancellationToken) : LaneScheduler.Enter(_path, request, waitUntil, cancellationToken);

    /// <summary>
    /// Ends a granted admission: the reply has come, or is lost. After <see cref="Observe"/>, and after <see cref="Close"/> where the reply was a refusal. A probe refused
    /// on its own lane closes that again, for as long as before where <see cref="Close"/> has not said otherwise; to the other lanes any reply, or none, is no refusal.
    /// </summary>
    public void Leave(in Admission admission, TrafficLane refusedBy = TrafficLane.None)
    {
        if (!admission.Granted)
        {
            return;
        }

        _path.Settle(admission);
        if (admission.Tickets.Any)
        {
            LaneScheduler.Return(_path, admission.Tickets, refusedBy);
        }
    }

    /// <summary>Ends a granted admission of which no use was made: nothing left, so nothing was learned, and what it was to cost is given back.</summary>
    public void Withdraw(in Admission admission)
    {
        if (!admission.Granted)
        {
            return;
        }

        _path.Refund(admission);
        if (admission.Tickets.Any)
        {
            LaneScheduler.Withdraw(_path, admission.Tickets);
        }

        if (LaneScheduler.HasWaiters)
        {
            LaneScheduler.Reconsider();
        }
    }

    /// <summary>Whether what was let out may still leave: no lane of its path is closed to it now, and the exchange will count it where it was counted here.</summary>
    public bool StillAdmits(in TrafficRequest request, in Admission admission)
    {
        var isLetThrough = admission.Tickets.Any ? LaneScheduler.StillLets(_path, request.Class, admission.Tickets) : _path.IsOpen(request.Class);
        return isLetThrough && (request.IsFree || _path.StillCounts(admission, LaneScheduler.Clock.Now));
    }

    /// <summary>Learns the exchange's time and what it has counted from any reply, success or error, whose admission has not ended yet.</summary>
    /// <returns>The reply's Date; null where it has none that can be read.</returns>
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
                _path.Learn(usage, date, admission);
            }
        }

        return date is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>Closes a lane for every client that shares it, or extends its hold.</summary>
    /// <returns>The hold now in force, which may be an older, longer one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The lane is <see cref="TrafficLane.None"/> or undefined.</exception>
    public Hold Close(TrafficLane lane, in HoldRequest request) => lane switch
    {
        TrafficLane.Ip => LaneScheduler.Close(_path.Lanes[0], request),
        TrafficLane.Orders => LaneScheduler.Close(_path.Lanes[1], request),
        TrafficLane.Host => LaneScheduler.Close(_path.Lanes[2], request),
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, "Only a lane can be closed."),
    };

    /// <summary>Ends the use of a gate that was opened for one call: its lanes may go once there is nothing in them to remember.</summary>
    public void Release() => LaneScheduler.Release(_path);

    public string KeyOf(TrafficLane lane) => lane switch
    {
        TrafficLane.Ip => Scope.Egress,
        TrafficLane.Orders => Scope.Account,
        _ => Scope.Host,
    };

    /// <summary>The exchange's time as its replies show it, in milliseconds since 1970.</summary>
    public long ExchangeNow() => LaneScheduler.Clock.At(LaneScheduler.Time.GetTimestamp());

    /// <summary>The earliest that the exchange's time can be as a reply of that Date is received: what has been measured, else the earlier of the times that this Date and earlier ones give. Null where none does.</summary>
    public DateTimeOffset? EarliestNow(DateTimeOffset? date)
    {
        if (!LaneScheduler.Clock.IsLearned)
        {
            return date;
        }

        var known = DateTimeOffset.FromUnixTimeMilliseconds(ExchangeNow());
        return LaneScheduler.Clock.IsMeasured || !(date < known) ? known : date;
    }
}
