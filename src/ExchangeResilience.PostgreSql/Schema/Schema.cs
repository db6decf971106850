using System.Globalization;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// The tables and functions of the shared store, and the way to them from any earlier version. The version is the number of migrations applied, as its table records.
/// </summary>
internal sealed class Schema(IReadOnlyList<string> migrations)
{
    // Any number that no other program is likely to have chosen.
    private const long MigrationLock = 0x4558_5245_5349_4C00;

    /// <summary>The library's own: only ever added to, since stores of every version are about.</summary>
    public static Schema Current { get; } = new([SchemaVersion1.Sql, SchemaVersion2.Sql, SchemaVersion3.Sql, SchemaVersion4.Sql, SchemaVersion5.Sql, SchemaVersion6.Sql, SchemaVersion7.Sql, SchemaVersion8.Sql, SchemaVersion9.Sql]);

    /// <summary>The version this library writes.</summary>
    public int Version => migrations.Count;

    /// <summary>What an administrator may run instead of the program: every migration there is, for a new schema.</summary>
    public string Script(string schema) => $"""
        BEGIN;
        SET LOCAL search_path = pg_catalog, pg_temp;
        {Opening(schema)}
        {string.Join('\n', Enumerable.Range(0, Version).Select(version => Step(schema, version)))}
        COMMIT;
        """;

    /// <summary>Whether nothing is to be done.</summary>
    /// <exception cref="JournalException">The store is a newer library's.</exception>
    public async Task<bool> IsUpToDateAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        await VersionOfAsync(connection, schema, cancellationToken).ConfigureAwait(false) == Version;

    /// <summary>Brings the store up to date. The first process to come does, and the others wait.</summary>
    /// <exception cref="JournalException">The store is a newer library's.</exception>
    /// <exception cref="NpgsqlException">The store cannot be reached, or this role may not create what is missing.</exception>
    public async Task BringUpToDateAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            // What follows is as long as the tables are large.
            await StoreCommand.RunAsync(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({MigrationLock}), set_config('statement_timeout', '0', true)"), cancellationToken).ConfigureAwait(false);
            var found = await VersionOfAsync(connection, schema, cancellationToken).ConfigureAwait(false);
            if (found == 0)
            {
                await StoreCommand.RunAsync(connection, Opening(schema), cancellationToken).ConfigureAwait(false);
            }

            for (var version = found; version < Version; version++)
            {
                await StoreCommand.RunAsync(connection, Step(schema, version), cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // The schema may be there already: made by an administrator for a role that may not make one.
    private static string Opening(string schema) => $"""
        DO $do$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '{schema}') THEN
                CREATE SCHEMA "{schema}";
            END IF;
        END $do$;
        CREATE TABLE "{schema}".schema_version (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
        """;

    private string Step(string schema, int version) => string.Create(
        CultureInfo.InvariantCulture, $"{migrations[version].Replace("{schema}", schema, StringComparison.Ordinal)}\nINSERT INTO \"{schema}\".schema_version (version) VALUES ({version + 1});");

    private async Task<int> VersionOfAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        // Read as rows, since the server remembers what it once did not find by name until a transaction begins.
        var isThere = $"SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{schema}' AND c.relname = 'schema_version')";
        if (await StoreCommand.AskAsync(connection, isThere, cancellationToken).ConfigureAwait(false) is not true)
        {
            return 0;
        }

        var version = (int)(await StoreCommand.AskAsync(connection, $"SELECT coalesce(max(version), 0) FROM \"{schema}\".schema_version", cancellationToken).ConfigureAwait(false))!;
        return version <= Version ? version : throw StoreFailures.Newer(schema, version, Version);
    }
}
