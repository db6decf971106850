using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What becomes of an order when the program that sent it dies: the next run finds out, and whoever sends it again gets the verdict.</summary>
public sealed class RestartTests
{
    private const string OtherKey = "other-key";
    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a";

    [Fact]
    public async Task An_order_in_flight_when_the_program_died_is_found_by_the_next_run()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(2));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await world.Start().DieWhileSendingAsync();

        var next = world.Start();
        await next.OpenAsync();
        next.InDoubt.List().ShouldBe([new InDoubtOrder("BTCUSDT", "a", OperationKind.Place)]);
        await world.LetPassAsync(3);

        next.InDoubt.List().ShouldBeEmpty();
        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.Executed);
        next.Log.Of("RecoveryStarted").ShouldHaveSingleItem().Text.ShouldContain("(1): POST /fapi/v1/order BTCUSDT a (futures)");
        next.Log.Of("RecoveryProgress").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static line => line.Text.ShouldContain("1 of 1 settled, now POST /fapi/v1/order BTCUSDT a (futures): Executed"),
            static line => line.Level.ShouldBe(LogLevel.Warning));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(60)]
    public async Task Whoever_sends_it_again_in_the_next_run_gets_the_verdict_and_the_exchange_sees_it_once(double later)
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(2));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await world.Start().DieWhileSendingAsync();

        var next = world.Start();
        await world.LetPassAsync(later);
        var told = await next.PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Finished_orders_of_several_accounts_that_nothing_tells_apart_do_not_stop_a_new_one()
    {
        using var world = new JournalledWorld();
        string? older = null;
        foreach (var key in (string[])["1111111111111111", "2222222222222222", "3333333333333333"])
        {
            var entry = new JournalEntry
            {
                Id = key,
                Run = "earlier",
                Key = new("live", key, "BTCUSDT", OperationKind.Place, "a"),
                KeyHash = key,
                ClientName = "futures",
                Host = ProgramRun.Host,
                Venue = "BinanceUsdFutures",
                Method = "POST",
                Path = "/fapi/v1/order",
                ClientOrderId = "a",
                Fingerprint = "of another order",
                Supersedes = older,
                State = JournalState.Executed,
                SettledAt = world.Time.GetUtcNow(),
                Heard = true,
            };
            await world.Journal.RecordAsync(entry, CancellationToken.None);
            older = key;
        }

        var told = await world.Start().PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_that_never_arrived_is_proven_absent_by_the_next_run_and_may_then_be_sent_again()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        await world.Start().DieWhileSendingAsync();

        var next = world.Start();
        var told = await next.PlaceAsync();
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Orders.ShouldBeEmpty();

        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Absence_is_not_proven_before_the_latest_stamp_the_dead_program_could_have_given_has_run_out()
    {
        using var world = new JournalledWorld();
        world.Journal.WriteDelay = TimeSpan.FromSeconds(4);
        var first = world.Start();

        // Dead between the journal and the signature: the entry is on disk, and nobody knows that nothing left.
        await first.DieWhileSendingAsync(after: 3);
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        var promised = world.Journal.EntriesOf("a").ShouldHaveSingleItem().Attempts.ShouldHaveSingleItem();
        world.Journal.WriteDelay = TimeSpan.Zero;

        var next = world.Start();
        var told = await next.PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        var closes = DateTimeOffset.FromUnixTimeMilliseconds(promised.NoStampAfterMs + promised.RecvWindowMs);
        world.Time.GetUtcNow().ShouldBeGreaterThan(closes + TimeSpan.FromSeconds(10), "the settle margin counts from there");
    }

    [Fact]
    public async Task An_order_that_waits_for_the_journal_beyond_its_time_is_not_sent()
    {
        using var world = new JournalledWorld();
        world.Journal.WriteDelay = TimeSpan.FromSeconds(6);

        var told = await world.Start().PlaceAsync();

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "NOT_JOURNALLED"), "an earlier run may have sent it");
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_attempt_is_in_the_journal_before_the_exchange_sees_it_and_bears_a_stamp_within_its_bounds()
    {
        using var world = new JournalledWorld();
        world.Journal.WriteDelay = TimeSpan.FromMilliseconds(200);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled);

        (await world.Start().PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);

        var attempts = world.Journal.EntriesOf("a").ShouldHaveSingleItem().Attempts;
        var stamps = world.Exchange.Seen(ExchangeLooks.Place).Select(static request => long.Parse(request.Parameters["timestamp"], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        stamps.Count.ShouldBe(2);
        attempts.Count.ShouldBe(2);
        stamps.Zip(attempts).ShouldAllBe(static pair => pair.First >= pair.Second.NotBeforeMs && pair.First <= pair.Second.NoStampAfterMs);
        world.Exchange.Seen(ExchangeLooks.Place)[0].Elapsed.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_clock_set_back_between_journal_and_signature_stamps_no_earlier_than_was_promised()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.GetAsync("/fapi/v2/balance");
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(-3));
        world.Journal.WriteDelay = TimeSpan.FromSeconds(1);

        // A balance meets the new clock while the order waits for the journal.
        var told = await world.Time.RunAsync(async () =>
        {
            var order = run.SendAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            await run.Http.GetAsync("/fapi/v2/balance");
            return await order;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        var attempts = world.Journal.EntriesOf("a").ShouldHaveSingleItem().Attempts;
        var stamps = world.Exchange.Seen(ExchangeLooks.Place).Select(static request => long.Parse(request.Parameters["timestamp"], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        stamps.Count.ShouldBe(attempts.Count);
        stamps.Zip(attempts).ShouldAllBe(static pair => pair.First >= pair.Second.NotBeforeMs && pair.First <= pair.Second.NoStampAfterMs);
    }

    [Fact]
    public async Task A_verdict_nobody_heard_is_given_to_the_repeat_of_a_later_run()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(3);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        await world.LetPassAsync(10);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static entry => entry.State.ShouldBe(JournalState.Executed),
            static entry => entry.Heard.ShouldBeFalse());
        first.Kill();

        await world.LetPassAsync(3600 * 5);
        var told = await world.Start().PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().Heard.ShouldBeTrue();
    }

    [Theory]
    [InlineData(600, 1, 1)]
    [InlineData(600, 2, 2)]
    [InlineData(3700, 1, 2)]
    public async Task A_verdict_that_was_heard_answers_the_same_order_of_a_later_run_for_an_hour(double later, int thousandths, int orders)
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        var before = await first.PlaceAsync();
        await world.LetPassAsync(0.1);
        first.Kill();

        await world.LetPassAsync(later);
        var next = world.Start();
        var told = await next.PlaceAsync(quantity: thousandths * 0.001m);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(orders);
        if (orders == 1)
        {
            told.Body.ShouldBe(before.Body);
        }

        // In one and the same run the id is free again a minute after its verdict was told.
        await world.LetPassAsync(61);
        await next.PlaceAsync(quantity: thousandths * 0.001m);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(orders + 1);
    }

    [Fact]
    public async Task Another_order_under_the_id_of_one_in_doubt_is_refused_after_a_restart_too()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await world.Start().DieWhileSendingAsync();

        var told = await world.Start().PlaceAsync(quantity: 0.002m);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("CLIENT_ORDER_ID_IN_USE");
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_equal_order_without_an_id_is_refused_while_its_twin_of_an_earlier_run_is_in_doubt()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(5));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await world.Start().DieWhileSendingAsync(id: "");

        var told = await world.Start().PlaceAsync(id: "");

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Error.ShouldNotBeNull().Name.ShouldBe("EQUAL_ORDER_IN_DOUBT");
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancel_kept_for_an_order_in_doubt_is_applied_by_the_next_run()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(8));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        var first = world.Start(JournalledWorld.Hurried);
        await first.PlaceRestingAsync();
        await first.CancelAsync();
        first.Kill();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(30);

        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task An_absence_that_proved_wrong_in_the_run_before_answers_a_repeat_with_what_stands()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(45));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted, "queries lag longer than assumed");
        await world.LetPassAsync(120);
        first.Contradictions.ShouldHaveSingleItem();
        first.Kill();

        var told = await world.Start().PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancel_that_ended_with_an_absence_is_applied_by_the_next_run_if_the_absence_proves_wrong()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(45));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        var first = world.Start(JournalledWorld.Hurried);
        await first.PlaceRestingAsync();
        await first.CancelAsync();
        await world.LetPassAsync(30);
        first.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.NotExecuted, "queries lag longer than assumed");
        first.Kill();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(120);

        next.Contradictions.ShouldHaveSingleItem();
        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task A_cancel_that_was_kept_and_not_yet_applied_when_the_program_died_is_applied_by_the_next_run()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(2)));
        var first = world.Start(JournalledWorld.Hurried);
        await first.PlaceRestingAsync();
        await first.CancelAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 100)]);
        await world.LetPassAsync(15);
        first.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("NEW");
        first.Kill();
        world.Exchange.Faults.Clear();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(5);

        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static entry => entry.CancelWanted.ShouldBeFalse(),
            static entry => entry.IsFinished.ShouldBeTrue());
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 5)]
    [InlineData(true, 0)]
    [InlineData(true, 5)]
    public async Task A_run_that_applies_a_kept_cancel_still_answers_the_order_with_the_verdict_of_the_run_before(bool heard, double later)
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(3));

        // Everything has been compiled before anybody is in a hurry: manual time does not wait for the compiler on a busy machine.
        (await world.Start().PlaceAsync("warm")).Execution.ShouldBe(ExecutionStatus.Executed);
        var first = world.Start(JournalledWorld.Hurried);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 100)]);
        (await first.PlaceRestingAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        await first.CancelAsync();
        await world.LetPassAsync(15);
        if (heard)
        {
            (await first.PlaceRestingAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        }

        first.Kill();
        world.Exchange.Faults.Clear();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static entry => entry.State.ShouldBe(JournalState.Executed),
            static entry => entry.CancelWanted.ShouldBeTrue(),
            entry => entry.Heard.ShouldBe(heard));

        // The first cancel is lost: a repeat that is sent at once is told before that has been made up for.
        world.Exchange.Options.Latency = TimeSpan.FromMilliseconds(50);
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.DropBeforeExecute);
        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(later);
        var told = await next.PlaceRestingAsync();
        await world.LetPassAsync(6);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static entry => entry.Heard.ShouldBeTrue(),
            static entry => entry.IsFinished.ShouldBeTrue());

        // In one and the same run the id is free again a minute after its verdict was told.
        await world.LetPassAsync(61);
        await next.PlaceRestingAsync();
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(Resting, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData(Resting, "/fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22a%22%5D")]
    [InlineData(Resting, "/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    [InlineData("/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=30000&quantity=0.001&clientAlgoId=a", "/fapi/v1/algoOrder?clientAlgoId=a")]
    public async Task An_order_of_an_earlier_run_that_this_run_has_cancelled_is_placed_anew(string place, string cancel)
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        (await SendAsync(world, first, HttpMethod.Post, place)).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(300);
        first.Kill();

        var next = world.Start();
        (await SendAsync(world, next, HttpMethod.Delete, cancel)).Execution.ShouldBe(ExecutionStatus.Executed);
        var anew = await SendAsync(world, next, HttpMethod.Post, place);

        anew.Execution.ShouldBe(ExecutionStatus.Executed, anew.ToString());
        anew.Body.ShouldContain("Status\":\"NEW\"", Case.Insensitive);
        world.Exchange.Requests.Where(static request => request.Method == "POST").Select(static request => request.Code).ShouldBe([0, 0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_amendment_of_an_order_placed_anew_is_not_answered_with_that_of_the_order_before(bool byTheEarlierRun)
    {
        const string amend = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.002&price=31000&origClientOrderId=a";
        using var world = new JournalledWorld();
        var first = world.Start();
        await SendAsync(world, first, HttpMethod.Post, Resting);
        (await SendAsync(world, first, HttpMethod.Put, amend)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Fill(world.Exchange.Orders.Single().OrderId);
        if (byTheEarlierRun)
        {
            await world.LetPassAsync(61);
            await PlaceAnewAsync(first);
        }

        await world.LetPassAsync(3);
        first.Kill();

        var next = world.Start();
        if (!byTheEarlierRun)
        {
            await PlaceAnewAsync(next);
        }

        var told = await SendAsync(world, next, HttpMethod.Put, amend);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(2);
        world.Exchange.ExecutionsOf("a").Select(static order => order.Price).ShouldBe([31_000, 31_000]);

        async Task PlaceAnewAsync(ProgramRun run) =>
            (await SendAsync(world, run, HttpMethod.Post, Resting.Replace("30000", "29000", StringComparison.Ordinal))).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task An_order_found_after_its_reply_was_lost_is_placed_anew_after_a_cancel_of_all()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var run = world.Start();
        (await SendAsync(world, run, HttpMethod.Post, Resting)).Execution.ShouldBe(ExecutionStatus.Executed);
        (await SendAsync(world, run, HttpMethod.Delete, "/fapi/v1/allOpenOrders?symbol=BTCUSDT")).Execution.ShouldBe(ExecutionStatus.Executed);

        var anew = await SendAsync(world, run, HttpMethod.Post, Resting);

        anew.Execution.ShouldBe(ExecutionStatus.Executed, anew.ToString());
        world.Exchange.ExecutionsOf("a").Select(static order => order.Status).ShouldBe(["CANCELED", "NEW"]);
    }

    [Fact]
    public async Task An_order_cancelled_and_placed_anew_within_a_second_is_not_taken_for_the_one_before()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        (await SendAsync(world, first, HttpMethod.Post, Resting)).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        var next = world.Start();
        (await SendAsync(world, next, HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var anew = await SendAsync(world, next, HttpMethod.Post, Resting);

        anew.Execution.ShouldNotBe(ExecutionStatus.Executed, anew.ToString());
        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task An_order_in_doubt_that_is_cancelled_before_the_journal_can_be_read_is_settled_all_the_same()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        var first = world.Start();
        await first.RunIntoAsync(() => SendHereAsync(first, HttpMethod.Post, Resting), 1);
        first.Kill();

        var next = world.Start(opens: Task.Delay(TimeSpan.FromSeconds(20), world.Time));
        (await SendAsync(world, next, HttpMethod.Delete, "/fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22a%22%5D")).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().IsFinished.ShouldBeFalse();
        await world.LetPassAsync(120);

        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        next.InDoubt.List().ShouldBeEmpty();
        world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task A_verdict_given_again_in_a_later_run_grows_no_younger_by_it()
    {
        using var world = new JournalledWorld();
        for (var run = 0; run < 3; run++)
        {
            var program = world.Start();
            (await program.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
            await world.LetPassAsync(0.1);
            program.Kill();
            world.Exchange.ExecutionsOf("a").Count.ShouldBe(run < 2 ? 1 : 2, "the first verdict is older than an hour by the third run");
            await world.LetPassAsync(50 * 60);
        }
    }

    [Fact]
    public async Task An_amendment_in_flight_is_settled_by_the_next_run()
    {
        using var world = new JournalledWorld(exchange: static options => options.Latency = TimeSpan.FromMilliseconds(50));
        var first = world.Start();
        await world.Time.RunAsync(() => first.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a", content: null));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.Silence);
        await first.RunIntoAsync(() => Told.HearAsync(first.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.002&price=31000&origClientOrderId=a", content: null)), 1);
        first.Kill();

        var next = world.Start();
        await next.OpenAsync();
        next.InDoubt.List().ShouldBe([new InDoubtOrder("BTCUSDT", "a", OperationKind.Amend)]);
        await world.LetPassAsync(1);

        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task Absences_are_asked_about_again_across_a_restart()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromMinutes(5));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await world.LetPassAsync(120);
        first.Kill();
        first.Contradictions.ShouldBeEmpty();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(600);

        next.Contradictions.ShouldHaveSingleItem().Order.ShouldBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place));
        world.Journal.EntriesOf("a").Select(static entry => (entry.State, entry.IsFinished)).ShouldBe([(JournalState.NotExecuted, true), (JournalState.Executed, true)]);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(2000)]
    public async Task What_is_left_of_the_rechecks_keeps_its_times_across_a_restart(double later)
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await world.LetPassAsync(120);
        var entry = world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        entry.RechecksLeft.ShouldBe(1);
        var settled = entry.SettledAt.ShouldNotBeNull();
        (settled - entry.CreatedAt).ShouldBeGreaterThan(TimeSpan.FromSeconds(4), "a recheck counts from the verdict, not from the order");
        first.Kill();
        world.Time.Advance(TimeSpan.FromSeconds(later - 120));
        var opened = world.Time.GetUtcNow();
        var before = world.Exchange.Seen(ExchangeLooks.LookAgain).Count;

        await world.Start().OpenAsync();
        await world.LetPassAsync(1000);

        var due = settled + TimeSpan.FromMinutes(10);
        var asked = world.Exchange.Seen(ExchangeLooks.LookAgain).Skip(before).ShouldHaveSingleItem().Time;
        (asked - (due > opened ? due : opened)).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().IsFinished.ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_with_another_key_asks_nothing_about_an_absence_of_the_run_before()
    {
        using var world = new JournalledWorld(exchange: TwoKeys);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        first.Kill();
        var before = world.Exchange.Seen(ExchangeLooks.LookAgain).Count;

        var next = world.Start(key: OtherKey);
        await next.OpenAsync();
        await world.LetPassAsync(1000);

        world.Exchange.Seen(ExchangeLooks.LookAgain).Count.ShouldBe(before);
        next.Log.Of("KeptCancelGivenUp").ShouldBeEmpty();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().IsFinished.ShouldBeFalse("a run with the right key may come");
    }

    [Fact]
    public async Task A_run_with_another_key_cannot_apply_a_kept_cancel_and_says_so()
    {
        using var world = new JournalledWorld(exchange: static options =>
        {
            TwoKeys(options);
            options.QueryLag = TimeSpan.FromSeconds(3);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(2)));
        var first = world.Start(JournalledWorld.Hurried);
        await first.PlaceRestingAsync();
        await first.CancelAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, [.. Enumerable.Repeat(Fault.DropBeforeExecute, 100)]);
        await world.LetPassAsync(15);
        first.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        var before = world.Exchange.Seen(ExchangeLooks.Cancel).Count;

        var next = world.Start(key: OtherKey);
        await next.OpenAsync();
        await world.LetPassAsync(30);

        next.Log.Of("KeptCancelGivenUp").ShouldHaveSingleItem();
        world.Exchange.Seen(ExchangeLooks.Cancel).Count.ShouldBe(before);
    }

    [Fact]
    public async Task Two_programs_on_one_journal_are_told_one_verdict_of_one_order()
    {
        using var world = new JournalledWorld(exchange: static options => options.EngineDelay = TimeSpan.FromSeconds(1));
        var one = world.Start();
        var other = world.Start();
        await other.OpenAsync();

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = one.SendAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(300), world.Time);
            var second = other.SendAsync();
            return (await first, await second);
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    private static Task<Told> SendAsync(JournalledWorld world, ProgramRun run, HttpMethod method, string target) =>
        world.Time.RunAsync(() => SendHereAsync(run, method, target));

    private static Task<Told> SendHereAsync(ProgramRun run, HttpMethod method, string target) => Told.HearAsync(run.Http.SendAsync(new HttpRequestMessage(method, target)));

    [Fact]
    public async Task A_call_given_up_while_it_is_found_out_whose_order_the_journal_has_lets_go_of_it()
    {
        using var world = new JournalledWorld(exchange: static options => options.ApiKeys.Add(new SimulatedApiKey("second", SimulatedExchangeOptions.DefaultApiSecret)));
        var one = world.Start();
        var other = world.Start(key: "second");
        await one.OpenAsync();
        await other.OpenAsync();
        (await one.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path.EndsWith("/balance", StringComparison.Ordinal) ? Fault.Silence : null);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3), world.Time);

        var givenUp = await world.Time.RunAsync(() => Told.HearAsync(other.Http.PostAsync(SimulatedFixture.Market("a"), content: null, patience.Token)));
        world.Exchange.Faults.Plan = FaultPlan.None;
        await world.LetPassAsync(60);
        var again = await other.PlaceAsync();

        givenUp.Execution.ShouldBe(ExecutionStatus.Unknown, givenUp.ToString());
        again.Execution.ShouldBe(ExecutionStatus.Executed, again.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_resends_does_not_wait_for_itself_once_the_order_that_the_journal_has_is_known_to_be_absent()
    {
        using var world = new JournalledWorld(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.TotalTimeout = TimeSpan.FromMinutes(5);
        });
        var one = world.Start();
        var other = world.Start();
        await one.OpenAsync();
        await other.OpenAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        await one.DieWhileSendingAsync();

        var told = await other.PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        (await other.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    private static void TwoKeys(SimulatedExchangeOptions options) => options.ApiKeys.Add(new SimulatedApiKey(OtherKey, SimulatedExchangeOptions.DefaultApiSecret, "other"));
}
