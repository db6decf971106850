using ExchangeResilience.PostgreSql;
using Npgsql;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(ExchangeResilience.Fleet.Tests.Store))]

namespace ExchangeResilience.Fleet.Tests;

/// <summary>
/// A PostgreSQL server for all tests, with a database for each, whose every default is another than the server's. FLEET_STORE=pooled puts PgBouncer in between, FLEET_STORE=promoted takes
/// a replica that has become the primary.
/// </summary>
public sealed class Store : IAsyncLifetime
{
    private static readonly string? Kind = Environment.GetEnvironmentVariable("FLEET_STORE");

    // What may be set for a database by who owns it, and would change what is guaranteed if a session inherited it.
    private static readonly string[] Defaults =
    [
        "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on", "TimeZone = 'Pacific/Apia'", "DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'",
        "search_path = 'nowhere'", "statement_timeout = '5s'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1ms'", "idle_session_timeout = '2s'", "synchronous_commit = off",
        "plan_cache_mode = 'force_custom_plan'", "jit_above_cost = 0", "client_encoding = 'LATIN1'", "bytea_output = 'escape'", "array_nulls = off", "transform_null_equals = on",
        "plpgsql.variable_conflict = 'use_column'",
    ];

    private LocalPostgreSql? _server;
    private LocalPostgreSql? _formerPrimary;
    private LocalPgBouncer? _pooler;
    private int _databases;

    private LocalPostgreSql Server => _server ?? throw new InvalidOperationException("The server is not started.");

    public async ValueTask InitializeAsync()
    {
        _server = await LocalPostgreSql.StartAsync(CancellationToken.None);
        switch (Kind)
        {
            case "pooled":
                _pooler = await LocalPgBouncer.StartAsync(_server.ConnectionString, "session", CancellationToken.None);
                break;

            case "promoted":
                _formerPrimary = _server;
                _server = await _formerPrimary.ReplicateAsync(CancellationToken.None);
                await _formerPrimary.StopAsync();
                await _server.PromoteAsync(CancellationToken.None);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in (IAsyncDisposable?[])[_pooler, _server, _formerPrimary])
        {
            if (one is not null)
            {
                await one.DisposeAsync();
            }
        }
    }

    public Task StopAsync() => Server.StopAsync();

    public Task ResumeAsync() => Server.ResumeAsync(TestContext.Current.CancellationToken);

    /// <summary>A connection string for a database that holds nothing.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = FormattableString.Invariant($"fleet_{Interlocked.Increment(ref _databases)}");
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString);
        foreach (var statement in (string[])[$"CREATE DATABASE {name}", .. Defaults.Select(setting => $"ALTER DATABASE {name} SET {setting}")])
        {
            await using var command = source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }

        return new NpgsqlConnectionStringBuilder(_pooler?.ConnectionString ?? Server.ConnectionString) { Database = name }.ConnectionString;
    }
}
