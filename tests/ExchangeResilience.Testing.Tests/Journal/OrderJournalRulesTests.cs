using System.Collections.Concurrent;

namespace ExchangeResilience.Testing.Tests.Journal;

/// <summary>The rules for a journal of one's own: a good one keeps them, and each rule finds a journal that breaks it.</summary>
public sealed class OrderJournalRulesTests
{
    #region journal-rules
    public static TheoryData<string> Rules => [.. OrderJournalRules.Names];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task The_journal_keeps_the_rule(string rule)
    {
        // Yours: a store that is empty, and a journal on it for each time that one is asked for.
        var journal = new InMemoryOrderJournal();

        await OrderJournalRules.CheckAsync(rule, () => journal, TestContext.Current.CancellationToken);
    }
    #endregion

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Each_rule_is_broken_by_some_journal(string name)
    {
        string[] broken = ["forgets", "never empty", "answers nothing", "writes always", "settles always", "newest first", "shortens holds", "heeds no cancellation", "late", "takes over"];
        var found = new List<string>();
        foreach (var fault in broken)
        {
            var time = new ManualTimeProvider();
            var journal = new Broken(fault, time);
            try
            {
                await time.RunAsync(() => OrderJournalRules.CheckAsync(name, () => journal, TestContext.Current.CancellationToken));
            }
            catch (InvalidOperationException refusal) when (refusal.Message.StartsWith($"The journal breaks the rule '{name}': ", StringComparison.Ordinal))
            {
                found.Add(fault);
            }
        }

        found.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_is_no_rule_is_refused_and_journals_are_disposed_of()
    {
        await Should.ThrowAsync<ArgumentException>(() => OrderJournalRules.CheckAsync("no rule", () => new InMemoryOrderJournal(), TestContext.Current.CancellationToken));
        var journal = new Broken("nothing", TimeProvider.System);

        await OrderJournalRules.CheckAsync(OrderJournalRules.Names[0], () => journal, TestContext.Current.CancellationToken);

        journal.IsDisposed.ShouldBeTrue();
    }

    /// <summary>A journal with one fault.</summary>
    private sealed class Broken(string fault, TimeProvider time) : IOrderJournal, IDisposable
    {
        private readonly InMemoryOrderJournal _journal = new();
        private readonly ConcurrentQueue<JournalHold> _holds = new();

        public bool IsDisposed { get; private set; }

        public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
        {
            var contents = await _journal.OpenAsync(cancellationToken);
            return fault switch
            {
                "forgets" => new JournalContents([], []),
                "never empty" => contents with { Holds = [new JournalHold("live", TrafficLane.Host, "x", 0, 1, default)] },
                "newest first" => contents with { Entries = [.. contents.Entries.Reverse()] },
                "shortens holds" => contents with { Holds = [.. _holds.Reverse().DistinctBy(static hold => hold.Lane)] },
                _ => contents,
            };
        }

        public async ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken)
        {
            if (fault == "late")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(entry.Attempts.Count == 1 ? 50 : 1), time, cancellationToken);
            }

            var standing = await _journal.RecordAsync(entry, fault == "heeds no cancellation" ? CancellationToken.None : cancellationToken);
            return fault is "answers nothing" or "writes always" ? null : standing;
        }

        public async ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken)
        {
            if (fault == "writes always")
            {
                return await _journal.RecordAsync(entry with { Id = "01234567890123456789" }, cancellationToken) ?? entry;
            }

            return await _journal.FindAsync(entry, cancellationToken) is { } found ? found : fault == "never empty" ? entry : null;
        }

        public async ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) =>
            await _journal.SettleAsync(fault == "takes over" ? entry with { Heard = true } : entry, cancellationToken) || fault == "settles always";

        public ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken)
        {
            _holds.Enqueue(hold);
            return _journal.HoldAsync(hold, cancellationToken);
        }

        public void Dispose() => IsDisposed = true;
    }
}
