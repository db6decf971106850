namespace ExchangeResilience;

/// <summary>
/// One of the exchange's counters: fixed windows, aligned to its clock. Reserving is atomic and lock-free, so that
/// concurrent requests together never pass the limit.
/// </summary>
/// <remarks>
/// A request leaving at the very end of a window may be counted in this one or in the next, so it is counted in both; so is one
/// that is still unanswered when the next begins, however long it is in flight. What others on the same address or account use is learned from the reply headers, which can only raise the count.
/// </remarks>
internal sealed class UsageWindow(TimeSpan interval, BudgetLease? lease = null)
{
    // The whole state is one word: window number (modulo 2^14), corrections of the clock (modulo 4), what is used, and what also counts in the next window.
    private const int IdBits = 14;
    private const int CorrectionBits = 2;
    private const int UsedBits = 24;
    private const int CarriedBits = 24;
    private const int UsedMax = (1 << UsedBits) - 1;
    private const int CarriedMax = (1 << CarriedBits) - 1;
    private const long IdMask = (1L << IdBits) - 1;
    private const int CorrectionMask = (1 << CorrectionBits) - 1;

    private readonly long _length = (long)interval.TotalMilliseconds;
    private readonly long _straddle = Math.Min(1000, (long)interval.TotalMilliseconds / 10);
    private long _state;
    private int _previouslyUsed;
    private int _late;
    private int _inFlight;
    private int _limit;

    public TimeSpan Interval { get; } = interval;

    /// <summary>The limit last asked for; null where none is known.</summary>
    public int? Limit => Volatile.Read(ref _limit) is > 0 and var limit ? limit : null;

    public int UsedAt(ExchangeInstant now) => See(Volatile.Read(ref _state), now).Used;

    public bool HasRoom(int amount, int? limit, int percent, ExchangeInstant now) =>
        amount == 0 || Fits(Look(now, out _).Used, amount, Cap(limit, percent));

    /// <summary>Whether the fleet lets this process use so much now; true where nothing is shared.</summary>
    public bool IsAllowed(int amount, int? limit, int percent, ExchangeInstant now) =>
        amount == 0 || lease is null || limit is not { } known || lease.HasRoom(amount, known, Cap(limit, percent), MomentOf(now));

    /// <summary>Asks the fleet for what is lacking; false where this window has nothing more to give.</summary>
    public bool MayBeAllowed(int amount, int? limit, int percent, ExchangeInstant now) =>
        limit is { } known && lease!.MayCome(amount, known, Cap(limit, percent), MomentOf(now));

    public bool TryReserve(int amount, int? limit, int percent, ExchangeInstant now)
    {
        if (amount == 0)
        {
            return true;
        }

        if (limit is { } known && known != Volatile.Read(ref _limit))
        {
            Volatile.Write(ref _limit, known);
        }

        var cap = Cap(limit, percent);
        while (true)
        {
            var count = Look(now, out var state);
            if (!Fits(count.Used, amount, cap))
            {
                return false;
            }

            var carried = Straddles(count, now) ? amount : 0;
            if (TryWrite(state, count with { Used = count.Used + amount, Carried = count.Carried + carried }))
            {
                Interlocked.Add(ref _inFlight, amount);
                if (lease is null || lease.TryTake(amount, limit, cap, MomentOf(now)))
                {
                    return true;
                }

                TakeBack(amount, now);
                return false;
            }
        }
    }

    /// <summary>Whether what was reserved at one instant is counted in the window of a later one.</summary>
    public bool StillCounts(ExchangeInstant reserved, ExchangeInstant now) =>
        now.Ms / _length <= reserved.Ms / _length || (now.Ms / _length == (reserved.Ms / _length) + 1 && IsLastOfItsWindow(reserved));

    /// <summary>Takes back what was reserved at an instant, for a request that did not leave after all.</summary>
    public void Refund(int amount, ExchangeInstant now)
    {
        if (amount == 0)
        {
            return;
        }

        if (lease is not null && IsOfItsWindow(See(Volatile.Read(ref _state), now)))
        {
            lease.Give(amount, MomentOf(now));
        }

        TakeBack(amount, now);
    }

    private void TakeBack(int amount, ExchangeInstant now)
    {
        Settle(amount);
        while (true)
        {
            var state = Volatile.Read(ref _state);
            var count = See(state, now);

            // Once the window has changed there is nothing left to take back; what was carried into the next one errs on the safe side.
            if (!IsOfItsWindow(count))
            {
                return;
            }

            var carried = Straddles(count, now) ? amount : 0;
            if (TryWrite(state, count with { Used = Math.Max(0, count.Used - amount), Carried = Math.Max(0, count.Carried - carried) }))
            {
                return;
            }
        }
    }

    /// <summary>The reply of a reserved request has come, or is lost.</summary>
    public void Settle(int amount)
    {
        if (amount != 0)
        {
            Interlocked.Add(ref _inFlight, -amount);
        }
    }

    /// <summary>Whether a figure adds nothing: the usual case, and one that needs no clock.</summary>
    public bool Explains(int observed, long dateMs)
    {
        var state = Volatile.Read(ref _state);
        return NumberOf(dateMs) == IdOf(state) && observed <= UsedOf(state);
    }

