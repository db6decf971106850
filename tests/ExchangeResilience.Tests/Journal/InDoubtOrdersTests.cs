using System.Globalization;
using System.Text;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What the application can do about orders in doubt.</summary>
public sealed class InDoubtOrdersTests
{
    [Fact]
    public async Task An_order_in_doubt_tells_whose_it_is_since_when_and_what_was_asked()
    {
        using var world = InDoubtFor(TimeSpan.FromMinutes(1));
        var run = await LoseAsync(world);
        await world.LetPassAsync(3);

        var order = run.InDoubt.List().ShouldHaveSingleItem();

        order.ClientName.ShouldBe("futures");
        order.Account.ShouldNotBeEmpty();
        order.State.ShouldBe(InDoubtState.Searching);
        order.Since.ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().Evidence.ShouldBeNull();
        order.Trail[0].ShouldContain("in doubt after");
        order.Trail.ShouldContain(static line => line.Contains("-2013", StringComparison.Ordinal));
        order.Trail.ShouldAllBe(static line => !line.Contains("NotExecuted", StringComparison.Ordinal), "what a look-up is answered is no word on the order");
    }

    [Fact]
    public async Task A_program_that_ends_while_an_order_is_in_doubt_says_which_and_that_the_next_start_looks_it_up()
    {
        using var world = InDoubtFor(TimeSpan.FromMinutes(1));
        var run = await LoseAsync(world);

        await EndAsync(run.Get<IEnumerable<IHostedService>>());

        var line = run.Log.Of("LeftInDoubt").ShouldHaveSingleItem();
        line.Text.ShouldStartWith("Orders in doubt as this program ends (1): POST /fapi/v1/order BTCUSDT a (futures). The journal has them");
        run.Log.Of("LeftWithoutJournal").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_program_without_a_journal_that_ends_while_an_order_is_in_doubt_says_that_the_next_start_knows_nothing_of_it()
    {
        var log = new CollectedLog();
        using var world = new SimulatedFixture(JournalledWorld.Hurried, builder => builder.Services.AddLogging(log.Register), options => options.QueryLag = TimeSpan.FromMinutes(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)))).Execution.ShouldBe(ExecutionStatus.Unknown);

        await EndAsync(world.Client.Get<IEnumerable<IHostedService>>());

