using Npgsql;
using ExchangeResilience.PostgreSql;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(ExchangeResilience.Fleet.Tests.Store))]

namespace ExchangeResilience.Fleet.Tests;

/// <summary>A PostgreSQL server for all tests, with a database for each.</summary>
public sealed class Store : IAsyncLifetime
{
    private LocalPostgreSql? _server;
    private int _databases;

    private LocalPostgreSql Server => _server ?? throw new InvalidOperationException("The server is not started.");

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public Task StopAsync() => Server.StopAsync();

    public Task ResumeAsync() => Server.ResumeAsync(TestContext.Current.CancellationToken);

    /// <summary>A connection string for a database that holds nothing.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = FormattableString.Invariant($"fleet_{Interlocked.Increment(ref _databases)}");
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Database = name }.ConnectionString;
    }
}
