using System.Text;
using System.Text.Json;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Journal;

/// <summary>A journal that cannot be written stops orders and nothing else; what it holds is no secret.</summary>
[Trait("Speed", "Slow")]
public sealed class JournalFaultTests
{
    [Fact]
    public async Task An_order_that_its_caller_has_signed_and_that_is_being_written_down_does_not_leave_into_a_ban()
    {
        using var world = new JournalledWorld(static options => options.Account = "house");
        var run = world.Start(signed: false);
        await run.OpenAsync();
        world.Journal.WriteDelay = TimeSpan.FromSeconds(2);
        world.Exchange.Faults.Next("GET /fapi/v1/ping", Fault.Ban(TimeSpan.FromMinutes(5)));

        var told = await world.Time.RunAsync(async () =>
        {
            var order = Told.HearAsync(run.Http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market("a"), world.Time)));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            await Told.HearAsync(run.Http.GetAsync("/fapi/v1/ping"));
            return await order;
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_that_cannot_be_written_down_is_not_sent()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.GetAsync("/fapi/v2/balance");
        world.Journal.FailNext(1);

        var told = await run.PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        var cause = told.Thrown.ShouldNotBeNull().InnerException.ShouldBeOfType<JournalException>();
        told.Error.Message.ShouldBe(cause.Message, "who reads the result alone learns why");
        told.Thrown.Message.ShouldContain(cause.Message);
        run.Log.Of("GivenUp").ShouldHaveSingleItem().Text.ShouldContain("nothing sent by this call", Case.Sensitive, "an earlier run may have sent it, and the caller may be told unknown");
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed, "the journal can be written again");
    }

    /// <summary>What could not be written once must not stand in the way of the next order of its id as one in doubt.</summary>
    [Theory]
    [InlineData("0.001")]
    [InlineData("0.002")]
    public async Task A_verdict_that_could_not_be_written_down_is_before_the_next_order_of_its_id_is(string quantity)
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.GetAsync("/fapi/v2/balance");
        world.Exchange.Faults.Plan = FaultPlan.Custom(request =>
        {
            if (request.Method == "POST" && world.Exchange.Orders.Count == 0)
            {
                world.Journal.FailNext(1);
            }

            return null;
        });
        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        run.Log.Of("JournalBehind").ShouldHaveSingleItem().Text.ShouldContain("could not be updated for a (BTCUSDT, futures); a later run");
        await world.LetPassAsync(1);

        var told = await run.PlaceAsync(quantity: decimal.Parse(quantity, System.Globalization.CultureInfo.InvariantCulture));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
        world.Journal.EntriesOf("a").ShouldAllBe(static entry => entry.State == JournalState.Executed && entry.Heard);
    }

    [Fact]
    public async Task Orders_that_cannot_be_written_down_use_no_count()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.GetAsync("/fapi/v2/balance");
        world.Journal.FailNext(int.MaxValue);
        for (var i = 0; i < 300; i++)
        {
            (await run.PlaceAsync($"unwritten{i}")).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        }

        world.Journal.FailNext(0);
        var began = world.Time.Elapsed;

        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Time.Elapsed.ShouldBe(began);
    }

    [Fact]
    public async Task Queries_and_cancels_go_on_without_the_journal()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await world.Time.RunAsync(() => run.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a", content: null));
        world.Journal.FailNext(int.MaxValue);
        (await run.PlaceAsync("b")).Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");

        var query = await run.GetAsync("/fapi/v2/balance");
        var cancel = await world.Time.RunAsync(() => Told.HearAsync(run.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")));

        query.Status.ShouldBe(200);
        cancel.Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_verdict_that_cannot_be_written_down_reaches_the_caller_and_the_next_run_finds_it_again()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(1)));
        var first = world.Start();
        var told = await world.Time.RunAsync(async () =>
        {
            var call = first.SendAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            world.Journal.FailNext(int.MaxValue);
            return await call;
        });
        told.Execution.ShouldBe(ExecutionStatus.Executed);
        first.Log.Of("JournalBehind").ShouldNotBeEmpty();
        first.Kill();
        world.Journal.FailNext(0);

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(1);

        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task With_OnUnknown_a_success_writes_nothing_and_a_doubt_is_kept()
    {
        using var world = new JournalledWorld(static options =>
        {
            options.Reconciliation.Journal = JournalMode.OnUnknown;
            JournalledWorld.Hurried(options);
        });
        world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(5);
        var first = world.Start();
        (await first.PlaceAsync("plain")).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Journal.Entries.ShouldBeEmpty();

        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        first.Kill();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.Open);

        var told = await world.Start(static options => options.TotalTimeout = TimeSpan.FromSeconds(30)).PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_cap_on_orders_in_doubt_counts_those_of_earlier_runs()
    {
        using var world = new JournalledWorld(static options => options.Reconciliation.MaxInDoubt = 1, static options => options.QueryLag = TimeSpan.FromMinutes(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await world.Start().DieWhileSendingAsync();

        var told = await world.Start().PlaceAsync("b");

        told.Error.ShouldNotBeNull().Name.ShouldBe("TOO_MANY_IN_DOUBT");
        world.Exchange.ExecutionsOf("b").ShouldBeEmpty();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.Open);
    }

    [Fact]
    public async Task No_key_or_signature_stands_in_the_journal()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.None, Fault.ExecuteThenDrop, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));
        var run = world.Start();
        foreach (var id in new[] { "a", "b", "c" })
        {
            await run.PlaceAsync(id);
        }

        await world.LetPassAsync(60);

        var kept = string.Join('\n', world.Journal.Entries.Select(static entry => Encoding.UTF8.GetString(entry.ToJson())));
        world.Journal.Entries.Count.ShouldBe(3);
        kept.ShouldNotContain(SimulatedExchangeOptions.DefaultApiKey);
        kept.ShouldNotContain(SimulatedExchangeOptions.DefaultApiSecret);
        kept.ShouldNotContain("signature", Case.Insensitive);
        world.Exchange.Seen(ExchangeLooks.Place).ShouldAllBe(request => !kept.Contains(request.Parameters["signature"], StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task What_the_exchange_repeats_of_a_request_is_masked_in_the_reply_that_is_kept()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        var (key, signature) = (new string('K', 64), new string('e', 64));
        world.Exchange.Faults.Next(
            ExchangeLooks.Place,
            Fault.RefuseWithCode(401, -2015, $"Invalid API-key {key}, IP, or permissions for action."),
            Fault.RefuseWithCode(400, -1022, $"Signature {signature} for this request is not valid."),
            Fault.RefuseWithCode(400, -1102, $"Malformed: /fapi/v1/order?symbol=BTCUSDT&quantity=0.001&signature={signature[..8]} \"x\""),
            Fault.RefuseWithCode(400, -2019, "Margin is insufficient \u4fdd\u8bc1\u91d1\u4e0d\u8db3."),
            Fault.RefuseWithCode(400, -1102, string.Concat(Enumerable.Repeat("Too long. ", 500))),
            Fault.None);
        var run = world.Start();
        var told = new Dictionary<string, string>();
        foreach (var id in new[] { "key", "signature", "query", "nothing", "long", "done" })
        {
            told[id] = (await run.PlaceAsync(id)).Body;
        }

        await world.LetPassAsync(60);

        KeptOf("key").ShouldBe(told["key"].Replace(key, "***", StringComparison.Ordinal));
        KeptOf("signature").ShouldBe(told["signature"].Replace(signature, "***", StringComparison.Ordinal));
        KeptOf("query").ShouldNotBeNull().ShouldContain("Malformed: /fapi/v1/order?***");
        KeptOf("nothing").ShouldBe(told["nothing"]);
        KeptOf("long").ShouldBeNull();
        KeptOf("done").ShouldBe(told["done"]);

        // As a store keeps it: in JSON, where bytes are base64.
        string? KeptOf(string id) => JsonDocument.Parse(world.Journal.EntriesOf(id).ShouldHaveSingleItem().ToJson()).RootElement.TryGetProperty("reply", out var reply)
            ? Encoding.UTF8.GetString(reply.GetBytesFromBase64())
            : null;
    }

    [Fact]
    public async Task A_batch_of_news_about_one_order_leaves_one_entry()
    {
        using var world = new JournalledWorld(static options => options.AfterProvenAbsent = AfterProvenAbsent.Resend);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled, Fault.Throttled);

        await world.Start().PlaceAsync();
        await world.LetPassAsync(1);

        var entry = world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        entry.Attempts.Count.ShouldBe(3);
        entry.State.ShouldBe(JournalState.Executed);
        entry.Heard.ShouldBeTrue();
        entry.IsFinished.ShouldBeTrue();
        JournalEntry.FromJson(entry.ToJson()).ToJson().ShouldBe(entry.ToJson());
    }

    [Fact]
    public async Task An_order_proven_absent_more_than_once_is_finished_when_each_absence_was_asked_about_again()
    {
        using var world = new JournalledWorld(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = options.TotalTimeout = TimeSpan.FromMinutes(2);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute, Fault.DropBeforeExecute, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));

        (await world.Start().PlaceAsync()).Error.ShouldNotBeNull().Code.ShouldBe(-2019);
        await world.LetPassAsync(1200);

        // Each time that it is sent again it is an entry of its own: a verdict is final.
        var entries = world.Journal.EntriesOf("a");
        entries.Sum(static entry => entry.Attempts.Count).ShouldBe(3);
        entries.ShouldAllBe(static entry => entry.State == JournalState.NotExecuted && entry.RechecksLeft == 0 && entry.IsFinished);
    }

    [Fact]
    public async Task A_cancel_kept_in_one_process_takes_no_attempt_of_another_from_the_journal()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried, static options => options.QueryLag = TimeSpan.FromMinutes(5));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        (await world.Start().PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        var other = world.Start();
        await other.OpenAsync();
        var known = world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        var more = known with { Attempts = [.. known.Attempts, new JournalAttempt(1, 2, 3)] };
        (await world.Journal.RecordAsync(more, CancellationToken.None)).ShouldBeNull();

        await world.Time.RunAsync(() => Told.HearAsync(other.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")));
        await world.LetPassAsync(1);

        world.Journal.EntriesOf("a").ShouldHaveSingleItem().Attempts.ShouldBe(more.Attempts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"id\":5}")]
    [InlineData("not json")]
    public void What_is_no_entry_is_refused_with_a_remedy(string json) =>
        Should.Throw<JournalException>(() => JournalEntry.FromJson(Encoding.UTF8.GetBytes(json)));
}