    /// <summary>Learns what the exchange has counted in the window that the reply's Date shows. Of what is in flight some is the observed request's own.</summary>
    public void Observe(int observed, int own, long dateMs, ExchangeInstant now)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            var count = See(state, now with { Ms = Math.Max(now.Ms, dateMs) });
            if (count.Id != NumberOf(dateMs) || observed <= count.Used || MayBelongToPreviousWindow(observed, dateMs, count))
            {
                return;
            }

            // More than everything counted here: another client of the address is at work, and what is in flight may come on top.
            var inFlight = Math.Max(0, Volatile.Read(ref _inFlight) - own);
            if (TryWrite(state, count with { Used = (int)Math.Min(UsedMax, (long)observed + inFlight) }))
            {
                return;
            }
        }
    }

    /// <summary>When the window that now counts ends, on the exchange's clock.</summary>
    public long EndOfWindow(ExchangeInstant now) =>
        ((now.Ms / _length) + (See(Volatile.Read(ref _state), now).Ahead ? 2 : 1)) * _length;

    // A figure counted at the end of one window can be stamped in the first second of the next. Believing it would stop a whole window.
    private bool MayBelongToPreviousWindow(int observed, long dateMs, in Count count)
    {
        var previous = count.Previous ?? Volatile.Read(ref _previouslyUsed);
        return dateMs % _length < 1000 && previous > 0 && observed >= previous;
    }

    // What cannot be counted is not allowed.
    private static int Cap(int? limit, int percent) => limit is { } known ? (int)(Math.Min((long)known, UsedMax) * percent / 100) : int.MaxValue;

    // A request heavier than the whole window would never fit; it leaves when the window is empty.
    private static bool Fits(int used, int amount, int cap) => used + (long)Math.Min(amount, cap) <= cap;

    private WindowMoment MomentOf(ExchangeInstant now)
    {
        var count = See(Volatile.Read(ref _state), now);
        return new((now.Ms / _length) + (count.Ahead ? 1 : 0), Straddles(count, now), Math.Max(0, count.Used - Unanswered), count.Previous is null ? Volatile.Read(ref _late) : count.Late);
    }

    private int Unanswered => Math.Clamp(Volatile.Read(ref _inFlight), 0, UsedMax);

    private static bool IsOfItsWindow(in Count count) => count is { Ahead: false, Renumbered: false, Previous: null };

    private bool Straddles(in Count count, ExchangeInstant now) => !count.Ahead && IsLastOfItsWindow(now);

    private bool IsLastOfItsWindow(ExchangeInstant now) => _length - (now.Ms % _length) <= _straddle;

    private long NumberOf(long ms) => (ms / _length) & IdMask;

    private static long IdOf(long state) => (long)((ulong)state >> (CorrectionBits + UsedBits + CarriedBits));

    private static int CorrectionsOf(long state) => (int)(state >> (UsedBits + CarriedBits)) & CorrectionMask;

    private static int UsedOf(long state) => (int)(state >> CarriedBits) & UsedMax;

    private Count See(long state, ExchangeInstant now)
    {
        var id = NumberOf(now.Ms);
        var stateId = IdOf(state);
        var used = UsedOf(state);
        var carried = (int)state & CarriedMax;
        var corrections = now.Corrections & CorrectionMask;
        if (corrections != CorrectionsOf(state))
        {
            // The clock was corrected: the count stays, under its right number.
            return new Count(id, corrections, used, carried) { Renumbered = true };
        }

        var steps = (int)((id - stateId) << (32 - IdBits)) >> (32 - IdBits);
        return steps switch
        {
            0 => new Count(id, corrections, used, carried),
            1 => new Count(id, corrections, Math.Max(carried, Unanswered), 0) { Previous = used, Late = Math.Max(0, Unanswered - carried) },

            // A thread that read the clock a moment earlier, or a Date ahead of the estimate.
            -1 => new Count(stateId, corrections, used, carried) { Ahead = true },
            _ => new Count(id, corrections, Unanswered, 0) { Previous = 0, Late = Unanswered },
        };
    }

    private Count Look(ExchangeInstant now, out long state)
    {
        while (true)
        {
            state = Volatile.Read(ref _state);
            var count = See(state, now);

            // Written at once, or a spent count would be renumbered, and remain spent, in each new window.
            if (!count.Renumbered)
            {
                return count;
            }

            TryWrite(state, count);
        }
    }

    private bool TryWrite(long state, in Count count)
    {
        if (count.Previous is not null)
        {
            // Before the window is seen to have begun.
            Volatile.Write(ref _late, count.Late);
        }

        var next = (count.Id << (CorrectionBits + UsedBits + CarriedBits)) | ((long)count.Corrections << (UsedBits + CarriedBits)) | ((long)Math.Min(count.Used, UsedMax) << CarriedBits) | (long)Math.Min(count.Carried, CarriedMax);
        if (Interlocked.CompareExchange(ref _state, next, state) != state)
        {
            return false;
        }

        if (count.Previous is { } previous)
        {
            Volatile.Write(ref _previouslyUsed, previous);
        }

        return true;
    }

    private readonly record struct Count(long Id, int Corrections, int Used, int Carried)
    {
        /// <summary>What the window before had used, where this view has just stepped into a new one.</summary>
        public int? Previous { get; init; }

        /// <summary>What is unanswered there, and was not carried over.</summary>
        public int Late { get; init; }

        /// <summary>The clock was corrected since the state was written.</summary>
        public bool Renumbered { get; init; }

        /// <summary>The state is already in the window after that of the given time.</summary>
        public bool Ahead { get; init; }
    }
}
