using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// A lock that a session has until it ends. Who gets it knows that no earlier session which had it is left, and that what such a one was still to write has been written or never will be.
/// </summary>
internal static class SessionLock
{
    private const string Try = "SELECT pg_try_advisory_lock($1)";

    // It may wait for a lock, or for a client that is long gone.
    private const string EndOthers = """
        SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND d.datname = current_database() AND l.pid <> pg_backend_pid()
            AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
        """;

    private const string Wait = "SELECT pg_advisory_lock($1)";

    public static async Task TakeAsync(NpgsqlConnection connection, long number, CancellationToken cancellationToken)
    {
        if (await AskAsync(connection, Try, number, cancellationToken).ConfigureAwait(false) is not true)
        {
            await AskAsync(connection, EndOthers, number, cancellationToken).ConfigureAwait(false);
            await AskAsync(connection, Wait, number, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<object?> AskAsync(NpgsqlConnection connection, string sql, long number, CancellationToken cancellationToken) =>
        StoreCommand.AskAsync(connection, sql, cancellationToken, new NpgsqlParameter<long> { TypedValue = number });
}
