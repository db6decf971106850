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
    /// <summary>Its end by the uptime of the machine that the exchange answered with it; null where that was not kept.</summary>
    public TimeSpan? UntilUptime { get; init; }

    /// <summary>The boot that the uptime counts from.</summary>
    public string? Boot { get; init; }

    public JournalHold ToHold(TimeProvider time) => new(Environment, Lane, Scope, Code, UntilExchangeMs, time.GetUtcNow() + LeftOn(time));

    /// <summary>
    /// What is left of it for a process that does not know the exchange's time yet: the longest of what the database's clock and this machine's give and, on the machine whose process the exchange answered with it,
    /// the uptime; and never more than there was. A clock that is wrong can only lengthen it.
    /// </summary>
    public TimeSpan LeftOn(TimeProvider time)
    {
        if (Lasts is not { } whole || whole <= Left)
        {
            return Left;
        }

        var byWall = UntilExchangeMs - time.GetUtcNow().ToUnixTimeMilliseconds();
        var byUptime = Boot is { } boot && boot == MachineBoot.Id && UntilUptime is { } end ? (end - time.Uptime()).TotalMilliseconds : double.NegativeInfinity;
        var longest = Math.Max(Left.TotalMilliseconds, Math.Max(byWall, byUptime));
        return longest >= whole.TotalMilliseconds ? whole : TimeSpan.FromMilliseconds(longest);
    }
}
