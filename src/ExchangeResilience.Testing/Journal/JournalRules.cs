using static ExchangeResilience.Testing.SampleEntries;

namespace ExchangeResilience.Testing;

/// <summary>The rules of a journal, each by the sentence that states it.</summary>
internal static class JournalRules
{
    private const int Runs = 60;
    private const int Orders = 100;

    public static IReadOnlyDictionary<string, Func<CheckedStore, Task>> All { get; } = new Dictionary<string, Func<CheckedStore, Task>>(StringComparer.Ordinal)
    {
        ["A new store is empty"] = EmptyAsync,
        ["What was recorded is there after a restart, whole"] = WholeAsync,
        ["What is unfinished is found oldest first, and nothing else"] = UnfinishedAsync,
        ["A further attempt replaces the entry"] = ReplacedAsync,
        ["To look an order up writes nothing"] = LookedUpAsync,
        ["An order that is open blocks an equal one, of which nothing is written"] = OpenAsync,
        ["An order that was executed blocks an equal one of another run, unless that supersedes it"] = ExecutedAsync,
        ["An order of other terms hides an executed one, unless that one's verdict has reached no caller"] = HiddenAsync,
        ["An order that was not executed blocks no other"] = NotExecutedAsync,
        ["An entry that is not there cannot be settled"] = UnknownAsync,
        ["An entry with an attempt that its judge does not know cannot be settled"] = UnknownAttemptAsync,
        ["A verdict is final"] = FinalAsync,
        ["A verdict that reached a caller stays that run's, though another run finds it too"] = DeliveredAsync,
        ["Calls about one entry are carried out in the order they were made"] = InOrderAsync,
        ["Of many who want the same order one gets it"] = OneOfManyAsync,
        ["A hold is there after a restart, beside those of other lanes, and is only ever extended"] = HoldsAsync,
        ["A call that is cancelled ends"] = CancelledAsync,
    };

    private static async Task EmptyAsync(CheckedStore store)
    {
        var found = await store.RestartAsync().ConfigureAwait(false);
        store.Expect(found is { Entries.Count: 0, Holds.Count: 0 }, $"{found.Entries.Count} entries and {found.Holds.Count} holds are there");
    }

    private static async Task WholeAsync(CheckedStore store)
    {
        var order = Order(1) with
        {
            OrderId = "8389765591",
            IdIsGenerated = true,
            CancelWanted = true,
            Attempts = [Attempt(0), new(0, long.MaxValue, 60_000)],
            Trail = ["-2013 after 1 s"],
            ReplyStatus = 200,
            Reply = "{\"orderId\":8389765591}"u8.ToArray(),
            ReplyMediaType = "application/json",
        };
        await store.RecordAsync(await store.OpenAsync().ConfigureAwait(false), order).ConfigureAwait(false);

        var entries = (await store.RestartAsync().ConfigureAwait(false)).Entries;

        store.Expect(entries is [var found] && (order with { Run = found.Run }).ToJson().AsSpan().SequenceEqual(found.ToJson()), "it is not, or another. Keep what JournalEntry.ToJson gives");
    }

    private static async Task UnfinishedAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        for (var number = 4; number > 0; number--)
        {
            await store.RecordAsync(journal, Order(number)).ConfigureAwait(false);
        }

        await store.SettleAsync(journal, Order(4).Settled(JournalState.NotExecuted, rechecksLeft: 2)).ConfigureAwait(false);
        await store.SettleAsync(journal, Order(3).Settled(JournalState.Executed)).ConfigureAwait(false);
        await store.SettleAsync(journal, Order(2).Settled(JournalState.Unresolved)).ConfigureAwait(false);

        var found = (await store.RestartAsync().ConfigureAwait(false)).Entries.Select(static entry => entry.Id).ToList();

