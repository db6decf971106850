using ExchangeResilience.PostgreSql.Tests;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]

namespace ExchangeResilience.PostgreSql.Tests;

/// <summary>One real server for all tests, each of which has a schema of its own. Tests that stop it have one of their own.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private LocalPostgreSql? _server;

    public string ConnectionString => _server!.ConnectionString;

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }
    }
}
