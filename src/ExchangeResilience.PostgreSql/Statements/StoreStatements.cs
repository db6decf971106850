using Npgsql;
using NpgsqlTypes;

namespace ExchangeResilience.PostgreSql;

/// <summary>The statements, worded for one schema. Each reads or writes one thing; they are sent together.</summary>
internal sealed class StoreStatements(string schema)
{
    private readonly string _begin = $"SELECT \"{schema}\".begin_commit($1, $2, $3)";
    private readonly string _tryWrite = $"SELECT \"{schema}\".try_write($1)";
    private readonly string _record = $"SELECT * FROM \"{schema}\".record_entry($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    private readonly string _namesakes = $"SELECT \"{schema}\".namesakes($1, $2, $3, $4)";
    private readonly string _settle = $"SELECT \"{schema}\".settle_entry($1, $2, $3, $4, $5, $6, $7)";
    private readonly string _hold = $"SELECT \"{schema}\".hold_lane($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    private readonly string _grant = $"SELECT * FROM \"{schema}\".grant_budget($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    private readonly string _renew = $"SELECT \"{schema}\".renew_lease($1, $2, $3)";
    private readonly string _takeOver = $"SELECT \"{schema}\".take_over($1, $2, $3)";
    private readonly string _orphans = $"SELECT o_likeness, o_document FROM \"{schema}\".orphans($1)";
    private readonly string _sweepEntries = $"SELECT \"{schema}\".sweep_entries($1, $2)";
    private readonly string _sweep = $"SELECT \"{schema}\".sweep($1, $2)";

    // Not only what was taken over just now: that answer may have been lost. What was known may have been lost to another member since, and come back.
    private readonly string _news = $"""
        SELECT fence, id, symbol, name, document FROM "{schema}".entries
        WHERE holder = $1 AND finished_at IS NULL AND (id = ANY($2) OR (fence > 0 AND (id, fence) NOT IN (SELECT * FROM unnest($3, $4)))) ORDER BY seq
        """;

    private readonly string _settled = $"SELECT document FROM \"{schema}\".entries WHERE id = ANY($1) AND state IN ('Executed', 'NotExecuted') ORDER BY seq";

    private readonly string _members = $"""
        SELECT m.id, m.name, (extract(epoch FROM clock_timestamp()) - extract(epoch FROM m.started))::double precision,
            CASE WHEN isfinite(m.lease_until) THEN extract(epoch FROM m.lease_until - clock_timestamp())::double precision ELSE 0 END,
            coalesce(h.entries, 0)::int
        FROM "{schema}".members m
            LEFT JOIN (SELECT e.holder, count(*) AS entries FROM "{schema}".entries e WHERE e.finished_at IS NULL GROUP BY e.holder) AS h ON h.holder = m.id
        ORDER BY m.started, m.id
        """;

    // A time that an administrator has set to infinity cannot be subtracted, its seconds can.
    private readonly string _holds = $"""
        SELECT environment, lane, scope, code, until_exchange_ms, (extract(epoch FROM ends_at) - extract(epoch FROM clock_timestamp()))::double precision, told_to, told_to_name, least(ends_at, '9999-01-01'), extract(epoch FROM lasts)::double precision, boot, until_uptime_ms
        FROM "{schema}".holds ORDER BY environment, lane, scope
        """;

    private readonly string _leave = $"SELECT \"{schema}\".leave($1)";

    /// <summary>To what concerns all, and to what this member waits for.</summary>
    public string Listen(string member) => $"LISTEN \"{schema}\"; LISTEN \"exchange_resilience {member.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <param name="locks">What the commit is about.</param>
    /// <param name="member">Who writes.</param>
    /// <param name="session">The session that was set up for it.</param>
    public NpgsqlBatchCommand Begin(long[] locks, string member, int session) => new(_begin)
    {
        Parameters = { Longs(locks), Text(member), Whole(session) },
    };

    /// <summary>Whether an entry could be written.</summary>
    public NpgsqlBatchCommand TryWrite(string member) => new(_tryWrite) { Parameters = { Text(member) } };

