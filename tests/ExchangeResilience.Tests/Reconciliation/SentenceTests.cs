using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>The exchange says that an order failed, and nothing but that sentence vouches for it.</summary>
public sealed class SentenceTests
{
    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000&newClientOrderId=a";
    private const string Disconnected = "Internal error; unable to process your request. Please try again.";
    private const string ServiceUnavailable = "Service Unavailable.";

    private static readonly Dictionary<string, (int Status, int? Code, string Message)> Sentences = new(StringComparer.Ordinal)
    {
        ["-1001"] = (503, -1001, Disconnected),
        ["-1008"] = (503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
        ["Service Unavailable."] = (503, 0, ServiceUnavailable),
        ["Service Unavailable. without a code"] = (503, null, ServiceUnavailable),
    };

    public static TheoryData<string> All => [.. Sentences.Keys];

    public static TheoryData<string> Overload => [.. Sentences.Keys.Where(static name => name != "-1001")];

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_stands_all_the_same_is_executed_and_never_sent_again(string sentence)
    {
        using var world = Meeting(Executed(sentence));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Status.ShouldBe(200);
        told.Body.ShouldContain("\"status\":\"FILLED\"");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    /// <summary>Whoever is told that it failed sends it again, so that what is told rests on a look too.</summary>
    [Fact]
    public async Task Where_nothing_is_sent_again_it_is_looked_for_before_its_caller_is_told_that_it_failed()
    {
        using var world = new SimulatedFixture(static options => options.Policies["Overloaded"] = new ErrorPolicy { MaxAttempts = 1 });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Executed("-1008"));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_stands_and_is_shown_late_ends_with_the_one_order_that_rests(string sentence)
    {
        using var world = Meeting(Executed(sentence), static exchange => exchange.QueryLag = TimeSpan.FromSeconds(2));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"status\":\"NEW\"");
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4.9)]
    public async Task After_an_internal_error_nothing_is_resent_that_the_engine_may_still_take(double seconds)
    {
        using var world = Meeting(
            Fault.LateAccept(TimeSpan.FromSeconds(seconds), Fault.RefuseWithCode(503, -1001, Disconnected)), static exchange => exchange.QueryLag = TimeSpan.FromSeconds(2));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_internal_error_that_was_true_is_proven_and_told_as_the_exchanges_own_error()
    {
        using var world = Meeting(Refused("-1001"));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (told.Status, told.Error.ShouldNotBeNull().Code).ShouldBe((503, -1001));
        told.Error.Advice.ShouldContain("answers of absence");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
        world.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(16));
    }

