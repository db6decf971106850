namespace ExchangeResilience.Testing;

/// <summary>Counts what addresses and accounts use, refuses what is too much, bans an address that does not wait, and remembers which sender was asked to wait.</summary>
internal sealed class RateLimits(SimulatedExchangeOptions options)
{
    private readonly Dictionary<string, Address> _addresses = new(StringComparer.Ordinal);
    private readonly List<Hold> _holds = [];

    /// <summary>The waits that a request disregards although its sender was asked for them; null if none.</summary>
    public Violation? FindViolation(string address, Account account, bool placesOrders, Moment moment)
    {
        _holds.RemoveAll(hold => hold.Until <= moment.Elapsed);
        Violation? found = null;
        foreach (var hold in _holds)
        {
            var concerned = hold.Account is null ? hold.Address == address : placesOrders && hold.Account == account;
            if (concerned && hold.Announced is { } told && moment.Elapsed >= told.At + options.HoldGrace)
            {
                var since = moment.Elapsed - told.At;
                var left = hold.Account is null ? hold.Until - moment.Elapsed : TimeSpan.Zero;
                var addressWaits = found is null ? left : TimeSpan.Max(found.AddressWaits, left);
                found = found is null || since > found.Since ? new Violation(since, told.By, addressWaits) : found with { AddressWaits = addressWaits };
            }
        }

        return found;
    }

    /// <summary>Charges a request to its address. The refusal if it is banned, waiting or over its limit; null if it may pass.</summary>
    public Refused? Admit(string name, int weight, Violation? violation, Moment moment)
    {
        var address = Of(name);
        address.Weight.At(moment).Add(weight);
        if (address.BannedFor(moment) > TimeSpan.Zero)
        {
            return Banned(address, moment);
        }

        var isOver = address.Weight.Used > options.WeightPerMinute;
        var disregards = violation is not null && (isOver || options.EnforceRetryAfter);
        address.Violations = disregards ? address.Violations + 1 : 0;
        if (address.Violations > options.ViolationsBeforeBan)
        {
            return Ban(name, Doubled(address), options.SendRetryAfter, moment);
        }

        var wait = isOver ? address.Weight.Left(moment)
            : disregards ? violation!.AddressWaits
            : TimeSpan.Zero;
        return wait > TimeSpan.Zero
            ? new Refused(Refusal.Weight(name, options.WeightPerMinute), options.SendRetryAfter ? wait : null, Hold(name, null, wait, moment))
            : null;
    }

    /// <summary>Charges orders to their account. The refusal if they are too many; null if they may pass.</summary>
    public Refused? AdmitOrders(string address, Account account, int in10Seconds, int inMinute, Moment moment)
    {
        var seconds = account.Orders10Seconds.At(moment);
        var minute = account.OrdersMinute.At(moment);
        var refused = seconds.Used > options.OrdersPer10Seconds - in10Seconds ? (Refusal.OrderRate(options.OrdersPer10Seconds, "TEN_SECONDS"), seconds)
            : minute.Used > options.OrdersPerMinute - inMinute ? (Refusal.OrderRate(options.OrdersPerMinute, "ONE_MINUTE"), minute)
            : default((Refusal Refusal, RateWindow Window)?);
        if (refused is { } over)
        {
            var wait = over.Window.Left(moment);
            return new Refused(over.Refusal, options.SendRetryAfter ? wait : null, Hold(address, account, wait, moment));
        }

        seconds.Add(in10Seconds);
        minute.Add(inMinute);
        return null;
    }

    /// <summary>Bans an address from now on.</summary>
    public Refused Ban(string name, TimeSpan duration, bool tellsRetryAfter, Moment moment)
    {
        var address = Of(name);
        address.BannedUntil = moment.Now + duration;
        address.BanEnds = moment.Elapsed + duration;
        address.BanTellsRetryAfter = tellsRetryAfter;
        address.Violations = 0;
        return Banned(address, moment);
    }

    /// <summary>Gives back what a request was charged: the exchange does not count those its own overload refuses.</summary>
    public void Refund(string name, int weight, Moment moment) => Of(name).Weight.At(moment).Add(-weight);

    public int UsedWeight(string name, Moment moment) => Of(name).Weight.At(moment).Used;

    /// <summary>Notes that a sender is about to be asked to wait; the wait counts against it once its reply has left.</summary>
    public Hold Hold(string address, Account? account, TimeSpan wait, Moment moment)
    {
        var until = moment.Elapsed + wait;
        if (_holds.Find(hold => hold.Address == address && hold.Account == account && hold.Until == until) is { } known)
        {
            return known;
        }

        var added = new Hold(address, account, until);
        _holds.Add(added);
        return added;
    }

    /// <summary>How long until the minute of this moment ends: what a 429 without Retry-After asks for.</summary>
    public TimeSpan LeftOfMinute(string name, Moment moment) => Of(name).Weight.Left(moment);

    private Refused Banned(Address address, Moment moment)
    {
        var left = address.BannedFor(moment);
        return new Refused(Refusal.Banned(address.Name, address.BannedUntil), address.BanTellsRetryAfter ? left : null, Hold(address.Name, null, left, moment));
    }

    private TimeSpan Doubled(Address address)
    {
        var duration = TimeSpan.FromTicks((long)Math.Min(options.LongestBan.Ticks, options.FirstBan.Ticks * Math.Pow(2, address.Offences)));
        address.Offences++;
        return duration;
    }

    private Address Of(string name)
    {
        if (!_addresses.TryGetValue(name, out var address))
        {
            _addresses[name] = address = new Address(name);
        }

        return address;
    }

    private sealed class Address(string name)
    {
        public string Name => name;

        public RateWindow Weight { get; } = new(TimeSpan.FromMinutes(1));

        public int Violations { get; set; }

        public int Offences { get; set; }

        public DateTimeOffset BannedUntil { get; set; }

        public TimeSpan BanEnds { get; set; }

        public bool BanTellsRetryAfter { get; set; }

        public TimeSpan BannedFor(Moment moment) => BanEnds - moment.Elapsed;
    }
}
