using System.Diagnostics;
using ExchangeResilience.PostgreSql;
using Npgsql;

namespace Benchmarks.Fleet;

/// <summary>A throw-away server that counts what it is asked, as it sees it.</summary>
internal sealed class FleetDatabase : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);
    private readonly LocalPostgreSql _server;
    private readonly NpgsqlDataSource _source;

    private FleetDatabase(LocalPostgreSql server) => (_server, _source) = (server, NpgsqlDataSource.Create(server.ConnectionString));

    public string ConnectionString => _server.ConnectionString;

    /// <summary>Null where there is no PostgreSQL to start.</summary>
    public static async Task<FleetDatabase?> StartAsync()
    {
        LocalPostgreSql server;
        try
        {
            server = await LocalPostgreSql.StartAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        await using (var source = NpgsqlDataSource.Create(server.ConnectionString))
        {
            await RunAsync(source, "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
            await RunAsync(source, "ALTER SYSTEM SET max_wal_size = '8GB'");
        }

        await server.StopAsync();
        await server.ResumeAsync(CancellationToken.None);
        var database = new FleetDatabase(server);
        await database.RunAsync("CREATE EXTENSION pg_stat_statements");
        return database;
    }

    public Task FreezeAsync() => _server.FreezeAsync(CancellationToken.None);

    public Task ThawAsync() => _server.ThawAsync(CancellationToken.None);

    /// <summary>What members have asked so far. Each exchange of messages is one transaction.</summary>
    public async Task<FleetCount> CountAsync()
    {
        // A session's transactions are counted when it ends.
        var transactions = await SettledAsync("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()");
        const string Statements = "SELECT coalesce(sum({0}), 0)::double precision FROM pg_stat_statements WHERE query LIKE '%\"exchange_resilience\".%' AND toplevel";
        return new(transactions, (double)(await AskAsync(string.Format(null, Statements, "calls")))!, (double)(await AskAsync(string.Format(null, Statements, "total_exec_time")))!);
    }

    /// <summary>How often the entries were read from end to end, and how many of their rows were met by way of an index.</summary>
    public async Task<(long Scans, long Rows)> ReadsAsync() => (
        await SettledAsync("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'entries'"),
        await SettledAsync("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'entries'"));

    /// <summary>Runs a statement in a session of its own, whose end brings to the server's counters what it did.</summary>
    /// <returns>How long it took, in milliseconds.</returns>
    public async Task<double> RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        var since = Stopwatch.GetTimestamp();
        await command.ExecuteNonQueryAsync();
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }

    public async Task<object?> AskAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> SettledAsync(string sql)
    {
        var last = -1L;
        while (true)
        {
            await Task.Delay(Look, TimeProvider.System, CancellationToken.None);
            var now = (long)(await AskAsync(sql))!;

            // This question is a transaction as well, and is counted once a second at the most.
            if (now - last is 0 or 1 && last >= 0)
            {
                return now;
            }

            last = now;
        }
    }
}
