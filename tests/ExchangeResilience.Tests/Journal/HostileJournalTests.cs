using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Journal;

/// <summary>A journal that hangs, throws what it may not, or answers with what is nothing.</summary>
public sealed class HostileJournalTests
{
    private const string Cancel = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=nobody";

    [Fact]
    public async Task An_order_waits_for_the_journal_to_write_no_longer_than_it_may_leave()
    {
        var journal = new HostileJournal { RecordAfter = new TaskCompletionSource() };
        using var world = With(journal);
        await world.Time.RunAsync(() => world.Http.GetAsync("/fapi/v2/balance"));
        var before = world.Time.Elapsed;

        var told = await PlaceAsync(world);

        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Thrown.ShouldNotBeNull().InnerException.ShouldBeOfType<JournalException>();
        (world.Time.Elapsed - before).ShouldBe(TimeSpan.FromSeconds(5));
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync("/fapi/v1/ping")))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_entry_that_cannot_be_read_is_no_fault_of_the_journal(bool concernsOneEntry)
    {
        using var world = With(new HostileJournal { RecordThrows = new JournalException("broken") { ConcernsOneEntry = concernsOneEntry } });

        (await PlaceAsync(world)).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");

        world.Client.Get<IExchangeMonitor>().Read().JournalFault.ShouldBe(concernsOneEntry ? null : "broken");
    }

    [Fact]
    public async Task A_faulty_setting_that_is_met_while_the_journal_is_taken_up_is_no_fault_of_the_journal()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection([new("Keys:ApiKey", "key"), new("Keys:Secret", "secret"), new("Keys:RecvWindw", "5s")]);
        builder.Services.AddSingleton<IOrderJournal>(new HostileJournal { OpensWith = static () => new JournalContents([Entry()], []) });
        builder.Services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling()
            .AddExchangeSigning(builder.Configuration.GetSection("Keys"));
        using var host = builder.Build();

        var fault = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        fault.Message.ShouldContain("did you mean 'RecvWindow'?");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repeat_that_a_cancel_has_overtaken_does_not_deny_what_an_earlier_run_may_have_sent(bool isBatch)
    {
        using var world = new SimulatedFixture(outer: static builder =>
        {
            builder.Services.AddSingleton<IOrderJournal>(Silent());
            builder.AddHttpMessageHandler(static services => new NaiveRetry(services.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(2), clones: false));
        });

        var told = await world.Time.RunAsync(async () =>
        {
            var placed = Told.HearAsync(world.Http.PostAsync(isBatch ? BatchOfOne : SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
            return await placed;
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_written_after_its_order_was_given_up_is_known_not_to_have_left()
    {
        var journal = new HostileJournal { RecordAfter = new TaskCompletionSource() };
        using var world = With(journal);
        (await PlaceAsync(world)).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");

        journal.RecordAfter.SetResult();
        (await PlaceAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed, "the id is free: nothing left under it");

        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(1), world.Time));
        journal.Kept.EntriesOf("a").Select(static entry => entry.State).ShouldBe([JournalState.NotExecuted, JournalState.Executed], ignoreOrder: true);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_order_cancelled_while_the_journal_hangs_was_not_executed(bool opens)
    {
        var journal = new HostileJournal { RecordAfter = new TaskCompletionSource(), OpenAfter = opens ? null : new TaskCompletionSource() };
        using var world = With(journal);
        using var gone = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null, gone.Token)));

        ExchangeOperationCanceledException.Find(told.Thrown.ShouldNotBeNull()).ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task While_the_journal_opens_without_end_orders_are_refused_in_their_time_and_everything_else_waits_a_second_once()
    {
        using var world = With(new HostileJournal { OpenAfter = new TaskCompletionSource() });
        await world.Time.RunAsync(async () =>
        {
            var cancel = await Told.HearAsync(world.Http.DeleteAsync(Cancel));
            cancel.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
            world.Time.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

            var then = world.Time.Elapsed;
            (await Told.HearAsync(world.Http.GetAsync("/fapi/v1/ping"))).Status.ShouldBe(200);
            (world.Time.Elapsed - then).ShouldBeLessThan(TimeSpan.FromSeconds(1));

            then = world.Time.Elapsed;
            var order = await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            order.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
            order.Execution.ShouldBe(ExecutionStatus.Unknown, "an earlier run may have sent it");
            (world.Time.Elapsed - then).ShouldBe(TimeSpan.FromSeconds(5));
        });
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_sent_once_the_journal_has_opened_after_all_goes_its_way()
    {
        var journal = new HostileJournal { OpenAfter = new TaskCompletionSource() };
        using var world = With(journal);
        (await PlaceAsync(world)).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");

        journal.OpenAfter.SetResult();

        (await PlaceAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    public static TheoryData<Exception> Unexpected => [new InvalidOperationException("a bug"), new TaskCanceledException("a timeout of its own"), new TimeoutException()];

    [Theory]
    [MemberData(nameof(Unexpected))]
    public async Task Whatever_the_journal_throws_an_order_it_has_not_written_is_not_sent(Exception failure)
    {
        using var world = With(new HostileJournal { RecordThrows = failure, SettleThrows = failure });

        var told = await PlaceAsync(world);

        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        told.Thrown.ShouldNotBeNull().InnerException.ShouldBeOfType<JournalException>().InnerException.ShouldBe(failure);
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verdict_reaches_the_caller_whatever_the_journal_throws_at_it()
    {
        using var world = With(new HostileJournal { SettleThrows = new InvalidOperationException("a bug") });

        (await PlaceAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);
        (await PlaceAsync(world, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    public static TheoryData<JournalContents> Nothing => [null!, new JournalContents(null!, []), new JournalContents([], null!), new JournalContents([null!], []), new JournalContents([], [null!])];

    [Theory]
    [MemberData(nameof(Nothing))]
    public async Task A_journal_that_opens_with_what_is_nothing_has_not_opened(JournalContents contents)
    {
        using var world = With(new HostileJournal { OpensWith = () => contents });

        (await PlaceAsync(world)).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync("/fapi/v1/ping")))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_entry_without_its_key_stands_in_no_orders_way_and_lets_none_leave()
    {
        using var world = With(new HostileJournal { RecordAnswers = static entry => entry with { Id = "other", Key = null! } });

        (await PlaceAsync(world)).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(JournalState.Executed, -1)]
    [InlineData((JournalState)77, 200)]
    public async Task An_entry_that_nothing_can_have_written_lets_no_order_leave(JournalState state, int status)
    {
        using var world = With(new HostileJournal { RecordAnswers = entry => entry with { Id = "other", State = state, ReplyStatus = status } });

        (await PlaceAsync(world)).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verdict_without_a_reply_is_told_with_one_of_our_own()
    {
        using var world = With(new HostileJournal { RecordAnswers = static entry => entry with { Id = "other", State = JournalState.Executed, SettledAt = entry.CreatedAt, ReplyStatus = 0, Reply = null } });

        var told = await PlaceAsync(world);

        told.Status.ShouldBe(200);
        told.Body.ShouldContain("\"clientOrderId\"");
    }

    [Fact]
    public async Task Writes_that_do_not_end_are_not_kept_without_bound()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var inner = new HostileJournal { SettleAfter = new TaskCompletionSource() };
        var journal = new MeasuredJournal(inner, TimeProvider.System, ActivatorUtilities.CreateInstance<ExchangeMetrics>(services));
        var entry = Entry();
        var writes = Enumerable.Range(0, 20_000).Select(_ => journal.SettleAsync(entry, CancellationToken.None).AsTask()).ToArray();

        writes.Count(static write => write.IsFaulted).ShouldBe(20_000 - (16 * 1024));
        inner.Settles.ShouldBe(16 * 1024);
        writes[^1].Exception.ShouldNotBeNull().InnerException.ShouldBeOfType<JournalException>();

        inner.SettleAfter.SetResult();
        await Task.WhenAll(writes.Where(static write => !write.IsFaulted));
        (await journal.SettleAsync(entry, CancellationToken.None)).ShouldBeTrue();
    }

    private static string BatchOfOne =>
        $"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001","newClientOrderId":"a"}]""")}";

    /// <summary>Opens, and answers nothing after that.</summary>
    private static HostileJournal Silent() => new() { RecordAfter = new TaskCompletionSource(), FindAfter = new TaskCompletionSource() };

    private static SimulatedFixture With(HostileJournal journal) => new(outer: builder => builder.Services.AddSingleton<IOrderJournal>(journal));

    private static Task<Told> PlaceAsync(SimulatedFixture world, string id = "a") =>
        world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

    private static JournalEntry Entry() => new()
    {
        Id = "1", Run = "r", Key = new JournalKey("live", "account", "BTCUSDT", OperationKind.Place, "a"), ClientName = "futures", Host = new Uri("https://fapi.test"),
        Venue = "BinanceUsdFutures", Method = "POST", Path = "/fapi/v1/order",
    };

    /// <summary>Keeps what it is given, after, or instead of, what it is told to do.</summary>
    private sealed class HostileJournal : IOrderJournal
    {
        private int _settles;

        public InMemoryOrderJournal Kept { get; } = new();

        public TaskCompletionSource? OpenAfter { get; init; }

        public TaskCompletionSource? RecordAfter { get; init; }

        public TaskCompletionSource? FindAfter { get; init; }

        public TaskCompletionSource? SettleAfter { get; init; }

        public Exception? RecordThrows { get; init; }

        public Exception? SettleThrows { get; init; }

        public Func<JournalContents>? OpensWith { get; init; }

        public Func<JournalEntry, JournalEntry>? RecordAnswers { get; init; }

        public int Settles => _settles;

        public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
        {
            await (OpenAfter?.Task ?? Task.CompletedTask);
            return OpensWith is { } opens ? opens() : await Kept.OpenAsync(cancellationToken);
        }

        public async ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken)
        {
            if (RecordThrows is { } failure)
            {
                throw failure;
            }

            await (RecordAfter?.Task ?? Task.CompletedTask);
            return RecordAnswers is { } answers ? answers(entry) : await Kept.RecordAsync(entry, CancellationToken.None);
        }

        public async ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken)
        {
            await (FindAfter?.Task ?? Task.CompletedTask);
            return await Kept.FindAsync(entry, CancellationToken.None);
        }

        // A fault at the call itself, before there is anything to wait for.
        public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _settles);
            return SettleThrows is { } failure ? throw failure : SettleInOrderAsync(entry);
        }

        public ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => Kept.HoldAsync(hold, cancellationToken);

        private async ValueTask<bool> SettleInOrderAsync(JournalEntry entry)
        {
            await Task.WhenAll(RecordAfter?.Task ?? Task.CompletedTask, SettleAfter?.Task ?? Task.CompletedTask);
            return SettleAfter is not null || await Kept.SettleAsync(entry, CancellationToken.None);
        }
    }
}
