using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What the first calls meet while the journal is being opened.</summary>
public sealed class OpeningTests
{
    private const string Ping = "/fapi/v1/ping";

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
    public async Task A_journal_that_is_slow_to_open_and_refuses_nobody_is_no_fault()
    {
        var (time, log) = (new ManualTimeProvider(), new CollectedLog());
        using var world = With(new SlowToOpen(() => Task.Delay(TimeSpan.FromSeconds(4), time)), time, log);

        await time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Ping)));
        (await time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)))).Execution.ShouldBe(ExecutionStatus.Executed);

        log.Of("JournalNotOpened").ShouldBeEmpty();
        log.Of("JournalBack").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_journal_that_opens_too_late_for_an_order_is_told_of_once_and_again_when_it_is_open()
    {
        var (time, log) = (new ManualTimeProvider(), new CollectedLog());
        using var world = With(new SlowToOpen(() => Task.Delay(TimeSpan.FromSeconds(20), time)), time, log);
        string? Fault() => world.Client.Get<IExchangeMonitor>().Read().JournalFault;

        for (var order = 0; order < 2; order++)
        {
            await time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market($"a{order}"), content: null)));
        }

        log.Of("JournalNotOpened").ShouldHaveSingleItem().Text.ShouldContain("still being opened");
        Fault().ShouldNotBeNull().ShouldContain("still being opened");
        log.Of("JournalBack").ShouldBeEmpty();

        await time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(30), time));
        log.Of("JournalBack").ShouldHaveSingleItem();
        Fault().ShouldBeNull();
    }

    [Fact]
    public async Task A_program_that_only_asks_is_told_after_ten_seconds_that_the_journal_does_not_open()
    {
        var (time, log) = (new ManualTimeProvider(), new CollectedLog());
        using var world = With(new SlowToOpen(() => new TaskCompletionSource().Task), time, log);
        await time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Ping)));
        await time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(8), time));
        await time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Ping)));
        log.Of("JournalNotOpened").ShouldBeEmpty();

        await time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(1), time));
        await time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Ping)));

        log.Of("JournalNotOpened").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_journal_that_failed_to_open_and_opens_at_a_later_try_is_told_of()
    {
        var (time, log, isBroken) = (new ManualTimeProvider(), new CollectedLog(), true);
        using var world = With(new SlowToOpen(() => isBroken ? throw new JournalException("no disk") : Task.CompletedTask), time, log);
        await time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));
        log.Of("JournalNotOpened").ShouldHaveSingleItem();

        isBroken = false;
        await time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(3), time));
        await time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        log.Of("JournalBack").ShouldHaveSingleItem();
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

    private static SimulatedFixture With(IOrderJournal journal, ManualTimeProvider time, CollectedLog? log = null) =>
        new(outer: builder => builder.Services.AddSingleton(journal).AddLogging(logging => log?.Register(logging)), time: time);

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
