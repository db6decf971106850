using Microsoft.Data.Sqlite;

namespace ExchangeResilience.Crash.Tests;

/// <summary>What a run has left behind: its journal and its ledger.</summary>
/// <param name="Entries">The journal's entries, oldest first.</param>
/// <param name="Ledger">The lines of the ledger.</param>
/// <param name="HeldUntil">Until when the journal has the address keep silent.</param>
internal sealed record Books(IReadOnlyList<JournalEntry> Entries, IReadOnlyList<string> Ledger, DateTimeOffset HeldUntil)
{
    /// <summary>The ids that the ledger shows with a word, as often as it does.</summary>
    public IEnumerable<string> Told(string word) =>
        Ledger.Where(line => line.StartsWith($"{word} ", StringComparison.Ordinal)).Select(line => line[(word.Length + 1)..]);

    public static Books Read(string? journal, string ledger)
    {
        var lines = File.Exists(ledger) ? File.ReadAllLines(ledger) : [];
        if (!File.Exists(journal))
        {
            return new Books([], lines, default);
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = journal, Pooling = false }.ConnectionString);
        connection.Open();
        if (Number(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            return new Books([], lines, default);
        }

        var entries = new List<JournalEntry>();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT document FROM entries ORDER BY seq";
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            entries.Add(JournalEntry.FromJson(rows.GetFieldValue<byte[]>(0)));
        }

        return new Books(entries, lines, DateTimeOffset.FromUnixTimeMilliseconds(Number(connection, "SELECT coalesce(max(until_ms), 0) FROM holds WHERE lane = 'Ip'")));
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
