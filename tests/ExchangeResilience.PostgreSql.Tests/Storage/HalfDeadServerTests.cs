using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>A server that is there and does not do what it should, on real time.</summary>
public sealed class HalfDeadServerTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly LogLines _log = new();
    private LocalPostgreSql? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalPostgreSql Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(Stop);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task A_frozen_server_is_noticed_within_the_command_timeout()
    {
        await using var member = Member();
        await member.OpenAsync(Stop);
        (await member.RecordAsync(Of(member, 1), Stop)).ShouldBeNull();
        await member.Budget.AskAsync(Ask(1), Stop);
        await Server.FreezeAsync(Stop);
        try
        {
            var since = TimeProvider.System.GetTimestamp();
            var record = member.RecordAsync(Of(member, 2), Stop).AsTask();
            var ask = member.Budget.AskAsync(Ask(2), Stop).AsTask();
            (await Should.ThrowAsync<JournalException>(record)).Message.ShouldContain("does not answer within CommandTimeout (1s)");
            await Should.ThrowAsync<JournalException>(ask);
            var took = TimeProvider.System.GetElapsedTime(since);
            output.WriteLine($"noticed after {took.TotalSeconds:0.00} s");
            took.ShouldBeLessThan(Patience * 3);
            Errors().ShouldBe(1);
        }
        finally
        {
            await Server.ThawAsync(Stop);
        }

        await WhenBackAsync(member, 3);
    }

    [Fact]
    public async Task A_full_disk_is_one_line_until_an_order_can_be_written()
    {
        await using var member = Member();
        await member.OpenAsync(Stop);
        await using var source = Npgsql.NpgsqlDataSource.Create(Server.ConnectionString);
        await RunAsync("""
            CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $f$;
            CREATE TRIGGER no_room BEFORE INSERT ON exchange_resilience.entries FOR EACH ROW EXECUTE FUNCTION public.no_room();
            """);
        var since = TimeProvider.System.GetTimestamp();
        for (var number = 1; TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(3); number++)
        {
            (await Should.ThrowAsync<JournalException>(async () => await member.RecordAsync(Of(member, number), Stop))).Message.ShouldContain("disk is full");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
        }

        Errors().ShouldBe(1, string.Join('\n', _log.Lines));
        await RunAsync("DROP TRIGGER no_room ON exchange_resilience.entries");
        await WhenBackAsync(member, 1);
        _log.Lines.Count(static line => line.StartsWith("Warning 1501 ", StringComparison.Ordinal)).ShouldBe(1);

        async Task RunAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Stop);
        }
    }

    [Fact]
    public async Task Who_asks_for_room_when_the_server_has_stopped_learns_that_the_store_is_away()
    {
        await using var member = Member();
        await member.OpenAsync(Stop);
        await member.Budget.AskAsync(Ask(1), Stop);
        var there = member.WhileThere;

        await Server.StopAsync();
        await Should.ThrowAsync<JournalException>(async () => await member.Budget.AskAsync(Ask(2), Stop));

        member.Fleet.StoreFault.ShouldNotBeNull();
        there.IsCancellationRequested.ShouldBeTrue();
        await Server.ResumeAsync(Stop);
        await WhenBackAsync(member, 1);
        member.WhileThere.IsCancellationRequested.ShouldBeFalse();
    }

    private static JournalEntry Of(PostgreSqlJournal member, int number) => Order(number) with { Run = member.Member };

    private static BudgetAsk Ask(int window) => new(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), window, 1, 10, 1, 10, 0, 0);

    private int Errors() => _log.Lines.Count(static line => line.StartsWith("Error 1500 ", StringComparison.Ordinal));

    private static async Task WhenBackAsync(PostgreSqlJournal member, int number)
    {
        while (true)
        {
            try
            {
                (await member.RecordAsync(Of(member, number), Stop)).ShouldBeNull();
                return;
            }
            catch (JournalException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
            }
        }
    }

    private PostgreSqlJournal Member() => new(
        new() { ConnectionString = Server.ConnectionString, Lease = TimeSpan.FromMinutes(5), CommandTimeout = Patience }, null, TimeProvider.System, new RandomSource(new Random()), _log, listens: false);
}
