namespace ExchangeResilience.PostgreSql;

/// <summary>
/// Settings of the state that the processes of a fleet share. Configuration writes times as <c>hh:mm:ss</c> or with their unit (<c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>);
/// a bare number is refused.
/// </summary>
public sealed class PostgreSqlExchangeStateOptions
{
    /// <summary>The database, as Npgsql reads it. Holds a password: it is in no log line, exception or page. Not needed where a data source is given.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The schema that holds the tables: small letters, digits and underscores, at most 63. Defaults to <c>exchange_resilience</c>.</summary>
    public string Schema { get; set; } = "exchange_resilience";

    /// <summary>
    /// How long a process may be silent before others take over what it holds; 3 seconds to 5 minutes. It is renewed every third of that. Defaults to 15 s.
    /// </summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What people call this process, at most 100 characters, none of its words longer than 40. Defaults to the machine's name and the process's number.</summary>
    public string? MemberName { get; set; }

    /// <summary>How long an entry is kept once nothing remains to be done about it; 1 day to 365 days. All others are kept for ever. Defaults to 7 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long the database may take over one commit before it counts as away; 1 second to 1 minute. Defaults to 5 s.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