        var line = log.Of("LeftWithoutJournal").ShouldHaveSingleItem();
        line.Level.ShouldBe(LogLevel.Error);
        line.Text.ShouldContain("POST /fapi/v1/order BTCUSDT a (futures). No journal has them");
        log.Of("LeftInDoubt").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_program_that_ends_with_nothing_in_doubt_says_nothing_of_orders()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);

        await EndAsync(run.Get<IEnumerable<IHostedService>>());

        run.Log.Lines.ShouldNotContain(static line => line.Event == "LeftInDoubt" || line.Event == "LeftWithoutJournal");
    }

    [Fact]
    public async Task Whoever_waits_for_an_order_is_told_its_verdict()
    {
        using var world = InDoubtFor(TimeSpan.FromSeconds(5));
        var run = await LoseAsync(world);

        var verdict = await world.Time.RunAsync(() => run.InDoubt.WaitAsync(run.InDoubt.List()[0]));

        verdict.Execution.ShouldBe(ExecutionStatus.Executed);
        verdict.Evidence.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(ExecutionStatus.Executed, JournalState.Executed)]
    [InlineData(ExecutionStatus.NotExecuted, JournalState.NotExecuted)]
    public async Task An_operators_word_settles_an_order_and_is_kept_with_its_reason(ExecutionStatus execution, JournalState state)
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        var run = await LoseAsync(world);
        var order = run.InDoubt.List()[0];

        run.InDoubt.Settle(order, execution, "desk 3", "seen on the statement").ShouldBeTrue();
        await world.LetPassAsync(1);

        run.InDoubt.List().ShouldBeEmpty();
        run.InDoubt.Settle(order, execution, "desk 4", "again").ShouldBeFalse();
        run.Settled.ShouldHaveSingleItem().Evidence.ShouldBe("settled by desk 3: seen on the statement");
        run.Log.Of("SettledByHand").ShouldHaveSingleItem();
        run.Log.Of("JournalDisagrees").ShouldBeEmpty();
        var entry = world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        entry.State.ShouldBe(state);
        entry.Evidence.ShouldBe("settled by desk 3: seen on the statement");
        entry.IsFinished.ShouldBe(execution == ExecutionStatus.Executed, "an absence is asked about again");
        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(execution == ExecutionStatus.Executed ? 1 : 2);
    }

    [Fact]
    public async Task A_word_that_comes_after_the_evidence_changes_nothing()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        var run = world.Start();
        await run.PlaceAsync();
        var order = run.InDoubt.List()[0];
        await world.LetPassAsync(30);
        run.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.NotExecuted);

        run.InDoubt.Settle(order, ExecutionStatus.Executed, "desk 3", "seen on the statement").ShouldBeFalse();
        await world.LetPassAsync(700);

        var entry = world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        entry.State.ShouldBe(JournalState.NotExecuted);
        entry.RechecksLeft.ShouldBe(0);
        entry.Trail.ShouldNotContain(static line => line.Contains("desk 3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ExecutionStatus.Unknown, "desk", "reason")]
    [InlineData(ExecutionStatus.Executed, " ", "reason")]
    [InlineData(ExecutionStatus.Executed, "desk", "")]
    public async Task A_word_without_a_verdict_a_name_or_a_reason_is_refused(ExecutionStatus execution, string by, string reason)
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        var run = await LoseAsync(world);

        Should.Throw<ArgumentException>(() => run.InDoubt.Settle(run.InDoubt.List()[0], execution, by, reason));
        Should.Throw<ArgumentException>(() => run.InDoubt.Settle(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place), ExecutionStatus.Executed, "desk", "reason"));
        run.InDoubt.List().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_search_that_meets_a_revoked_key_ends_in_a_named_state_and_begins_again_when_asked_to()
    {
        using var world = InDoubtFor(TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(static context => context.Method == "GET" && context.Path == "/fapi/v1/order", [.. Enumerable.Repeat(Fault.RefuseWithCode(401, -2015, "Invalid API-key, IP, or permissions for action."), 60)]);
        var run = await LoseAsync(world);

        await world.LetPassAsync(1200);

        var order = run.InDoubt.List().ShouldHaveSingleItem();
        order.State.ShouldBe(InDoubtState.CredentialsRefused);
        run.Log.Of("Unresolved").ShouldHaveSingleItem();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static entry => entry.State.ShouldBe(JournalState.Unresolved),
            static entry => entry.Evidence.ShouldBe("CredentialsRefused"),
            static entry => entry.Trail.ShouldContain(static line => line.Contains("-2015", StringComparison.Ordinal)),
            static entry => entry.Trail[^1].ShouldEndWith("the search ends: CredentialsRefused"));

        world.Exchange.Faults.Clear();
        run.InDoubt.AskAgain(order).ShouldBeTrue();
        await world.LetPassAsync(1);
        run.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        run.InDoubt.AskAgain(order).ShouldBeFalse();
    }

    [Fact]
    public async Task A_key_that_is_refused_for_some_minutes_ends_no_search()
    {
        using var world = InDoubtFor(TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(ExchangeLooks.Look, [.. Enumerable.Repeat(Fault.RefuseWithCode(401, -2015, "Invalid API-key, IP, or permissions for action."), 20)]);
        var run = await LoseAsync(world);
        await world.LetPassAsync(1);
        run.InDoubt.List().ShouldHaveSingleItem().State.ShouldBe(InDoubtState.Searching);

        await world.LetPassAsync(590);

        run.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        run.Log.Of("Unresolved").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verdict_that_the_journal_knows_otherwise_is_told_and_changes_nothing_there()
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        var run = await LoseAsync(world);
        var entry = world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        var known = entry with { State = JournalState.Executed, Evidence = "seen by another program", SettledAt = world.Time.GetUtcNow() };
        (await world.Journal.SettleAsync(known, TestContext.Current.CancellationToken)).ShouldBeTrue();

        run.InDoubt.Settle(run.InDoubt.List()[0], ExecutionStatus.NotExecuted, "desk 3", "no position").ShouldBeTrue();
        await world.LetPassAsync(1);

        run.Log.Of("JournalDisagrees").ShouldHaveSingleItem();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().Evidence.ShouldBe("seen by another program");
    }

    [Fact]
    public void Orders_are_the_same_by_what_names_them()
    {
        var order = new InDoubtOrder("BTCUSDT", "a", OperationKind.Place) { Account = "desk", ClientName = "futures" };

        order.ShouldBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place));
        order.GetHashCode().ShouldBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place).GetHashCode());
        order.ShouldNotBe(new InDoubtOrder("ETHUSDT", "a", OperationKind.Place));
        order.ShouldNotBe(new InDoubtOrder("BTCUSDT", "b", OperationKind.Place));
        order.ShouldNotBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Amend));
        order.Equals(null).ShouldBeFalse();
        new InDoubtOrder("BTCUSDT", "a", OperationKind.Place).ShouldSatisfyAllConditions(
            static bare => bare.Account.ShouldBeEmpty(),
            static bare => bare.ClientName.ShouldBeEmpty());
    }

    [Fact]
    public async Task An_absence_after_the_exchange_has_forgotten_unfilled_orders_proves_nothing()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        await world.Start().DieWhileSendingAsync();
        world.Time.Advance(TimeSpan.FromDays(3.1));

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(120);

        next.InDoubt.List().ShouldHaveSingleItem().State.ShouldBe(InDoubtState.RetentionPassed);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().Evidence.ShouldBe("RetentionPassed");
        next.Settled.ShouldBeEmpty();
        next.InDoubt.Settle(next.InDoubt.List()[0], ExecutionStatus.NotExecuted, "desk", "no position").ShouldBeTrue();
        await world.LetPassAsync(1);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.NotExecuted);
    }

    [Fact]
    public async Task A_run_with_another_key_asks_nobody_and_says_so()
    {
        using var world = new JournalledWorld(exchange: static options => options.ApiKeys.Add(new SimulatedApiKey("other-key", SimulatedExchangeOptions.DefaultApiSecret, "other")));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await world.Start().DieWhileSendingAsync();
        var looks = world.Exchange.Seen(ExchangeLooks.Look).Count;

        var next = world.Start(key: "other-key");
        await next.OpenAsync();
        await world.LetPassAsync(60);

        next.InDoubt.List().ShouldHaveSingleItem().State.ShouldBe(InDoubtState.NobodyToAsk);
        world.Exchange.Seen(ExchangeLooks.Look).Count.ShouldBe(looks);
        next.InDoubt.AskAgain(next.InDoubt.List()[0]).ShouldBeFalse();
        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed, "another account's order of the same id is another order");
    }

    [Fact]
    public async Task An_event_of_the_user_data_stream_settles_an_order_before_any_question_could()
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        var run = await LoseAsync(world);
        var waiting = await run.RunIntoAsync(() => run.SendAsync(), 0.2);

        run.InDoubt.OfferUserData("futures", Update(world, "a", "NEW")).ShouldBeTrue();

        var told = await world.Time.RunAsync(() => waiting);
        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        told.Body.ShouldContain("\"origQty\":\"0.001\"");
        run.Settled.ShouldHaveSingleItem().Evidence.ShouldContain("user data stream");
    }

    [Theory]
    [InlineData("b", "NEW", 0, "0.001")]
    [InlineData("a", "TRADE", 0, "0.001")]
    [InlineData("a", "NEW", -60_000, "0.001")]
    [InlineData("a", "NEW", 0, "0.002")]
    public async Task An_event_that_may_tell_of_another_order_settles_nothing(string id, string execution, int shiftMs, string quantity)
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        var run = await LoseAsync(world);

        run.InDoubt.OfferUserData("futures", Update(world, id, execution, shiftMs, quantity)).ShouldBeFalse();

        run.InDoubt.List().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("binance")]
    [InlineData("renamed")]
    public async Task A_stream_tells_of_its_account_whatever_the_settings_call_environment_and_client_by_now(string environment)
    {
        using var world = new JournalledWorld(
            static options =>
            {
                JournalledWorld.Hurried(options);
                options.Account = "desk";
            },
            static options => options.QueryLag = TimeSpan.FromHours(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var first = world.Start(static options => options.Environment = "binance", name: "live");
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        first.Kill();

        var next = world.Start(options => options.Environment = environment);
        await next.GetAsync("/fapi/v1/ping");

        next.InDoubt.OfferUserData("futures", Update(world, "a", "NEW")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{}}")]
    [InlineData("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":[]}")]
    [InlineData("{\"e\":\"ALGO_UPDATE\",\"o\":{}}")]
    public async Task Any_other_event_is_ignored(string payload)
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        var run = await LoseAsync(world);

        run.InDoubt.OfferUserData("futures", Encoding.UTF8.GetBytes(payload)).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => run.InDoubt.OfferUserData("nobody", Encoding.UTF8.GetBytes(payload))).Message.ShouldContain("futures");
    }

    [Fact]
    public async Task An_event_of_a_conditional_order_settles_it()
    {
        using var world = InDoubtFor(TimeSpan.FromHours(1));
        world.Exchange.Faults.Next("POST /fapi/v1/algoOrder", Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next("GET /fapi/v1/algoOrder", [.. Enumerable.Repeat(Fault.Unavailable, 20)]);
        var run = world.Start();
        await world.Time.RunAsync(() => Told.HearAsync(run.Http.PostAsync(
            "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.001&triggerPrice=30000&clientAlgoId=stop", content: null)));
        var now = world.Time.GetUtcNow().ToUnixTimeMilliseconds();

        var payload = string.Create(CultureInfo.InvariantCulture,
            $$"""{"e":"ALGO_UPDATE","T":{{now}},"E":{{now}},"o":{"caid":"stop","aid":7,"at":"CONDITIONAL","o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","f":"GTC","q":"0.001","X":"NEW","tp":"30000"} }""");
        run.InDoubt.OfferUserData("futures", Encoding.UTF8.GetBytes(payload)).ShouldBeTrue();
        run.Settled.ShouldHaveSingleItem().Order.ClientOrderId.ShouldBe("stop");
    }

    private static Task EndAsync(IEnumerable<IHostedService> services) => Task.WhenAll(services.Select(static service => service.StopAsync(CancellationToken.None)));

    private static JournalledWorld InDoubtFor(TimeSpan lag) => new(JournalledWorld.Hurried, options => options.QueryLag = lag);

    private static async Task<ProgramRun> LoseAsync(JournalledWorld world)
    {
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var run = world.Start();
        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        return run;
    }

    private static byte[] Update(JournalledWorld world, string id, string execution, int shiftMs = 0, string quantity = "0.001")
    {
        var time = world.Exchange.Orders[0].Time.ToUnixTimeMilliseconds() + shiftMs;
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"e":"ORDER_TRADE_UPDATE","E":{{time}},"T":{{time}},"o":{"s":"BTCUSDT","c":"{{id}}","S":"BUY","o":"MARKET","ot":"MARKET","f":"GTC","q":"{{quantity}}","p":"0","ap":"0","x":"{{execution}}","X":"NEW","i":1,"z":"0","T":{{time}} } }"""));
    }
}
