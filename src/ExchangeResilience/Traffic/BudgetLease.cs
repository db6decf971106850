using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>What this process was given of one of the exchange's windows. Taking from it is atomic and lock-free; asking for more is not, and done by one at a time.</summary>
/// <remarks>
/// It is asked for ahead, when a quarter of what was last given is left. The store gives less the less there is left, so that little is left unused when the window ends.
/// While the store is away the window at hand has what was given, and each later one an equal share of the limit.
/// What had been in flight for long as a window began is charged there: it is asked for with the first request.
/// </remarks>
internal sealed class BudgetLease(FleetBudget budget, BudgetKey key, ConcurrentQueue<BudgetLease> asks)
{
    // The whole state is one word: window number (modulo 2^15), what is available, and what is charged to the next window for what may be counted there; below zero, what it was already given for that. Both are biased.
    private const int IdBits = 15;
    private const int AvailableBits = 25;
    private const int CarriedBits = 24;
    private const int Bias = 1 << (AvailableBits - 1);
    private const int CarriedBias = 1 << (CarriedBits - 1);
    private const long IdMask = (1L << IdBits) - 1;
    private const int AvailableMask = (1 << AvailableBits) - 1;
    private const int CarriedMask = (1 << CarriedBits) - 1;

    // At a quarter, what is left lasts until the answer is there, and the store is asked half as often as at a half.
    private const int AskAtPartLeft = 4;

    // No window at all yet: the number of any would be taken for the neighbour of some other.
    private const long Unset = -1;

    private readonly Lock _sync = new();
    private readonly int _wishPercent = key.Lane == TrafficLane.Ip ? TrafficRule.Of(TrafficClass.Query).WeightPercent : TrafficRule.Of(TrafficClass.Order).OrdersPercent;
    private long _state = Unset;
    private int _limit;
    private int _used;
    private int _lastGrant;
    private volatile AmountOf _committed = new(-1, 0);
    private volatile AmountOf _taken = new(-1, 0);
    private volatile AmountOf _late = new(-1, 0);
    private int _isQueued;
    private long _pending = -1;
    private Wants _wants = Wants.Nothing;

    /// <summary>Takes what a request needs, if it is there. The cap is how much of the window the request's class may use; without a limit the budget is not paced, and nothing is refused.</summary>
    public bool TryTake(int amount, int? limit, int cap, in WindowMoment at)
    {
        Note(at);
        if (limit is { } known && known != Volatile.Read(ref _limit))
        {
            Volatile.Write(ref _limit, known);
        }

        while (true)
        {
            var state = Volatile.Read(ref _state);
            var count = See(state, at.Number);
            if (limit is not null && !Fits(count, amount, limit.Value, cap, at.Straddles))
            {
                return false;
            }

            var carried = at.Straddles ? amount : 0;
            if (TryWrite(state, count with { Available = count.Available - amount, Carried = count.Carried + carried }))
            {
                Interlocked.Add(ref _used, amount);
                if (limit is { } whole && count.Available - amount < Volatile.Read(ref _lastGrant) / AskAtPartLeft)
                {
                    AskAhead(whole, at);
                }

                return true;
            }
        }
    }

    /// <summary>Gives back what was taken in the window that still counts.</summary>
    public void Give(int amount, in WindowMoment at)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            var count = See(state, at.Number);
            if (count.IsNew || count.Number != at.Number)
            {
                return;
            }

