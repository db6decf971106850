using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests;

/// <summary>Everything a journal must do, on PostgreSQL.</summary>
public sealed class PostgreSqlJournalTests(PostgreSqlServer server) : OrderJournalContract
{
    private readonly TestStore _store = new(server.ConnectionString);
    private readonly Dictionary<string, PostgreSqlJournal> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PostgreSqlJournal> _heirs = new(StringComparer.Ordinal);

    protected override bool KeepsUptimes => false;

    // By the database's clock, which goes on while the test's own stands still.
    protected override TimeSpan HoldsMayEndEarlier => TimeSpan.FromSeconds(5);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Of_several_that_cannot_be_told_apart_every_one_must_be_superseded()
    {
        var (run, next) = (_store.Member(listens: false), _store.Member(listens: false));
        string[] ids = ["one", "two", "three"];
        foreach (var id in ids)
        {
            var order = Order(1) with { Id = id, Run = run.Member, Key = Order(1).Key with { Account = id }, AccountName = id, AccountBook = new() };
            order.AccountBook!.Use(id);
            ids.TakeWhile(other => other != id).ToList().ForEach(other => order.AccountBook.Use(other));
            (await run.RecordAsync(order, default)).ShouldBeNull("names that one program uses side by side mean two accounts");
            (await run.SettleAsync(order.Settled(JournalState.Executed), default)).ShouldBeTrue();
        }

        var mine = Order(1, "run2") with { Run = next.Member, Key = Order(1).Key with { Account = "mine" }, AccountName = "mine" };
        (await next.RecordAsync(mine, default))!.Id.ShouldBe("three");
        (await next.RecordAsync(mine with { Supersedes = "three" }, default))!.Id.ShouldBe("two");
        (await next.RecordAsync(mine with { Supersedes = "two" }, default))!.Id.ShouldBe("three");
        (await next.RecordAsync(mine with { Superseded = ["three", "two"] }, default))!.Id.ShouldBe("one");
        (await next.RecordAsync(mine with { Superseded = ["three", "two", "one"], Supersedes = "one" }, default)).ShouldBeNull();
    }

    protected override IOrderJournal Create() => new Runs(this);

    private PostgreSqlJournal RunOf(string id)
    {
        lock (_runs)
        {
            return _runs.TryGetValue(id, out var run) ? run : _runs[id] = _store.Member(id: id, listens: false);
        }
    }

    private PostgreSqlJournal HolderOf(JournalEntry entry)
    {
        lock (_runs)
        {
            return _heirs.TryGetValue(entry.Id, out var heir) ? heir : RunOf(entry.Run);
        }
    }

    /// <summary>
    /// Every run of the program is a member of the fleet, as it is in life: what is written is written by the run that the entry names, or the one that inherited it. To open it is to start again: whoever lived
    /// before is gone, so that the new run is given what they held.
    /// </summary>
    private sealed class Runs(PostgreSqlJournalTests test) : IOrderJournal
    {
        public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
        {
            var run = test._store.Member(listens: false);
            lock (test._runs)
            {
                test._runs[run.Member] = run;
            }

            if (await test._store.AskAsync("SELECT to_regclass('{schema}.members') IS NOT NULL") is true)
            {
                await test._store.EndLeasesAsync();
            }

            var contents = await run.OpenAsync(cancellationToken);
            lock (test._runs)
            {
                foreach (var entry in contents.Entries)
                {
                    test._heirs[entry.Id] = run;
                }
            }

            return contents;
        }

        public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => test.RunOf(entry.Run).RecordAsync(entry, cancellationToken);

        public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => test.RunOf(entry.Run).FindAsync(entry, cancellationToken);

        public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => test.HolderOf(entry).SettleAsync(entry, cancellationToken);

        public ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => test.RunOf("holder").HoldAsync(hold, cancellationToken);
    }
}
