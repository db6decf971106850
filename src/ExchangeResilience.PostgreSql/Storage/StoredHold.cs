namespace ExchangeResilience.PostgreSql;

/// <summary>A hold as the store has it.</summary>
/// <param name="Environment">Whose exchange.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Scope">Whose lane.</param>
/// <param name="Code">The code that closed it.</param>
/// <param name="UntilExchangeMs">Its end on the exchange's clock.</param>
/// <param name="Left">What is left of it, by the database's clock alone.</param>
/// <param name="ToldTo">The process that the exchange told.</param>
/// <param name="ToldToName">Its name for people.</param>
/// <param name="EndsAt">Its end by the database's clock; compared with itself alone.</param>
internal sealed record StoredHold(string Environment, TrafficLane Lane, string Scope, int Code, long UntilExchangeMs, TimeSpan Left, string ToldTo, string ToldToName, DateTime EndsAt)
{
    public JournalHold ToHold(DateTimeOffset now) => new(Environment, Lane, Scope, Code, UntilExchangeMs, now + Left);
}
