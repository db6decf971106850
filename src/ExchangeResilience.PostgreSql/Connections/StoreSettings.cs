using System.Globalization;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>What a session is set to, whatever the server's, the database's and the role's settings.</summary>
internal static class StoreSettings
{
    // The first, and by itself, since all that is sent together has to be done within the role's own.
    private const string Patience = "SELECT pg_catalog.set_config('statement_timeout', $1, false)";

    // Qualified, since names are still resolved by the database's own search_path.
    private const string Names = "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)";

    private const string Rules = """
        SELECT set_config('default_transaction_isolation', 'read committed', false), set_config('default_transaction_deferrable', 'off', false), set_config('TimeZone', 'UTC', false),
            set_config('plan_cache_mode', 'auto', false), set_config('jit', 'off', false)
        """;

    // Not every server has all of them.
    private const string Timeouts = """
        SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('lock_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
        """;

    // Written means on the disk.
    private const string Durability = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')";

    /// <summary>Sets the session up. The server's number of it.</summary>
    public static async Task<int> ApplyAsync(NpgsqlConnection connection, TimeSpan patience, CancellationToken cancellationToken)
    {
        var longest = patience.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        var batch = new NpgsqlBatch(connection)
        {
            Timeout = 0,
            EnableErrorBarriers = true,
            BatchCommands =
            {
                new(Patience) { Parameters = { new NpgsqlParameter<string> { TypedValue = longest } } }, new(Names), new(Rules), new(Timeouts), new(Durability), new("SELECT pg_backend_pid()"),
            },
        };
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                for (var silent = 1; silent < batch.BatchCommands.Count; silent++)
                {
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                }

                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                return reader.GetInt32(0);
            }
        }
    }
}
