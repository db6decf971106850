namespace ExchangeResilience.PostgreSql;

/// <summary>A hold as the store has it.</summary>
/// <param name="Environment">Whose exchange.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Scope">Whose lane.</param>
/// <param name="Code">The code that closed it.</param>
/// <param name="UntilExchangeMs">Its end on the exchange's clock.</param>
/// <param name="Left">What is left of it, by the database's clock alone, which may have been set since.</param>
/// <param name="ToldTo">The process that the exchange answered with it.</param>
/// <param name="ToldToName">Its name for people.</param>
/// <param name="EndsAt">Its end by the database's clock; compared with itself alone.</param>
/// <param name="Lasts">How long it was to last when the exchange set it; null where that was not kept.</param>
internal sealed record StoredHold(string Environment, TrafficLane Lane, string Scope, int Code, long UntilExchangeMs, TimeSpan Left, string ToldTo, string ToldToName, DateTime EndsAt, TimeSpan? Lasts)
{
    public JournalHold ToHold(DateTimeOffset now) => new(Environment, Lane, Scope, Code, UntilExchangeMs, now + LeftAt(now));

    /// <summary>
    /// What is left of it for a process that does not know the exchange's time yet: the longer of what the database's clock and this machine's give, and never more than there was. A clock
    /// that is wrong can only lengthen it.
    /// </summary>
    public TimeSpan LeftAt(DateTimeOffset now)
    {
        var here = UntilExchangeMs - now.ToUnixTimeMilliseconds();
        return here / 1000.0 <= Left.TotalSeconds || Lasts is not { } whole || whole <= Left ? Left
            : here >= whole.TotalMilliseconds ? whole
            : TimeSpan.FromMilliseconds(here);
    }
}
