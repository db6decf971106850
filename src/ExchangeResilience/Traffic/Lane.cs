using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>
/// One lane to the exchange: open, held, or reopening. Reopening starts with one request at a time and doubles with
/// each set of them that comes back well, so that a lane opened too early costs one refusal, not a thousand.
/// </summary>
/// <remarks>Once it is open again it adds that to <c>openings</c>. All but <see cref="IsOpen"/> and <see cref="WindowOf"/> is called under the scheduler's lock.</remarks>
internal sealed class Lane(TrafficLane kind, string environment, string key, TimeProvider time, ConcurrentQueue<LaneOpening> openings, params UsageWindow[] windows)
{
    // The exchange names waits in whole seconds.
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NarrowestSpread = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WidestSpread = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LatelyEnded = TimeSpan.FromMinutes(1);

    // What takes risk away does not wait for one of its own that hangs: a refusal would have come by then.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private const double SpreadShare = 0.03;
    private const double OwnDelaySpread = 0.25;

    private const int Unlimited = int.MaxValue;
    private const int RampEnd = 32;
    private const int MaxStrikes = 30;
    private const int MaxWindows = 8;

    private volatile int _capacity = Unlimited;
    private volatile UsageWindow[] _windows = windows;
    private long _deadline = long.MaxValue;
    private int _opening;
    private int _inFlight;
    private int _protectiveInFlight;
    private long _protectiveUntil;
    private int _returned;
    private int _strikes;
    private double _spread;
    private TimeSpan _length;
    private TimeSpan _news;
    private bool _isNews;
    private long _closedAt;
    private int _waited;
    private int _refused;
    private int? _code;
    private bool _isBan;
    private DateTimeOffset? _banEnd;
    private long _heldUntil;

    public int Gates { get; set; }

    public TrafficLane Kind { get; } = kind;

    public bool IsOpen => _capacity == Unlimited;

    public int Waiters { get; set; }

    /// <summary>The code that last closed it; 0 where that had none, null where it never was closed.</summary>
    public int? Code => _code;

    public RefusalReason WhenHeld { get; } = kind switch
    {
        TrafficLane.Ip => RefusalReason.HeldIp,
        TrafficLane.Orders => RefusalReason.HeldOrders,
        _ => RefusalReason.HeldHost,
    };

    /// <summary>The counter of an interval; an interval seen for the first time gets one. Null where there are absurdly many.</summary>
    public UsageWindow? WindowOf(TimeSpan interval)
    {
        while (true)
        {
            var known = _windows;
            foreach (var window in known)
            {
                if (window.Interval == interval)
                {
                    return window;
                }
            }

            if (known.Length == MaxWindows)
            {
                return null;
            }

            UsageWindow[] more = [.. known, new UsageWindow(interval)];
            Interlocked.CompareExchange(ref _windows, more, known);
        }
    }

    /// <summary>
    /// Whether nothing more may pass now, and if so until when: of a lane that is reopening the end is unknown and may come at any moment. A request that takes risk away
    /// waits for no probe but one of its own kind, and that a second at the most.
    /// </summary>
    public bool Stops(long now, bool isProtective, out Blocker blocker)
    {
        Advance(now);
        var capacity = _capacity;
        if (_inFlight < capacity || (isProtective && capacity != 0 && (_protectiveInFlight < capacity || now >= _protectiveUntil)))
        {
            blocker = default;
            return false;
        }

        blocker = new Blocker(WhenHeld, this, capacity == 0 ? _deadline : now, isProtective && capacity != 0 ? Math.Min(_deadline, _protectiveUntil) : _deadline);
        return true;
    }

    /// <summary>A request cannot pass, and waits or is turned away.</summary>
    public void Count(bool waits)
    {
        _waited += waits ? 1 : 0;
        _refused += waits ? 0 : 1;
    }

    /// <summary>Lets one request through; the ticket distinguishes its return from that of others, and its sign shows whether it takes risk away. 0 where the lane is open.</summary>
    public int Take(long now, TimeSpan probeTimeout, bool isProtective)
    {
        if (IsOpen)
        {
            return 0;
        }

        var deadline = time.After(now, probeTimeout);
        _deadline = _inFlight++ == 0 ? deadline : Math.Max(_deadline, deadline);
        if (!isProtective)
        {
            return _opening;
        }

        _protectiveInFlight++;
        _protectiveUntil = time.After(now, Patience);
        return -_opening;
    }

    /// <summary>A request that was let through has come back; true where that changed the lane.</summary>
    public bool Return(int ticket, bool refused, long now)
    {
        if (!IsProbe(ticket))
        {
            return false;
        }

        if (refused)
        {
            // No reply has named a new length; as long as last time.
            Shut(time.After(now, _length));
            return true;
        }

        GiveUpPlace(ticket);
        if (++_returned >= _capacity)
        {
            Widen();
        }

        return true;
    }

    /// <summary>Whether a request that was let through may still leave: the lane is open, or the reopening it is a probe of goes on.</summary>
    public bool StillLets(int ticket) => IsOpen || (ticket != 0 && Math.Abs(ticket) == _opening && _capacity != 0);

    /// <summary>A request that was let through never left, which proves nothing; another may take its place.</summary>
    public void Withdraw(int ticket)
    {
        if (IsProbe(ticket))
        {
            GiveUpPlace(ticket);
        }
    }

