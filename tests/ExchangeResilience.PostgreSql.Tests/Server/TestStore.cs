using ExchangeResilience.Testing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ExchangeResilience.PostgreSql.Tests;

/// <summary>A schema of the test's own, and the members that the test lets join.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private static int s_schemas;
    private readonly List<PostgreSqlJournal> _members = [];
    private readonly NpgsqlDataSource _source;

    public TestStore(string connectionString)
    {
        ConnectionString = connectionString;

        // Members keep their connections, and some tests have hundreds of members.
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 450, Timeout = 20 });
    }

    public string ConnectionString { get; }

    public string Schema { get; } = FormattableString.Invariant($"test_{Interlocked.Increment(ref s_schemas)}");

    public ManualTimeProvider Time { get; } = new();

    /// <summary>What the processes do by themselves, in real time: long, so that only what a test asks for happens.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(5);

    public PostgreSqlJournal Member(string? name = null, string? id = null, bool listens = true, TimeProvider? time = null, ILogger<PostgreSqlJournal>? logger = null, string? connectionString = null)
    {
        var member = new PostgreSqlJournal(
            new PostgreSqlExchangeStateOptions { Schema = Schema, Lease = Lease, MemberName = name, CommandTimeout = TimeSpan.FromSeconds(20), ConnectionString = connectionString },
            connectionString is null ? _source : null,
            time ?? Time,
            new RandomSource(new Random()),
            logger,
            id,
            listens);
        lock (_members)
        {
            _members.Add(member);
        }

        return member;
    }

    public async Task<PostgreSqlJournal> JoinAsync(string? name = null, bool listens = true, ILogger<PostgreSqlJournal>? logger = null)
    {
        var member = Member(name, listens: listens, logger: logger);
        await member.OpenAsync(TestContext.Current.CancellationToken);
        return member;
    }

    /// <summary>As if the first had been silent for too long, and the second had come before its next heartbeat.</summary>
    public Task TakeOverAsync(PostgreSqlJournal silent, PostgreSqlJournal heir) => RunAsync(
        $"UPDATE {{schema}}.members SET lease_until = '-infinity' WHERE id = '{silent.Member}'; SELECT {{schema}}.take_over('{heir.Member}', 100, NULL);");

    /// <summary>As if all had been silent for too long. Not for members that listen, whose first heartbeat comes when they begin to.</summary>
    public Task EndLeasesAsync() => RunAsync("UPDATE {schema}.members SET lease_until = '-infinity'");

    public Task EndLeaseAsync(PostgreSqlJournal member) => RunAsync("UPDATE {schema}.members SET lease_until = '-infinity' WHERE id = $1", member.Member);

    public async Task RunAsync(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async Task<object?> AskAsync(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        await RunAsync("DROP SCHEMA IF EXISTS {schema} CASCADE");
        await _source.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = _source.CreateCommand(sql.Replace("{schema}", Schema, StringComparison.Ordinal));
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        return command;
    }
}
