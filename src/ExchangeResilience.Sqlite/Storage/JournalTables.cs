using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite;

/// <summary>What is read and written within a transaction. Belongs to one connection and one thread.</summary>
internal sealed class JournalTables(SqliteConnection connection) : IDisposable
{
    /// <summary>Read row by row, and seldom beyond the first.</summary>
    public const string NewestNamesakes = "SELECT document FROM entries WHERE name = $name AND symbol = $symbol AND kind = $kind ORDER BY seq DESC";

    private readonly Statement _own = new(connection, "SELECT state, document FROM entries WHERE id = $id", "$id");

    private readonly Statement _namesakes = new(connection, NewestNamesakes, "$name", "$symbol", "$kind");

    private readonly Statement _insert = new(
        connection,
        """
        INSERT INTO entries (id, environment, account, symbol, kind, name, run, state, finished_at, document)
        VALUES ($id, $environment, $account, $symbol, $kind, $name, $run, $state, $finished, $document)
        """,
        "$id", "$environment", "$account", "$symbol", "$kind", "$name", "$run", "$state", "$finished", "$document");

    private readonly Statement _update = new(
        connection,
        "UPDATE entries SET run = $run, state = $state, finished_at = $finished, document = $document WHERE id = $id",
        "$run", "$state", "$finished", "$document", "$id");

    private readonly Statement _hold = new(
        connection,
        """
        INSERT INTO holds (environment, lane, scope, code, until_exchange_ms, until_ms, until_uptime_ms, boot)
        VALUES ($environment, $lane, $scope, $code, $exchange, $local, $uptime, $boot)
        ON CONFLICT DO UPDATE SET code = excluded.code, until_exchange_ms = max(until_exchange_ms, excluded.until_exchange_ms), until_ms = max(until_ms, excluded.until_ms),
            until_uptime_ms = CASE WHEN boot IS excluded.boot THEN max(until_uptime_ms, excluded.until_uptime_ms) ELSE excluded.until_uptime_ms END, boot = excluded.boot
        WHERE excluded.until_exchange_ms > until_exchange_ms OR excluded.until_ms > until_ms
            OR CASE WHEN boot IS excluded.boot THEN excluded.until_uptime_ms > until_uptime_ms ELSE excluded.boot IS NOT NULL END
        """,
        "$environment", "$lane", "$scope", "$code", "$exchange", "$local", "$uptime", "$boot");

    private readonly Statement _unfinished = new(connection, "SELECT document, id, symbol, name FROM entries WHERE finished_at IS NULL ORDER BY seq");

    private readonly Statement _holds = new(connection, HoldRows.Select);

    private readonly Statement _trim = new(
        connection,
        "DELETE FROM entries WHERE seq IN (SELECT seq FROM entries WHERE finished_at < $before ORDER BY finished_at LIMIT $most)",
        "$before", "$most");

    public JournalContents Contents(ILogger logger)
    {
        var entries = new List<JournalEntry>();
        using (var rows = _unfinished.Read())
        {
            while (rows.Read())
            {
                try
                {
                    entries.Add(JournalEntry.FromJson(rows.GetFieldValue<byte[]>(0)));
                }
                catch (JournalException)
                {
                    // An order of its name is refused by it; no other may be.
                    JournalLog.Unreadable(logger, rows.GetString(1), rows.GetString(3), rows.GetString(2));
                }
            }
        }

        using var holds = _holds.Read();
        return new(entries, HoldRows.Read(holds, logger));
    }

    /// <summary>Null where the entry was written; otherwise what blocks it.</summary>
    public JournalEntry? Record(StoredEntry stored, DateTimeOffset now)
    {
        var entry = stored.Entry;
        if (Find(entry, out var isKnown) is { } standing)
        {
            return standing;
        }

        if (isKnown)
        {
            Update(stored, now);
        }
        else
        {
            var key = entry.Key;
            _insert.Run(entry.Id, key.Environment, key.Account, key.Symbol, key.Kind.ToString(), key.Id, entry.Run, entry.State.ToString(), FinishedAt(entry, now), stored.Document);
        }

        return null;
    }

    /// <summary>What blocks an entry; null where nothing does.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isKnown">Whether it is there itself.</param>
    public JournalEntry? Find(JournalEntry entry, out bool isKnown)
    {
        using (var own = _own.Read(entry.Id))
        {
            isKnown = own.Read();
            if (isKnown && own.GetString(0) != nameof(JournalState.Open))
            {
                return JournalEntry.FromJson(own.GetFieldValue<byte[]>(1));
            }
        }

        var key = entry.Key;
        using var namesakes = _namesakes.Read(key.Id, key.Symbol, key.Kind.ToString());
        return entry.FindInTheWay(Entries(namesakes));
    }

    public bool Settle(StoredEntry stored, DateTimeOffset now)
    {
        using (var own = _own.Read(stored.Entry.Id))
        {
            if (!own.Read() || stored.Entry.SettledOver(JournalEntry.FromJson(own.GetFieldValue<byte[]>(1))) is not { } settled)
            {
                return false;
            }

            stored = ReferenceEquals(settled, stored.Entry) ? stored : new StoredEntry(settled);
        }

        Update(stored, now);
        return true;
    }

    /// <summary>A maximum that only rises: of each of its ends the later one is kept; uptimes of two boots cannot be compared.</summary>
    public void Hold(JournalHold hold) => _hold.Run(
        hold.Environment, hold.Lane.ToString(), hold.Scope, hold.Code, hold.UntilExchangeMs, WholeMilliseconds(hold.Until - DateTimeOffset.UnixEpoch),
        hold.UntilUptime is { } uptime ? WholeMilliseconds(uptime) : null, hold.Boot);

    /// <summary>Removes some of the entries that were finished before a moment, the oldest first.</summary>
    public int Trim(DateTimeOffset before, int most) => _trim.Run(before.ToUnixTimeMilliseconds(), most);

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_own, _namesakes, _insert, _update, _hold, _unfinished, _holds, _trim])
        {
            statement.Dispose();
        }
    }

    private static IEnumerable<JournalEntry> Entries(SqliteDataReader rows)
    {
        while (rows.Read())
        {
            yield return JournalEntry.FromJson(rows.GetFieldValue<byte[]>(0));
        }
    }

    private static long? FinishedAt(JournalEntry entry, DateTimeOffset now) => entry.IsFinished ? (entry.SettledAt ?? now).ToUnixTimeMilliseconds() : null;

    // Upwards, for a hold may end late but never early.
    private static long WholeMilliseconds(TimeSpan until) => until.Ticks is var ticks
        ? (ticks / TimeSpan.TicksPerMillisecond) + (ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0)
        : 0;

    private void Update(StoredEntry stored, DateTimeOffset now) =>
        _update.Run(stored.Entry.Run, stored.Entry.State.ToString(), FinishedAt(stored.Entry, now), stored.Document, stored.Entry.Id);
}