        store.Expect(found.SequenceEqual([Order(4).Id, Order(2).Id, Order(1).Id], StringComparer.Ordinal), $"found were {string.Join(", ", found)}");
    }

    private static async Task ReplacedAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        await store.RecordAsync(journal, Order(1)).ConfigureAwait(false);
        await store.RecordAsync(journal, Order(1) with { Attempts = [Attempt(0), Attempt(1)] }).ConfigureAwait(false);

        var entries = (await store.RestartAsync().ConfigureAwait(false)).Entries;

        store.Expect(entries is [{ Attempts.Count: 2 }], $"{entries.Count} entries are there, with {entries.Sum(static entry => entry.Attempts.Count)} attempts");
    }

    private static async Task LookedUpAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        store.Expect(await journal.FindAsync(Order(1), store.Stop).ConfigureAwait(false) is null, "an empty store has something in its way");
        await store.RecordAsync(journal, Order(1, "run2")).ConfigureAwait(false);
        store.Expect(await journal.FindAsync(Order(1, "run2"), store.Stop).ConfigureAwait(false) is null, "an entry stands in its own way");
    }

    private static async Task OpenAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        await store.RecordAsync(journal, Order(1)).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, "run2"), JournalState.Open).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(2), null).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, "run2") with { Key = Order(1).Key with { Symbol = "ETHUSDT" } }, null).ConfigureAwait(false);

        var found = (await store.RestartAsync().ConfigureAwait(false)).Entries;

        store.Expect(found.Count == 3 && string.Equals(found[0].Id, Order(1).Id, StringComparison.Ordinal), $"{found.Count} entries are there");
    }

    private static async Task ExecutedAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        await store.RecordAsync(journal, Order(1)).ConfigureAwait(false);
        await store.SettleAsync(journal, Order(1).Settled(JournalState.Executed)).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1) with { Attempts = [Attempt(0), Attempt(1)] }, JournalState.Executed).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, "run2"), JournalState.Executed).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, "run2") with { Supersedes = Order(1).Id }, null).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, "run3") with { Supersedes = Order(1).Id }, JournalState.Open).ConfigureAwait(false);
    }

    private static async Task HiddenAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        for (var number = 1; number <= 2; number++)
        {
            var later = Order(number, id: Order(10 + number).Id) with { Fingerprint = "of other terms" };
            await store.RecordAsync(journal, Order(number)).ConfigureAwait(false);
            await store.SettleAsync(journal, Order(number).Settled(JournalState.Executed) with { Heard = number == 1 }).ConfigureAwait(false);
            await store.RecordAsync(journal, later with { Supersedes = Order(number).Id }).ConfigureAwait(false);
            await store.SettleAsync(journal, later.Settled(JournalState.Executed)).ConfigureAwait(false);
            await store.MeetAsync(journal, Order(number, "run2") with { Supersedes = later.Id }, number == 1 ? null : JournalState.Executed).ConfigureAwait(false);
        }
    }

    private static async Task NotExecutedAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        await store.RecordAsync(journal, Order(1)).ConfigureAwait(false);
        await store.SettleAsync(journal, Order(1).Settled(JournalState.NotExecuted)).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, "run2"), null).ConfigureAwait(false);
    }

    private static async Task UnknownAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        store.Expect(!await journal.SettleAsync(Order(1).Settled(JournalState.Executed), store.Stop).ConfigureAwait(false), "SettleAsync answers true");
        store.Expect((await store.RestartAsync().ConfigureAwait(false)).Entries.Count == 0, "it is there now");
    }

    private static async Task UnknownAttemptAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        await store.RecordAsync(journal, Order(1) with { Attempts = [Attempt(0), Attempt(1)] }).ConfigureAwait(false);
        store.Expect(!await journal.SettleAsync(Order(1).Settled(JournalState.NotExecuted), store.Stop).ConfigureAwait(false), "SettleAsync answers true");
        await store.SettleAsync(journal, Order(1).Settled(JournalState.NotExecuted) with { Attempts = [Attempt(1), Attempt(0), Attempt(2)] }).ConfigureAwait(false);
    }

    private static async Task FinalAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        JournalState[] verdicts = [JournalState.Executed, JournalState.NotExecuted];
        for (var number = 0; number < verdicts.Length; number++)
        {
            await store.RecordAsync(journal, Order(number)).ConfigureAwait(false);
            await store.SettleAsync(journal, Order(number).Settled(JournalState.Unresolved)).ConfigureAwait(false);
            await store.SettleAsync(journal, Order(number).Settled(verdicts[number])).ConfigureAwait(false);
            foreach (var other in Enum.GetValues<JournalState>().Where(state => state != verdicts[number]))
            {
                store.Expect(!await journal.SettleAsync(Order(number).Settled(other), store.Stop).ConfigureAwait(false), $"{verdicts[number]} became {other}");
            }
        }
    }

    private static async Task DeliveredAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        var delivered = Order(1).Settled(JournalState.Executed);
        await store.RecordAsync(journal, Order(1)).ConfigureAwait(false);
        await store.SettleAsync(journal, delivered).ConfigureAwait(false);
        await journal.SettleAsync(delivered with { Run = "run2", Heard = false }, store.Stop).ConfigureAwait(false);
        await store.MeetAsync(journal, Order(1, id: Order(2).Id), null).ConfigureAwait(false);
    }

    private static async Task InOrderAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        var calls = new List<Task<bool>>();
        for (var number = 0; number < Orders; number++)
        {
            var again = Order(number) with { Attempts = [Attempt(0), Attempt(1)] };
            calls.Add(WrittenAsync(journal.RecordAsync(Order(number), store.Stop)));
            calls.Add(WrittenAsync(journal.RecordAsync(again, store.Stop)));
            calls.Add(journal.SettleAsync(again.Settled(JournalState.Executed), store.Stop).AsTask());
        }

        var written = await Task.WhenAll(calls).ConfigureAwait(false);

        store.Expect(written.All(static was => was), $"{written.Count(static was => !was)} of {written.Length} were not written");

        static async Task<bool> WrittenAsync(ValueTask<JournalEntry?> call) => await call.ConfigureAwait(false) is null;
    }

    private static async Task OneOfManyAsync(CheckedStore store)
    {
        IOrderJournal[] journals = [await store.OpenAsync().ConfigureAwait(false), store.Another(), store.Another()];
        var answers = await Task.WhenAll(Enumerable.Range(0, Runs).Select(run => Task.Run(
            () => journals[run % journals.Length].RecordAsync(Order(1, $"run{run}"), store.Stop).AsTask(), store.Stop))).ConfigureAwait(false);

        var winners = answers.Count(static standing => standing is null);

        store.Expect(winners == 1, $"{winners} of {Runs} were told that they may send it");
        store.Expect(answers.OfType<JournalEntry>().DistinctBy(static standing => standing.Id, StringComparer.Ordinal).Count() == 1, "the others were told of several");
    }

    private static async Task HoldsAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        foreach (var hold in (JournalHold[])[Hold(20), Hold(10), Hold(30, TrafficLane.Orders)])
        {
            await journal.HoldAsync(hold, store.Stop).ConfigureAwait(false);
        }

        var ends = (await store.RestartAsync().ConfigureAwait(false)).Holds.OrderBy(static hold => hold.Lane).Select(static hold => hold.UntilExchangeMs).ToList();

        store.Expect(ends.SequenceEqual([Hold(20).UntilExchangeMs, Hold(30).UntilExchangeMs]), $"{ends.Count} are there, until {string.Join(" and ", ends)}");
    }

    private static async Task CancelledAsync(CheckedStore store)
    {
        var journal = await store.OpenAsync().ConfigureAwait(false);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync().ConfigureAwait(false);
        try
        {
            await journal.RecordAsync(Order(1), stopped.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await store.RecordAsync(journal, Order(2)).ConfigureAwait(false);
            return;
        }

        store.Expect(isSo: false, "RecordAsync did not throw OperationCanceledException for a token that was cancelled before the call");
    }
}
