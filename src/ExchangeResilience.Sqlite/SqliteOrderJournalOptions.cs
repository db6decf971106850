namespace ExchangeResilience.Sqlite;

/// <summary>
/// Settings of the journal that all clients of a service provider share. Configuration writes times as <c>hh:mm:ss</c> or with their unit (<c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>);
/// a bare number is refused.
/// </summary>
public sealed class SqliteOrderJournalOptions
{
    /// <summary>The file, on a disk of this machine; a relative path starts at the current directory. The file and its folder are made where they are missing.</summary>
    public string? Path { get; set; }

    /// <summary>How long an entry is kept once nothing remains to be done about it; 1 day to 365 days. All others are kept for ever. Defaults to 7 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a commit waits for another process that writes to the same file, before it is reported as failed; up to 1 minute. Defaults to 5 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