    [Fact]
    public async Task An_internal_error_that_was_true_is_resent_once_proven_where_that_is_wanted()
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(20);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Refused("-1001"));

        (await PlaceAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_row_that_fails_at_once_tells_the_internal_error_as_it_came()
    {
        using var world = new SimulatedFixture(static options => options.Policies["-1001"] = new ErrorPolicy { Action = RecoveryAction.FailFast });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Refused("-1001"));

        (await PlaceAsync(world)).Error.ShouldNotBeNull().Code.ShouldBe(-1001);

        world.Exchange.Seen(ExchangeLooks.Look).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task After_overload_the_look_comes_after_the_delay_and_right_before_the_resend(string sentence)
    {
        using var world = Meeting(Refused(sentence), static exchange => exchange.Latency = TimeSpan.FromMilliseconds(30));

        (await PlaceAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);

        var order = world.Exchange.Requests.Where(static request => request.Path == "/fapi/v1/order").ToList();
        order.Select(static request => request.Method).ShouldBe(["POST", "GET", "POST"]);
        (order[1].Elapsed - order[0].Elapsed).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(200));
        (order[2].Elapsed - order[1].Elapsed).ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(60));
        order[2].Parameters["newClientOrderId"].ShouldBe("a");
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task What_the_engine_took_during_the_delay_is_not_resent(string sentence)
    {
        using var world = Meeting(Fault.LateAccept(TimeSpan.FromMilliseconds(150), Refused(sentence)));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task A_look_that_is_not_answered_means_to_find_out_first(string sentence)
    {
        using var world = Meeting(Executed(sentence));
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.HtmlReply(502), Fault.DropBeforeExecute);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_look_that_hangs_ends_with_the_time_in_which_the_order_may_leave()
    {
        using var world = Meeting(Refused("-1008"));
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.Silence);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
        world.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(22));
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task The_look_is_repeated_before_a_resend_that_rests_on_an_earlier_sentence(string sentence)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromMilliseconds(400), Refused(sentence)), Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow."));
        world.Exchange.Options.Latency = TimeSpan.FromMilliseconds(100);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Beside_an_older_namesake_an_overloaded_order_is_resent()
    {
        using var world = new SimulatedFixture();
        await PlaceAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Refused("-1008"));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_nobody_can_look_for_is_not_resent()
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange().On(ExchangeLooks.Place, 503, "{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}");
        using var client = new ProtectedClient(exchange, time: time, signed: false);
        using var request = NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market("a"), time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.SendAsync(request)));

        told.Error.ShouldNotBeNull().Code.ShouldBe(-1008);
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        exchange.SeenAt(ExchangeLooks.Place).ShouldHaveSingleItem();
        exchange.SeenAt(ExchangeLooks.Look).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_amendment_that_was_made_all_the_same_is_executed_and_never_sent_again(string sentence)
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Executed(sentence));

        var told = await AmendAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"price\":\"41000\"");
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task An_amendment_that_was_not_made_is_looked_for_and_resent(string sentence)
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Refused(sentence));

        var told = await AmendAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(2);
        world.Exchange.Seen("GET /fapi/v1/orderAmendment").Count.ShouldBe(1);
        world.Exchange.Orders[0].Price.ShouldBe(41_000);
    }

    // The refusal of the first attempt, and what a resend of a resting order then meets.
    [Theory]
    [InlineData(503, -1008)]
    [InlineData(503, 0)]
    [InlineData(400, -5028)]
    [InlineData(400, -1021)]
    public async Task An_id_taken_on_a_resend_is_looked_up_and_was_ours_whatever_was_said_before(int status, int code)
    {
        using var world = Meeting(
            Fault.ExecuteThenReply(status, code, code == 0 ? ServiceUnavailable : "Refused."), static exchange => exchange.QueryLag = TimeSpan.FromSeconds(7));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"status\":\"NEW\"");
        world.Exchange.Seen(ExchangeLooks.Place).Select(static place => place.Code).ShouldBe([code, -4116]);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_id_taken_on_a_resend_by_an_older_order_that_is_open_still_means_that_none_of_ours_was_accepted()
    {
        using var world = new SimulatedFixture();
        using var another = world.NewClient();
        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(another.Http.PostAsync(Resting, content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -5028, "Timestamp for this request is outside of the ME recvWindow."));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting.Replace("40000", "41000", StringComparison.Ordinal), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        (told.Status, told.Error.ShouldNotBeNull().Code).ShouldBe((400, -4116));
        told.Error.Advice.ShouldContain("older order of the same id");
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task A_whole_batch_is_resent_only_if_none_of_its_orders_is_to_be_seen(string sentence)
    {
        using var world = new SimulatedFixture();
        var (status, code, message) = Sentences[sentence];
        world.Exchange.Faults.Next(Batches.Batch.Place, Fault.OfItems([Fault.None, Fault.DropBeforeExecute], Fault.RefuseWithCode(status, code, message)), Fault.None);

        var told = await world.Time.RunAsync(() => Batches.ToldBatch.HearAsync(world.Http.PostAsync(Batches.Batch.Of(Batches.Batch.Buy("a"), Batches.Batch.Buy("b")), content: null)));

        told.Outcomes.ShouldBe("Executed NotExecuted", told.ToString());
        world.Exchange.Seen(Batches.Batch.Place).Count.ShouldBe(1);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Overload))]
    public async Task A_whole_batch_that_is_not_to_be_seen_is_resent(string sentence)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Batches.Batch.Place, Refused(sentence));

        var told = await world.Time.RunAsync(() => Batches.ToldBatch.HearAsync(world.Http.PostAsync(Batches.Batch.Of(Batches.Batch.Buy("a"), Batches.Batch.Buy("b")), content: null)));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        world.Exchange.Seen(ExchangeLooks.Look).Count.ShouldBe(2);
        world.Exchange.Orders.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_item_told_of_an_internal_error_is_found_out()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Batches.Batch.Place, Fault.OfItems([Fault.None, Fault.LateAccept(TimeSpan.FromSeconds(3), Fault.RefuseWithCode(503, -1001, Disconnected)), Refused("-1001")]));

        var told = await world.Time.RunAsync(() => Batches.ToldBatch.HearAsync(world.Http.PostAsync(
            Batches.Batch.Of(Batches.Batch.Buy("a"), Batches.Batch.Buy("b"), Batches.Batch.Buy("c")), content: null)));

        told.Outcomes.ShouldBe("Executed Executed NotExecuted", told.ToString());
        told.Array.ShouldBe("a b -1001");
        world.Exchange.Seen(Batches.Batch.Place).Count.ShouldBe(1);
    }

    private static Fault Executed(string sentence) => Sentences[sentence] is var (status, code, message) ? Fault.ExecuteThenReply(status, code, message) : Fault.None;

    private static Fault Refused(string sentence) => Sentences[sentence] is var (status, code, message) ? Fault.RefuseWithCode(status, code, message) : Fault.None;

    private static SimulatedFixture Meeting(Fault fault, Action<SimulatedExchangeOptions>? exchange = null)
    {
        var world = new SimulatedFixture(exchange: exchange);
        world.Exchange.Faults.Next(ExchangeLooks.Place, fault);
        return world;
    }

    private static Task<Told> PlaceAsync(SimulatedFixture world) =>
        world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

    private static Task<Told> AmendAsync(SimulatedFixture world) => world.Time.RunAsync(() => Told.HearAsync(world.Http.PutAsync(
        "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.01&price=41000&origClientOrderId=a", content: null)));

    private static async Task<SimulatedFixture> RestingAsync()
    {
        var world = new SimulatedFixture();
        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Resting, content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
        });
        return world;
    }
}
