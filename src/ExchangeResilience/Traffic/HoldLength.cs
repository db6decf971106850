namespace ExchangeResilience;

/// <summary>Turns what a refusal said into a length of time.</summary>
internal static class HoldLength
{
    /// <summary>The longest ban the exchange documents; nothing it says is believed beyond that.</summary>
    public static readonly TimeSpan Ceiling = HoldHint.Longest;

    /// <summary>The shortest ban it documents: the answer to a ban without an end, or with one that our clock says is past.</summary>
    public static readonly TimeSpan ShortestBan = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestOfSeconds = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What is left of a hold that an earlier run, or another process, has kept. Of one that this machine kept since it was booted its end by the uptime counts, which is
    /// never set; of an older one both others are computed and the later counts: either clock may have been set meanwhile. The local end of one that came from elsewhere,
    /// out of a store that other machines write, was counted from this machine's own clock, and counts only until the exchange has sent its time: no other machine's clock
    /// is compared with the exchange's.
    /// </summary>
    public static TimeSpan Left(JournalHold kept, bool isFromElsewhere, TimeProvider time, DateHeaderClock clock)
    {
        var byExchange = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(kept.UntilExchangeMs, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
            - DateTimeOffset.FromUnixTimeMilliseconds(clock.At(time.GetTimestamp()));
        var byWall = kept.Until - time.GetUtcNow();
        if (isFromElsewhere)
        {
            // It has the margin already; what each process adds to it is its own random part.
            return (clock.IsLearned ? byExchange : byWall) - Lane.Margin;
        }

        return kept is { UntilUptime: { } end, Boot: { } boot } && boot == MachineBoot.Id ? end - time.Uptime() : TimeSpan.Max(byExchange, byWall);
    }

    /// <summary>
    /// The wait that the exchange asks for; zero where it asks for none. Its time is estimated where none was measured; an estimate that no reply has taught is the
    /// machine's own clock, and counts only where the reply has no Date.
    /// </summary>
    public static TimeSpan Requested(TrafficLane lane, in HoldRequest request, long estimatedNowMs, bool isLearned)
    {
        var estimate = request.ReplyDate is null || isLearned ? estimatedNowMs : (long?)null;
        var requested = TimeSpan.Max(request.RetryAfter ?? TimeSpan.Zero, BanLeft(request, estimate));
        if (requested <= TimeSpan.Zero)
        {
            requested = Default(lane, request, request.ReplyDate is null ? null : estimate);
        }

        if (Window(lane, request) is { } window && !(request.WindowHasRoom && window <= LongestOfSeconds))
        {
            // A wait of seconds in a longer window would be asked for again until the window's end; and without a date, a guess of the hour is better than nothing.
            requested = TimeSpan.Max(requested, WindowLeft(request, window, estimate));
        }

        return TimeSpan.Min(requested, Ceiling);
    }

    /// <summary>The policy row's own wait after so many refusals in a row.</summary>
    public static TimeSpan Own(in HoldRequest request, int strikes)
    {
        var cap = Math.Min(Ceiling.TotalSeconds, Math.Max(request.BaseDelay.TotalSeconds, request.MaxDelay.TotalSeconds));
        return TimeSpan.FromSeconds(Math.Clamp(request.BaseDelay.TotalSeconds * Math.Pow(2, strikes), 0, Math.Max(0, cap)));
    }

    private static TimeSpan BanLeft(in HoldRequest request, long? estimate)
    {
        if (request.BannedUntilMs is not { } until)
        {
            return TimeSpan.Zero;
        }

        var date = request.ReplyDate?.ToUnixTimeMilliseconds();
        var now = request.ExchangeNowMs ?? Math.Min(date ?? long.MaxValue, estimate ?? long.MaxValue);
        return TimeSpan.FromMilliseconds(Math.Clamp(Math.Max(0, until) - now, 0, (long)Ceiling.TotalMilliseconds));
    }

    // Where nothing else is said: without the exchange's time, all of a short window.
    private static TimeSpan Default(TrafficLane lane, in HoldRequest request, long? estimate) =>
        request.IsBan ? ShortestBan
        : Window(lane, request) is { } window && window <= LongestOfSeconds ? WindowLeft(request, window, estimate)
        : TimeSpan.Zero;

    /// <summary>The window of the counter that was refused; null where it was none, or no reply said so.</summary>
    private static TimeSpan? Window(TrafficLane lane, in HoldRequest request) => lane switch
    {
        _ when request.IsBan || request.Status == 0 => null,
        TrafficLane.Ip when request.Status == 429 || request.IsLimit => Named(request) ?? RateLimitWindow.Weight.Length,
        TrafficLane.Orders => Named(request) ?? RateLimitWindow.ShortOrders.Length,
        _ => null,
    };

    private static TimeSpan? Named(in HoldRequest request) => request.Window > TimeSpan.Zero ? request.Window : null;

    // The counters run in fixed windows of the exchange's clock. The window may turn while a refusal is in flight, so a Date that fits what is known shows which one it is about; cut to
    // the second, what is left by it is never too short.
    private static TimeSpan WindowLeft(in HoldRequest request, TimeSpan window, long? estimate)
    {
        var length = (long)window.TotalMilliseconds;
        TimeSpan Left(long now) => TimeSpan.FromMilliseconds(length - (now % length));

        return (request.ReplyDate?.ToUnixTimeMilliseconds(), request.ExchangeNowMs ?? estimate) switch
        {
            (null, null) => window,
            ({ } date, null) => Left(date),
            ({ } date, { } known) when known - date is >= -ExchangeInstant.LagMs and < DateHeaderClock.DateSlackMs => Left(date),
            ({ } date, { } known) => TimeSpan.Max(Left(date), Left(known)),
            (null, { } known) => Left(known),
        };
    }
}