    /// <param name="member">Who writes.</param>
    /// <param name="fence">How often the entry had changed hands when it came to it.</param>
    /// <param name="stored">The entry.</param>
    /// <param name="seen">The entries of the same name that were judged, and do not block it; null where none were.</param>
    public NpgsqlBatchCommand Record(string member, long fence, StoredEntry stored, string[]? seen)
    {
        var (entry, key) = (stored.Entry, stored.Entry.Key);
        return new(_record)
        {
            Parameters =
            {
                Text(member), Long(fence), Text(entry.Id), Text(key.Environment), Text(key.Account), Text(key.Symbol), Text(key.Kind.ToString()), Text(key.Id),
                Text(entry.State.ToString()), Flag(entry.IsFinished), Texts(entry.Supersedes is { } one ? [one, .. entry.Superseded] : [.. entry.Superseded]),
                Json(stored.Document), TextsOrNull(seen), Long(stored.Likeness),
            },
        };
    }

    public NpgsqlBatchCommand Namesakes(string member, JournalKey key) => new(_namesakes) { Parameters = { Text(member), Text(key.Id), Text(key.Symbol), Text(key.Kind.ToString()) } };

    public NpgsqlBatchCommand Settle(string member, long fence, StoredEntry stored) => new(_settle)
    {
        Parameters = { Text(member), Long(fence), Text(stored.Entry.Id), Text(stored.Entry.State.ToString()), Flag(stored.Entry.IsFinished), Flag(stored.Entry.Heard), Json(stored.Document) },
    };

    public NpgsqlBatchCommand Hold(JournalHold hold, TimeSpan left, string member, string name) => new(_hold)
    {
        Parameters =
        {
            Text(hold.Environment), Text(hold.Lane.ToString()), Text(hold.Scope), Whole(hold.Code), Long(hold.UntilExchangeMs),
            new NpgsqlParameter<double> { TypedValue = left.TotalSeconds, NpgsqlDbType = NpgsqlDbType.Double }, Text(member), Text(name),
            Text(hold.Boot), LongOrNull(hold.UntilUptime is { } end ? (long)Math.Ceiling(end.TotalMilliseconds) : null),
        },
    };

    public NpgsqlBatchCommand Grant(string member, in BudgetAsk ask) => new(_grant)
    {
        Parameters =
        {
            Text(member), Text(ask.Key.Environment), Text(ask.Key.Lane.ToString()), Text(ask.Key.Scope), Long((long)ask.Key.Interval.TotalMilliseconds), Long(ask.Window),
            Whole(ask.Need), Whole(ask.NeedCap), Whole(ask.Wish), Whole(ask.WishCap), Whole(ask.Observed), Whole(ask.Taken),
        },
    };

    public NpgsqlBatchCommand Renew(string member, string name, TimeSpan lease) => new(_renew) { Parameters = { Text(member), Text(name), Span(lease) } };

    /// <summary>Null for every orphan; else those that are alike to one of these.</summary>
    public NpgsqlBatchCommand TakeOver(string member, int most, string[]? likenesses) => new(_takeOver) { Parameters = { Text(member), Whole(most), TextsOrNull(likenesses) } };

    /// <summary>One entry of each likeness among those whose holder is gone.</summary>
    public NpgsqlBatchCommand Orphans(string member) => new(_orphans) { Parameters = { Text(member) } };

    public NpgsqlBatchCommand Sweep(TimeSpan retention, int most) => new(_sweep) { Parameters = { Span(retention), Whole(most) } };

    /// <summary>Deletes what has been finished for long; how many that were.</summary>
    public NpgsqlBatchCommand SweepEntries(TimeSpan retention, int most) => new(_sweepEntries) { Parameters = { Span(retention), Whole(most) } };

    /// <summary>What this member holds and does not know it does.</summary>
    public NpgsqlBatchCommand Unknown(string member, string[] doubted, KeyValuePair<string, long>[] inherited) => new(_news)
    {
        Parameters = { Text(member), Texts(doubted), Texts([.. inherited.Select(static entry => entry.Key)]), Longs([.. inherited.Select(static entry => entry.Value)]) },
    };

    public NpgsqlBatchCommand Settled(string[] ids) => new(_settled) { Parameters = { Texts(ids) } };

    public NpgsqlBatchCommand Members() => new(_members);

    public NpgsqlBatchCommand Holds() => new(_holds);

    public NpgsqlBatchCommand Leave(string member) => new(_leave) { Parameters = { Text(member) } };

    private static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter<string[]> Texts(string[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter TextsOrNull(string[]? values) => new() { Value = values ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter LongOrNull(long? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter<long[]> Longs(long[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    private static NpgsqlParameter<int> Whole(int value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Integer };

    private static NpgsqlParameter<bool> Flag(bool value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Boolean };

    private static NpgsqlParameter<TimeSpan> Span(TimeSpan value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Interval };

    private static NpgsqlParameter<byte[]> Json(byte[] value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Jsonb };
}
