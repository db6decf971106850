using System.Text;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>Reads one result of a batch each, and goes on to the next.</summary>
internal static class StoreReading
{
    // Some 30 years, which can still be added to a date.
    private const double LongestSeconds = 1e9;

    /// <exception cref="JournalException">It cannot be read.</exception>
    public static JournalEntry Entry(string document) => JournalEntry.FromJson(Encoding.UTF8.GetBytes(document));

    public static async Task<List<InheritedEntry>> EntriesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var entries = new List<InheritedEntry>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            entries.Add(new(reader.GetString(1), reader.GetInt64(0), TryRead(reader, 4)) { Symbol = reader.GetString(2), Name = reader.GetString(3) });
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return entries;
    }

    public static async Task<List<JournalEntry>> DocumentsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var entries = new List<JournalEntry>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (TryRead(reader, 0) is { } entry)
            {
                entries.Add(entry);
            }
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return entries;
    }

    public static async Task<List<Orphan>> OrphansAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var orphans = new List<Orphan>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            orphans.Add(new(reader.GetString(0), TryRead(reader, 1)));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return orphans;
    }

    public static async Task<List<FleetMember>> MembersAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var members = new List<FleetMember>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            members.Add(new(reader.GetString(0), reader.GetString(1), Length(reader, 2), Length(reader, 3), reader.GetInt32(4)));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return members;
    }

    /// <param name="reader">The batch.</param>
    /// <param name="unreadable">Is given lane and scope of what cannot be read, which must not keep the others from being.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<List<StoredHold>> HoldsAsync(NpgsqlDataReader reader, Action<string, string> unreadable, CancellationToken cancellationToken)
    {
        var holds = new List<StoredHold>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var (lane, scope) = (reader.GetString(1), reader.GetString(2));
            if (TryReadLane(lane) is { } known)
            {
                holds.Add(new(
                    reader.GetString(0), known, scope, reader.GetInt32(3), reader.GetInt64(4), Length(reader, 5), reader.GetString(6), reader.GetString(7), reader.GetDateTime(8),
                    reader.IsDBNull(9) ? null : Length(reader, 9))
                {
                    Boot = reader.IsDBNull(10) ? null : reader.GetString(10),
                    UntilUptime = reader.IsDBNull(11) ? null : TimeSpan.FromMilliseconds(Math.Clamp(reader.GetInt64(11), 0, (long)LongestSeconds * 1000)),
                });
            }
            else
            {
                unreadable(lane, scope);
            }
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return holds;
    }

    /// <summary>Null where it cannot be read, which must not keep the others from being.</summary>
    private static JournalEntry? TryRead(NpgsqlDataReader reader, int column)
    {
        try
        {
            return JournalEntry.FromJson(reader.GetFieldValue<byte[]>(column));
        }
        catch (JournalException)
        {
            return null;
        }
    }

    // By its name alone: a number would be read as any lane, defined or not.
    private static TrafficLane? TryReadLane(string name) =>
        Array.Find(Enum.GetValues<TrafficLane>(), lane => string.Equals(lane.ToString(), name, StringComparison.Ordinal)) is var lane && lane != TrafficLane.None ? lane : null;

    // What the database can hold and a process cannot is as good as for ever.
    private static TimeSpan Length(NpgsqlDataReader reader, int column) => TimeSpan.FromSeconds(Math.Clamp(reader.GetDouble(column), -LongestSeconds, LongestSeconds));
}
