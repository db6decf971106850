using ExchangeResilience.Journal;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>A database that is made read-only for a while: a session keeps the default it began with.</summary>
public sealed class ReadOnlyTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private LocalPostgreSql? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalPostgreSql Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(Stop);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task Members_write_again_by_themselves_once_it_is_writable()
    {
        var log = new LogLines();
        await using var member = new PostgreSqlJournal(
            new() { ConnectionString = Server.ConnectionString, Lease = TimeSpan.FromSeconds(3) }, null, TimeProvider.System, new RandomSource(new Random()), log);
        await member.OpenAsync(Stop);
        (await member.RecordAsync(Of(member, 1), Stop)).ShouldBeNull();
        var room = new BudgetAsk(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 1, 1, 10, 1, 10, 0, 0);
        (await member.Budget.AskAsync(room, Stop)).Granted.ShouldBe(1);

        await RunAsync("ALTER DATABASE postgres SET default_transaction_read_only = on");
        await RunAsync("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'ExchangeResilience'");
        (await Should.ThrowAsync<JournalException>(async () => await member.RecordAsync(Of(member, 2), Stop))).Message.ShouldStartWith("The shared store is read-only");
        await Should.ThrowAsync<JournalException>(async () => await member.Budget.AskAsync(room, Stop));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Stop);
        await RunAsync("ALTER DATABASE postgres RESET default_transaction_read_only");

        var began = TimeProvider.System.GetTimestamp();
        while (member.Fleet.StoreFault is not null)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        (await member.RecordAsync(Of(member, 3), Stop)).ShouldBeNull();
        (await member.Budget.AskAsync(room, Stop)).Granted.ShouldBe(1);
        log.Lines.Count(static line => line.StartsWith("Error 1500 ", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', log.Lines));
    }

    private static JournalEntry Of(PostgreSqlJournal member, int number) => Order(number, member.Member[..8]) with { Run = member.Member };

    private async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString + ";Options=-c default_transaction_read_only=off");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