            var carried = at.Straddles ? amount : 0;
            if (TryWrite(state, count with { Available = count.Available + amount, Carried = count.Carried - carried }))
            {
                Interlocked.Add(ref _used, -amount);
                return;
            }
        }
    }

    public bool HasRoom(int amount, int limit, int cap, in WindowMoment at)
    {
        Note(at);
        return Fits(See(Volatile.Read(ref _state), at.Number), amount, limit, cap, at.Straddles);
    }

    /// <summary>Asks for what a request lacks; false where this window has nothing more to give, so that only its end helps.</summary>
    public bool MayCome(int amount, int limit, int cap, in WindowMoment at)
    {
        Note(at);
        var count = See(Volatile.Read(ref _state), at.Number);
        var lacking = Math.Max(0, Math.Min(amount, cap) - count.Available);
        if (budget.IsAway)
        {
            if (budget.IsWorthAsking)
            {
                Want(new Wants(at.Number, 0, 0, 0, limit, at.Observed));
            }

            return false;
        }

        var committed = _committed;
        if (committed.Number == at.Number && committed.Amount + lacking > cap)
        {
            return false;
        }

        if (at.Straddles && HasHere(count, amount, limit, cap))
        {
            return MayComeNext(amount, limit, cap, at, count);
        }

        // What was carried over from the window before is asked for now, so it is no other member's.
        var observed = Math.Max(0, at.Observed + Math.Min(0, count.Available));
        Want(new Wants(at.Number, lacking, cap, lacking, limit, observed));
        return true;
    }

    // What may be counted in the next window needs room there as well, before another member is given all of it.
    private bool MayComeNext(int amount, int limit, int cap, in WindowMoment at, in Count count)
    {
        var lacking = Math.Min(amount, cap) + count.Carried;
        var committed = _committed;
        if (committed.Number == at.Number + 1 && committed.Amount + lacking > cap)
        {
            return false;
        }

        Want(new Wants(at.Number + 1, lacking, cap, lacking, limit, 0));
        return true;
    }

    /// <summary>Sends what is wanted to the store, unless an answer for this window is awaited. Does not throw.</summary>
    /// <returns>Whether there is something new.</returns>
    public async ValueTask<bool> AskAsync()
    {
        BudgetAsk ask;
        AmountOf taken;
        lock (_sync)
        {
            Volatile.Write(ref _isQueued, 0);
            if (_wants.Number < 0 || _pending == _wants.Number || (budget.IsAway && !budget.IsWorthAsking))
            {
                return false;
            }

            _pending = _wants.Number;
            taken = _taken;
            ask = new BudgetAsk(
                key, _wants.Number, Math.Max(0, _wants.Need), _wants.NeedCap,
                Math.Max(_wants.Wish, Volatile.Read(ref _used)), WishCap(_wants.Limit),
                _wants.Observed, taken.Number == _wants.Number ? taken.Amount : 0);
            if (ask.NeedCap == 0)
            {
                ask = ask with { NeedCap = ask.WishCap };
            }

            _wants = Wants.Nothing;
        }

        var grant = await budget.AskAsync(ask).ConfigureAwait(false);
        if (grant is { } given)
        {
            Add(ask.Window, given.Granted);
            Volatile.Write(ref _lastGrant, given.Granted);
            _committed = new AmountOf(ask.Window, given.Committed);
            if (ReferenceEquals(_taken, taken))
            {
                _taken = new AmountOf(-1, 0);
            }
        }

        lock (_sync)
        {
            if (_pending == ask.Window)
            {
                _pending = -1;
            }

            // A waiter that still lacks something asks again.
            _wants = _wants.Number == ask.Window ? Wants.Nothing : _wants;
        }

        return true;
    }

    private void AskAhead(int limit, in WindowMoment at)
    {
        var committed = _committed;
        var isSpent = committed.Number == at.Number && committed.Amount >= WishCap(limit);
        if (!isSpent && Volatile.Read(ref _pending) != at.Number && budget.IsWorthAsking)
        {
            Want(new Wants(at.Number, 0, 0, 0, limit, at.Observed));
        }
    }

    private int WishCap(int limit) => (int)((long)limit * _wishPercent / 100);

    private void Want(in Wants more)
    {
        lock (_sync)
        {
            _wants = _wants.Number != more.Number ? more : more with
            {
                // What is less urgent must not be given what is kept for the more urgent; it asks again for what it lacks.
                Need = more.NeedCap > _wants.NeedCap ? more.Need : more.NeedCap < _wants.NeedCap ? _wants.Need : Math.Max(_wants.Need, more.Need),
                NeedCap = Math.Max(_wants.NeedCap, more.NeedCap),
                Wish = _wants.Wish + more.Wish,
                Observed = Math.Max(_wants.Observed, more.Observed),
            };
            if (_pending == more.Number)
            {
                return;
            }
        }

        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            asks.Enqueue(this);
        }
    }

    private void Add(long number, int granted)
    {
        while (granted > 0)
        {
            var state = Volatile.Read(ref _state);
            if (See(state, number - 1) is { IsNew: false } now && now.Number == number - 1)
            {
                // Given ahead, for what may be counted there.
                if (TryWrite(state, now with { Carried = now.Carried - granted }))
                {
                    return;
                }

                continue;
            }

            var count = See(state, number);

            // Given for a window that is over here.
            if (count.Number != number || TryWrite(state, count with { Available = count.Available + granted }))
            {
                return;
            }
        }
    }

    // What a share of the limit keeps for what matters more, and the heaviest request that can pass, shrink with the share.
    private bool Fits(in Count count, int amount, int limit, int cap, bool straddles) =>
        HasHere(count, amount, limit, cap) && (!straddles || budget.IsAway || Math.Min(amount, cap) <= -count.Carried);

    private bool HasHere(in Count count, int amount, int limit, int cap)
    {
        if (_taken.Number != count.Number && !(count.IsNew && budget.IsAway))
        {
            // What was given for a cancel out of what is kept for cancels is no query's.
            var committed = _committed;
            return Math.Min(amount, cap) <= count.Available && (committed.Number != count.Number || committed.Amount <= cap);
        }

        var share = budget.Members;
        return Math.Min(amount, Math.Max(1, cap / share)) <= count.Available - ((limit - cap) / share);
    }

    private void Note(in WindowMoment at)
    {
        if (_late.Number != at.Number)
        {
            _late = new AmountOf(at.Number, at.Late);
        }
    }

    private Count See(long state, long number)
    {
        var available = ((int)(state >> CarriedBits) & AvailableMask) - Bias;
        var carried = ((int)state & CarriedMask) - CarriedBias;
        var steps = (int)((number - (state >>> (AvailableBits + CarriedBits))) & IdMask) << (32 - IdBits) >> (32 - IdBits);
        var share = budget.IsAway ? Volatile.Read(ref _limit) / budget.Members : 0;
        var late = _late is var owed && owed.Number == number ? owed.Amount : 0;
        return steps switch
        {
            _ when state == Unset => new Count(number, share, 0, IsNew: true, share),
            0 => new Count(number, available, carried, IsNew: false, share),

            // A thread that read the clock a moment earlier.
            -1 => new Count(number + 1, available, carried, IsNew: false, share),
            1 => new Count(number, (carried < 0 ? Math.Max(share, -carried) : share - carried) - late, 0, IsNew: true, share),
            _ => new Count(number, share - late, 0, IsNew: true, share),
        };
    }

    private bool TryWrite(long state, in Count count)
    {
        if (Interlocked.CompareExchange(ref _state, Pack(count.Number, count.Available, count.Carried), state) != state)
        {
            return false;
        }

        if (count.IsNew)
        {
            Volatile.Write(ref _used, 0);
            Volatile.Write(ref _lastGrant, 0);
            if (count.Share > 0)
            {
                _taken = new AmountOf(count.Number, count.Share);
            }
        }

        return true;
    }

    private static long Pack(long number, int available, int carried) =>
        ((number & IdMask) << (AvailableBits + CarriedBits))
        | ((long)(Math.Clamp(available, -Bias, Bias - 1) + Bias) << CarriedBits)
        | (long)(Math.Clamp(carried, -CarriedBias, CarriedBias - 1) + CarriedBias);

    private readonly record struct Count(long Number, int Available, int Carried, bool IsNew, int Share);

    private readonly record struct Wants(long Number, int Need, int NeedCap, int Wish, int Limit, int Observed)
    {
        public static readonly Wants Nothing = new(-1, 0, 0, 0, 0, 0);
    }

    /// <summary>Something of one window; of the window -1, nothing.</summary>
    private sealed record AmountOf(long Number, int Amount);
}
