using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Batches;

/// <summary>What becomes of each item of a batch, whatever becomes of the others and of the reply.</summary>
public sealed class BatchOutcomeTests
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2);
    private static readonly Fault Lost = Fault.RefuseWithCode(408, -1007, "Timeout");

    /// <summary>What three orders meet, what becomes of the reply as a whole, how each is told to have ended, and what the array holds.</summary>
    private static readonly Dictionary<string, (Fault[] Items, Fault? Reply, string Outcomes, string Array)> Table = new(StringComparer.Ordinal)
    {
        ["all served"] = ([], null, "Executed Executed Executed", "a b c"),
        ["one refused"] = ([Fault.None, Fault.Throttled], null, "Executed NotExecuted Executed", "a -1008 c"),
        ["one executed and unknown"] = ([Fault.None, Fault.ExecutedTimeout], null, "Executed Executed Executed", "a b c"),
        ["one unknown and absent"] = ([Fault.None, Lost], null, "Executed NotExecuted Executed", "a -1007 c"),
        ["one missing and executed"] = ([Fault.None, Fault.ExecuteThenDrop], null, "Executed Executed Executed", "a b c"),
        ["one missing and absent"] = ([Fault.None, Fault.DropBeforeExecute], null, "Executed NotExecuted Executed", "a -1001 c"),
        ["the first missing"] = ([Fault.DropBeforeExecute], null, "NotExecuted Executed Executed", "-1001 b c"),
        ["one accepted late"] = ([Fault.None, Fault.LateAccept(Later)], null, "Executed Executed Executed", "a b c"),
        ["one refused, one unknown"] = ([Fault.Throttled, Fault.ExecutedTimeout503], null, "NotExecuted Executed Executed", "-1008 b c"),
        ["a refusal among missing ones"] = ([Fault.Throttled, Fault.DropBeforeExecute], null, "NotExecuted NotExecuted Executed", "-1001 -1001 c"),
        ["the reply lost, all executed"] = ([], Fault.ExecuteThenDrop, "Executed Executed Executed", "a b c"),
        ["the reply lost, none executed"] = ([Fault.DropBeforeExecute, Fault.DropBeforeExecute, Fault.DropBeforeExecute], Fault.ExecuteThenDrop, "NotExecuted NotExecuted NotExecuted", "-1001 -1001 -1001"),
        ["the reply lost, one executed"] = ([Fault.DropBeforeExecute, Fault.None, Fault.DropBeforeExecute], Fault.ExecuteThenDrop, "NotExecuted Executed NotExecuted", "-1001 b -1001"),
        ["half the reply"] = ([Fault.None, Fault.DropBeforeExecute], Fault.HalfBody, "Executed NotExecuted Executed", "a -1001 c"),
        ["silence"] = ([Fault.DropBeforeExecute], Fault.Silence, "NotExecuted Executed Executed", "-1001 b c"),
        ["408 -1007"] = ([Fault.None, Fault.None, Fault.DropBeforeExecute], Fault.ExecutedTimeout, "Executed Executed NotExecuted", "a b -1001"),
        ["503 without a code"] = ([Fault.None, Fault.DropBeforeExecute], Fault.ExecutedUnknown, "Executed NotExecuted Executed", "a -1001 c"),
        ["-4083"] = ([Fault.None, Fault.DropBeforeExecute], Fault.ExecuteThenReply(400, -4083, "Fail to place batch orders."), "Executed NotExecuted Executed", "a -1001 c"),
        ["-1001"] = ([Fault.None, Fault.DropBeforeExecute], Fault.ExecuteThenReply(500, -1001, "Internal error; unable to process your request. Please try again."), "Executed NotExecuted Executed", "a -1001 c"),
        ["502 of a proxy"] = ([Fault.None, Fault.DropBeforeExecute], Fault.HtmlReply(502, executed: true), "Executed NotExecuted Executed", "a -1001 c"),
    };

    public static TheoryData<string> Rows => [.. Table.Keys];

    public static TheoryData<string> Refusals => ["-1003", "-1008", "-1021"];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Each_item_ends_as_the_exchange_has_it(string row)
    {
        var (items, reply, outcomes, array) = Table[row];
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems(items, reply));

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m), Batch.Buy("c", 0.003m)));

        told.Status.ShouldBe(200, told.ToString());
        told.Outcomes.ShouldBe(outcomes, told.ToString());
        told.Array.ShouldBe(array, told.ToString());
        world.Exchange.Orders.Select(static order => order.ClientOrderId).Order(StringComparer.Ordinal).ShouldBe(ExecutedOf(told), told.ToString());
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reply_that_says_all_is_the_exchanges_own_and_has_no_story()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.Throttled]));

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b")));

        told.Report.ShouldBeNull();
        told.Error.ShouldBeNull();
        told.Errors[1].ShouldNotBeNull().Code.ShouldBe(-1008);
        told.Items[1].GetProperty("msg").GetString().ShouldNotBeNull().ShouldContain("throttled");
    }

    [Fact]
    public async Task A_code_in_the_array_is_the_code_of_the_error_and_the_story_names_the_item()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.DropBeforeExecute, Fault.None, Fault.ExecutedTimeout]));

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m), Batch.Buy("c", 0.003m)));

        var error = told.Errors[0].ShouldNotBeNull();
        (error.Code, error.Name, error.Execution).ShouldBe((told.Items[0].GetProperty("code").GetInt32(), "DISCONNECTED", ExecutionStatus.NotExecuted));
        error.Message.ShouldBe(told.Items[0].GetProperty("msg").GetString());
        error.Message.ShouldContain("absence");
        var report = told.Report.ShouldNotBeNull();
        report.Execution.ShouldBe(ExecutionStatus.Executed);
        report.Attempts.ShouldBe(1);
        report.ToString().ShouldContain("item 1 (a): NotExecuted");
        report.ToString().ShouldContain("item 3 (c): Executed");
        report.Evidence.ShouldNotBeNull().ShouldContain("item 2 (b)");
    }

    [Fact]
    public async Task An_item_still_in_doubt_is_unknown_and_the_others_are_known()
    {
        using var world = new SimulatedFixture(static options => Hurry(options), exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(5));
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.ExecutedTimeout]));

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)));

        told.Outcomes.ShouldBe("Executed Unknown");
        told.Array.ShouldBe("a -1007");
        told.Report.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Client.Get<IInDoubtOrders>().List().ShouldBe([new InDoubtOrder("BTCUSDT", "b", OperationKind.Place)]);

        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(10), world.Time));
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_where_nothing_is_known_of_any_item_is_an_exception_thrown()
    {
        using var world = new SimulatedFixture(static options => Hurry(options), exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(5));
        world.Exchange.Faults.Next(Batch.Place, Fault.ExecuteThenDrop);

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)));

        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Report.ShouldNotBeNull().ToString().ShouldContain("item 2 (b)");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_proven_absent_and_nothing_else_is_sent_again(bool secondMeetsTrouble)
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.TotalTimeout = TimeSpan.FromMinutes(2);
            options.SendBefore = TimeSpan.FromSeconds(60);
        });
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Lost, Fault.ExecutedTimeout, Lost, Fault.Throttled]));
        if (secondMeetsTrouble)
        {
            world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.DropBeforeExecute], Fault.ExecuteThenDrop));
        }

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m), Batch.Buy("c", 0.003m), Batch.Buy("d", 0.004m), Batch.Buy("e", 0.005m)));

        told.Outcomes.ShouldBe("Executed Executed Executed Executed NotExecuted", told.ToString());
        told.Array.ShouldBe("a b c d -1008");
        world.Exchange.SentIds().ShouldBe(secondMeetsTrouble ? ["a b c d e", "b d", "d"] : ["a b c d e", "b d"]);
        world.Exchange.Duplicates.ShouldBeEmpty();
        world.Exchange.DuplicateIntents.ShouldBeEmpty();
        world.Exchange.Orders.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_resend_that_meets_its_own_first_order_finds_it()
    {
        using var world = new SimulatedFixture(
            static options =>
            {
                options.AfterProvenAbsent = AfterProvenAbsent.Resend;
                options.TotalTimeout = TimeSpan.FromMinutes(5);
                options.SendBefore = TimeSpan.FromMinutes(4);
            },
            exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(50));
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.ExecuteThenDrop]));

        var told = await SendAsync(world, Batch.Of(Batch.Rest("a"), Batch.Rest("b", 41_000)));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        world.Exchange.SentIds().ShouldBe(["a b", "b"]);
        world.Exchange.ExecutionsOf("b").Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_batch_refused_as_a_whole_is_sent_again_by_its_row(string refusal)
    {
        using var world = new SimulatedFixture(static options => options.SendBefore = TimeSpan.FromSeconds(20));
        world.Exchange.Faults.Next(Batch.Place, refusal switch
        {
            "-1003" => Fault.TooManyRequests(TimeSpan.FromSeconds(1)),
            "-1008" => Fault.Unavailable,
            _ => Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow."),
        });

        var told = await SendAsync(world, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        told.Report.ShouldNotBeNull().Attempts.ShouldBe(2);
        world.Exchange.SentIds().ShouldBe(["a b", "a b"]);
        world.Exchange.Orders.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_that_can_never_succeed_fails_at_once_with_the_exchanges_reply(bool throwOnError)
    {
        using var world = new SimulatedFixture(options => options.ThrowOnError = throwOnError);
        var six = Enumerable.Range(0, 6).Select(number => Batch.Buy($"o{number.ToString(CultureInfo.InvariantCulture)}")).ToArray();

        var told = await SendAsync(world, Batch.Of(six));

        told.Error.ShouldNotBeNull().Code.ShouldBe(-4082);
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (told.Thrown is ExchangeErrorException).ShouldBe(throwOnError);
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
        (await SendAsync(world, Batch.Of(six[..5]))).Outcomes.ShouldBe("Executed Executed Executed Executed Executed");
    }

    [Theory]
    [InlineData("[{\"orderId\":2,\"clientOrderId\":\"b\"},{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}]", "Unknown Executed")]
    [InlineData("[{\"orderId\":1,\"clientOrderId\":\"a\"}]", "Executed Unknown")]
    [InlineData("[{\"orderId\":2,\"clientOrderId\":\"b\"}]", "Unknown Executed")]
    [InlineData("[{\"orderId\":1},{\"orderId\":2}]", "Executed Executed")]
    [InlineData("[{\"orderId\":1},{\"algoId\":2}]", "Executed Unknown")]
    [InlineData("[{\"orderId\":1},{\"code\":200,\"msg\":\"success\"}]", "Executed Unknown")]
    [InlineData("[{\"orderId\":1},5,{\"orderId\":2,\"clientOrderId\":\"b\"}]", "Unknown Executed")]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    public async Task Only_what_is_certainly_meant_for_an_item_tells_of_it(string reply, string outcomes)
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
            .On(Batch.Place, 200, reply);
        using var client = new ProtectedClient(exchange, static options => Hurry(options), time);

        var told = await time.RunAsync(() => ToldBatch.HearAsync(client.Http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)), content: null)));

        told.Outcomes.ShouldBe(outcomes, told.ToString());
        (told.Thrown is ExchangeErrorException { Error.Execution: ExecutionStatus.Unknown }).ShouldBe(outcomes.Length == 0);
        exchange.SeenAt(Batch.Place).Count().ShouldBe(1);
    }

    [Fact]
    public async Task An_item_told_to_wait_makes_everybody_wait()
    {
        using var world = new SimulatedFixture(static options => options.SendBefore = TimeSpan.FromSeconds(20));
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.RefuseWithCode(429, -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS.")]));

        var (told, next, query) = await world.Time.RunAsync(async () =>
        {
            var told = await ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("b")), content: null));
            var next = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("c"), content: null));
            return (told, await next, await Told.HearAsync(world.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT")));
        });

        told.Outcomes.ShouldBe("Executed NotExecuted");
        (next.Execution, query.Status).ShouldBe((ExecutionStatus.Executed, 200));
        (world.Exchange.Seen(ExchangeLooks.Place).Single().Elapsed - world.Exchange.Seen(Batch.Place).Single().Elapsed).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task A_batch_that_only_reduces_passes_where_one_that_may_raise_risk_waits()
    {
        using var world = new SimulatedFixture();
        await SendAsync(world, Batch.Of(Batch.Buy("a", 1m)));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled);

        var (reducing, mixed) = await world.Time.RunAsync(async () =>
        {
            var throttled = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("t"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Time);
            var mixed = ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Sell("m1"), Batch.Buy("m2", 0.002m)), content: null));
            var reducing = ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Sell("r1"), Sell("r2")), content: null));
            await throttled;
            return (await reducing, await mixed);
        });

        (reducing.Outcomes, mixed.Outcomes).ShouldBe(("Executed Executed", "Executed Executed"));
        world.Exchange.SentIds().ShouldBe(["a", "r1 r2", "m1 m2"]);

        static string Sell(string id) => $$"""{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.001","reduceOnly":"true","newClientOrderId":"{{id}}"}""";
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Amendments_of_a_batch_are_reconciled_item_by_item(bool resend)
    {
        using var world = new SimulatedFixture(options =>
        {
            options.AfterProvenAbsent = resend ? AfterProvenAbsent.Resend : AfterProvenAbsent.Report;
            options.TotalTimeout = TimeSpan.FromMinutes(2);
            options.SendBefore = TimeSpan.FromSeconds(60);
        });
        await SendAsync(world, Batch.Of(Batch.Rest("a"), Batch.Rest("b"), Batch.Rest("c")));
        world.Exchange.Faults.Next(Batch.Amend, Fault.OfItems([Fault.None, Fault.DropBeforeExecute, Fault.ExecuteThenDrop]));

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.PutAsync(Batch.Of(Batch.Change("a", 41_000), Batch.Change("b", 42_000), Batch.Change("c", 43_000)), content: null)));

        told.Outcomes.ShouldBe(resend ? "Executed Executed Executed" : "Executed NotExecuted Executed", told.ToString());
        world.Exchange.Orders.Select(static order => order.Price).ShouldBe(resend ? [41_000, 42_000, 43_000] : [41_000, 40_000, 43_000]);
        world.Exchange.SentIds(Batch.Amend).ShouldBe(resend ? ["a b c", "b"] : ["a b c"]);
    }

    [Fact]
    public async Task A_batch_under_anothers_key_is_never_taken_apart()
    {
        using var world = new SimulatedFixture();
        using var stranger = new ProtectedClient(world.Exchange.CreateHandler(), static options => Hurry(options), world.Time, key: "another-key");
        world.Exchange.Faults.Next(Batch.Place, Fault.ExecuteThenDrop);

        var (first, second) = await world.Time.RunAsync(async () => (await SendSignedAsync("a", "b"), await SendSignedAsync("a", "c")));

        (first.Execution, first.Error!.Category).ShouldBe((ExecutionStatus.Unknown, ErrorCategory.Transport));
        second.Outcomes.ShouldBe("Unknown NotExecuted", second.ToString());
        second.Errors[1]!.Message.ShouldContain("never sent");
        world.Exchange.SentIds().ShouldBe(["a b"]);

        async Task<ToldBatch> SendSignedAsync(params string[] ids)
        {
            using var request = NaiveSigning.Sign(HttpMethod.Post, Batch.Of([.. ids.Select(id => Batch.Buy(id))]), world.Time);
            return await ToldBatch.HearAsync(stranger.Http.SendAsync(request));
        }
    }

    private static void Hurry(ExchangeErrorHandlingOptions options) =>
        options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(2);

    private static IEnumerable<string> ExecutedOf(ToldBatch told) => Enumerable.Range(0, told.Errors.Count).Where(index => told.Errors[index] is null).Select(static index => "abc"[index].ToString());

    private static Task<ToldBatch> SendAsync(SimulatedFixture world, string batch) => world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.PostAsync(batch, content: null)));
}
