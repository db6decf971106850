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

    public static Task<List<InheritedEntry>> EntriesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) => RowsAsync(
        reader,
        static row => new InheritedEntry(row.GetString(1), row.GetInt64(0), TryRead(row, 4)) { Symbol = row.GetString(2), Name = row.GetString(3) },
        cancellationToken);

    public static Task<List<JournalEntry>> DocumentsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) => RowsAsync(reader, static row => TryRead(row, 0), cancellationToken);

    public static Task<List<Orphan>> OrphansAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        RowsAsync(reader, static row => new Orphan(row.GetString(0), TryRead(row, 1)), cancellationToken);

    public static Task<List<FleetMember>> MembersAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        RowsAsync(reader, static row => new FleetMember(row.GetString(0), row.GetString(1), Length(row, 2), Length(row, 3), row.GetInt32(4)), cancellationToken);

    /// <param name="reader">The batch.</param>
    /// <param name="unreadable">Is given lane and scope of what cannot be read, which must not keep the others from being.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<List<StoredHold>> HoldsAsync(NpgsqlDataReader reader, Action<string, string> unreadable, CancellationToken cancellationToken)
    {
        return RowsAsync(reader, Read, cancellationToken);

        StoredHold? Read(NpgsqlDataReader row)
        {
            var (lane, scope) = (row.GetString(1), row.GetString(2));
            if (TryReadLane(lane) is not { } known)
            {
                unreadable(lane, scope);
                return null;
            }

            return new(
                row.GetString(0), known, scope, row.GetInt32(3), row.GetInt64(4), Length(row, 5), row.GetString(6), row.GetString(7), row.GetDateTime(8),
                row.IsDBNull(9) ? null : Length(row, 9))
            {
                Boot = row.IsDBNull(10) ? null : row.GetString(10),
                UntilUptime = row.IsDBNull(11) ? null : TimeSpan.FromMilliseconds(Math.Clamp(row.GetInt64(11), 0, (long)LongestSeconds * 1000)),
            };
        }
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (read(reader) is { } row)
            {
                rows.Add(row);
            }
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return rows;
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