    /// <summary>Closes the lane, or extends its hold; true where the end moved. A hold is never shortened.</summary>
    public bool Close(in HoldRequest request, long estimatedNowMs, bool isLearned, long now, Random random)
    {
        Advance(now);
        var alreadyHeld = _capacity == 0;
        if (!alreadyHeld)
        {
            // Refusals of requests that left together are one refusal.
            _strikes = Math.Min(_strikes + 1, MaxStrikes);
            _spread = random.NextDouble();
        }

        var length = LengthOf(request, HoldLength.Requested(Kind, request, estimatedNowMs, isLearned));
        var deadline = time.After(now, length);
        if (alreadyHeld && deadline <= _deadline)
        {
            // The head of a reply closed it, and the body now names the code.
            _code = _code is 0 ? request.Code : _code;
            _isBan |= request.IsBan;
            _banEnd ??= EndOf(request);
            return false;
        }

        if (IsOpen)
        {
            (_closedAt, _waited, _refused) = (now, 0, 0);
        }

        _length = length;
        _code = request.Code;
        _isBan = request.IsBan || (alreadyHeld && _isBan);
        _banEnd = EndOf(request) ?? (alreadyHeld ? _banEnd : null);

        // While a lane reopens and is refused again, or many refusals arrive together, a hold follows a hold.
        _isNews = length >= _news * 2;
        _news = _isNews ? length : _news;
        Shut(deadline);
        return true;
    }

    /// <summary>An operator ends the hold before its time. One request tests whether the exchange agrees; if not, the lane is closed again. False where it is not held.</summary>
    public bool Release(long now)
    {
        Advance(now);
        if (_capacity != 0)
        {
            return false;
        }

        // Who released it must hear that the exchange does not agree.
        _news = TimeSpan.Zero;
        _deadline = now;
        Advance(now);
        return true;
    }

    /// <summary>Whether it holds nothing that a new lane in its place would not know: no hold, lately ended ones included, no request in it or before it, and nothing counted.</summary>
    public bool IsBlank(long now, ExchangeInstant exchangeNow)
    {
        Advance(now);
        return Gates == 0 && Waiters == 0
            && (IsOpen || (_capacity != 0 && _inFlight == 0 && time.GetElapsedTime(_heldUntil, now) >= LatelyEnded))
            && Array.TrueForAll(_windows, window => window.UsedAt(exchangeNow) == 0);
    }

    public Hold Hold(long now, bool extended) =>
        new(Kind, _code ?? 0, time.Left(now, _deadline), time.WallClockAt(now, _deadline), extended, extended && _isNews, BannedUntil(now));

    public LaneSnapshot Snapshot(long now, ExchangeInstant exchangeNow)
    {
        Advance(now);
        var state = _capacity switch
        {
            0 => LaneState.Held,
            1 => LaneState.Probing,
            Unlimited => LaneState.Open,
            _ => LaneState.Ramping,
        };
        return new LaneSnapshot
        {
            Lane = Kind,
            Environment = environment,
            Scope = key,
            State = state,
            HeldUntil = state == LaneState.Held ? time.WallClockAt(now, _deadline) : null,
            BannedUntil = state == LaneState.Held ? BannedUntil(now) : null,
            Code = _code,
            Waiters = Waiters,
            Usage = [.. _windows.Select(window => new UsageSnapshot { Interval = window.Interval, Used = window.UsedAt(exchangeNow), Limit = window.Limit })],
        };
    }

    private DateTimeOffset? BannedUntil(long now) => _isBan ? _banEnd ?? time.WallClockAt(now, _deadline) : null;

    private static DateTimeOffset? EndOf(in HoldRequest request) =>
        request.BannedUntilMs is >= 0 and var end && end <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null;

    private TimeSpan LengthOf(in HoldRequest request, TimeSpan requested)
    {
        var own = HoldLength.Own(request, _strikes - 1);
        if (Kind == TrafficLane.Host)
        {
            // Overload passes in fractions of a second: the wait is ours to choose, and processes part by their spread.
            own = TimeSpan.Min(own * (1 + (OwnDelaySpread * _spread)), TimeSpan.Max(own, request.MaxDelay));
            return requested > own ? requested + Margin : own;
        }

        var length = TimeSpan.Max(requested, own);
        var widest = TimeSpan.FromSeconds(Math.Clamp(length.TotalSeconds * SpreadShare, NarrowestSpread.TotalSeconds, WidestSpread.TotalSeconds));
        return length + Margin + (widest * _spread);
    }

    // Of the reopening that goes on: those of an earlier one, and of none, have no place to give up.
    private bool IsProbe(int ticket) => ticket != 0 && Math.Abs(ticket) == _opening && _capacity is not (0 or Unlimited);

    private void GiveUpPlace(int ticket)
    {
        if (ticket < 0)
        {
            _protectiveInFlight--;
        }

        if (--_inFlight == 0)
        {
            _deadline = long.MaxValue;
        }
    }

    private void Advance(long now)
    {
        if (now < _deadline || IsOpen)
        {
            return;
        }

        if (_capacity == 0)
        {
            _heldUntil = _deadline;
            _deadline = long.MaxValue;
            _capacity = 1;
            return;
        }

        // What was let through never came back. That is no refusal, and no request waits for it for ever.
        _opening++;
        _inFlight = _protectiveInFlight = 0;
        _deadline = long.MaxValue;
        Widen();
    }

    private void Widen()
    {
        _returned = 0;
        _strikes = Math.Max(0, _strikes - 1);
        var capacity = _capacity * 2;
        if (capacity < RampEnd)
        {
            _capacity = capacity;
            return;
        }

        _strikes = 0;
        _news = TimeSpan.Zero;
        _inFlight = _protectiveInFlight = 0;
        _deadline = long.MaxValue;
        _capacity = Unlimited;
        openings.Enqueue(new LaneOpening(Kind, environment, key, time.GetElapsedTime(_closedAt, _heldUntil), _waited, _refused));
    }

    private void Shut(long deadline)
    {
        _opening++;
        _inFlight = _protectiveInFlight = 0;
        _returned = 0;
        _deadline = deadline;
        _capacity = 0;
    }
}
