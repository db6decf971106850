using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What the first calls meet while the journal is being opened.</summary>
public sealed class OpeningTests
{
    [Theory]
    [InlineData(4, 1)]
    [InlineData(6, 0)]
    public async Task The_wait_for_the_journal_to_open_is_part_of_an_orders_time(int seconds, int sent)
    {
        var time = new ManualTimeProvider();
        using var world = With(new SlowToOpen(() => Task.Delay(TimeSpan.FromSeconds(seconds), time)), time);

        var told = await time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(sent);
        if (sent == 0)
        {
            told.Execution.ShouldBe(ExecutionStatus.Unknown, "an earlier run may have sent it");
            told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        }
    }

    [Fact]
    public async Task A_failure_to_open_that_nobody_waits_for_any_more_is_observed()
    {
        var unobserved = new List<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs arguments) => unobserved.AddRange(arguments.Exception.InnerExceptions);
        TaskScheduler.UnobservedTaskException += Note;
        var failure = new JournalException("abandoned");
        try
        {
            await GiveUpWaitingAsync(failure);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        unobserved.ShouldNotContain(failure);
    }

    private static async Task GiveUpWaitingAsync(JournalException failure)
    {
        var (asked, opened) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var world = With(
            new SlowToOpen(() =>
            {
                asked.TrySetResult();
                return opened.Task;
            }),
            new ManualTimeProvider());
        using var patience = new CancellationTokenSource();
        var waiting = world.Client.Get<JournalRecovery>().TryAsync(patience.Token).AsTask();
        await asked.Task;
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        opened.SetException(failure);

        // The next call meets the same failure or finds that it may try again; either way the first one is over.
        (await world.Client.Get<JournalRecovery>().TryAsync(CancellationToken.None)).ShouldBe(failure);
    }

    private static SimulatedFixture With(IOrderJournal journal, ManualTimeProvider time) => new(outer: builder => builder.Services.AddSingleton(journal), time: time);

    private sealed class SlowToOpen(Func<Task> wait) : IOrderJournal
    {
        private readonly InMemoryOrderJournal _journal = new();

        public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
        {
            await wait();
            return await _journal.OpenAsync(cancellationToken);
        }

        public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => _journal.RecordAsync(entry, cancellationToken);

        public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => _journal.FindAsync(entry, cancellationToken);

        public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => _journal.SettleAsync(entry, cancellationToken);

        public ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => _journal.HoldAsync(hold, cancellationToken);
    }
}
