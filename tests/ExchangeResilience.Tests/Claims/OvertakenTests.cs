using System.Globalization;
using System.Text;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>What comes while an order waits to leave: a cancel, the news that it stands, a caller who goes.</summary>
public sealed class OvertakenTests
{
    private const string CancelA = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a";
    private const string CancelAll = "/fapi/v1/allOpenOrders?symbol=BTCUSDT";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private static readonly Fault TooManyOrders = Fault.RefuseWithCode(429, -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS.").WithHeader("Retry-After", "2");

    [Fact]
    public async Task A_cancel_that_leaves_before_its_order_does_stops_the_order_and_nothing_is_written_down()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.OpenAsync();

        var (place, cancel) = await WhileOrdersWaitAsync(world, run, () => run.Http.DeleteAsync(CancelA));

        (place.Execution, place.Error?.Name).ShouldBe((ExecutionStatus.NotExecuted, "OVERTAKEN"));
        (cancel.Execution, cancel.Error?.Code).ShouldBe((ExecutionStatus.NotExecuted, -2011));
        world.Exchange.ExecutionsOf("a").ShouldBeEmpty();
        world.Journal.EntriesOf("a").ShouldBeEmpty("an entry without an attempt could never be settled");
    }

    [Fact]
    public async Task A_cancel_of_all_that_leaves_before_an_order_does_cancels_it_once_it_rests()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.OpenAsync();

        var (place, cancel) = await WhileOrdersWaitAsync(world, run, () => run.Http.DeleteAsync(CancelAll));
        await world.LetPassAsync(5);

        place.Execution.ShouldBe(ExecutionStatus.Executed, place.ToString());
        cancel.Execution.ShouldBe(ExecutionStatus.Executed, cancel.ToString());
        world.Exchange.ExecutionsOf("a").Single().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task An_order_that_an_event_shows_while_it_waits_to_be_sent_again_is_not_sent_again()
    {
        // Queries lag, so that the look before the resend shows nothing.
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenReply(503, -1008, "Request throttled by system-level protection."));

        var told = await world.Time.RunAsync(async () =>
        {
            await world.Http.GetAsync("/fapi/v1/time");
            var call = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(20), world.Time);
            world.Client.Get<IInDoubtOrders>().OfferUserData("futures", EventOf(world.Exchange.ExecutionsOf("a").Single())).ShouldBeTrue();
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_has_gone_by_the_time_of_a_refusal_is_told_its_outcome()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        var told = await world.Time.RunAsync(async () =>
        {
            using var first = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null, first.Token));
            return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a", 0.002m), content: null, gone.Token));
        });

        ExchangeOperationCanceledException.Find(told.Thrown).ShouldNotBeNull().InnerException.ShouldBeOfType<ExchangeErrorException>().Error.Name.ShouldBe("CLIENT_ORDER_ID_IN_USE");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.ClientOrderId.ShouldBe("a");
    }

    /// <summary>A call that goes before it has met the record of its order cannot deny what an earlier call sent.</summary>
    [Fact]
    public async Task A_caller_who_goes_before_the_record_is_met_is_told_unknown_where_an_earlier_call_has_sent_it()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        var run = world.Start();
        await run.OpenAsync();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Method == "GET" && request.Path != "/fapi/v1/time" ? Fault.SilenceBeforeExecute : null);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        await world.LetPassAsync(15);
        var told = await world.Time.RunAsync(async () =>
        {
            using var soon = new CancellationTokenSource(Moment, world.Time);
            return await Told.HearAsync(run.Http.PostAsync(SimulatedFixture.Market("a"), content: null, soon.Token));
        });

        told.Thrown.ShouldBeAssignableTo<OperationCanceledException>();
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Fact]
    public async Task A_setting_of_unknown_outcome_is_not_repeated_over_a_newer_one()
    {
        const string leverage = "POST /fapi/v1/leverage";
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(leverage, Fault.Silence);

        var (older, newer) = await world.Time.RunAsync(async () =>
        {
            var older = Told.HearAsync(world.Http.PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=20", content: null));
            await Task.Delay(TimeSpan.FromSeconds(2), world.Time);
            var newer = await Told.HearAsync(world.Http.PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=5", content: null));
            return (await older, newer);
        });

        newer.Execution.ShouldBe(ExecutionStatus.Executed);
        (older.Execution, older.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "OVERTAKEN"));
        world.Exchange.Seen(leverage).Select(static sent => sent.Parameters["leverage"]).ShouldBe(["20", "5"]);
    }

    [Fact]
    public async Task An_equal_amendment_of_a_moment_before_is_no_evidence_of_one_that_never_arrived()
    {
        const string amend = "PUT /fapi/v1/order";
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(amend, Fault.None, Fault.None, Fault.DropBeforeExecute);

        var last = await world.Time.RunAsync(async () =>
        {
            await Told.HearAsync(world.Http.PostAsync(Resting("a", 30_000), content: null));
            await AmendAsync(world, 29_000);
            await Task.Delay(Moment, world.Time);
            await AmendAsync(world, 28_000);
            await Task.Delay(Moment, world.Time);
            return await AmendAsync(world, 29_000);
        });

        last.Execution.ShouldBe(ExecutionStatus.NotExecuted, last.ToString());
        world.Exchange.ExecutionsOf("a").Single().Price.ShouldBe(28_000);
    }

    /// <summary>What a failover sends through another client is as old as the call that it copies, and not newer than the cancel in between.</summary>
    [Theory]
    [InlineData(CancelA, "OVERTAKEN")]
    [InlineData(CancelAll, null)]
    public async Task An_order_that_a_failover_above_sends_after_its_cancel_does_not_rest(string cancel, string? refusal)
    {
        var time = new ManualTimeProvider();
        HttpClient? backup = null;
        using var world = new SimulatedFixture(
            outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async _ =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time);
                return await backup!.PostAsync(Resting("a", 30_000), content: null);
            })),
            time: time);
        using var other = world.NewClient(outer: builder => builder.Services.AddSingleton(world.Client.Get<ExchangeServices>()));
        backup = other.Http;

        var (place, cancelled) = await time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting("a", 30_000), content: null));
            await Task.Delay(Moment, time);
            var cancelled = await Told.HearAsync(other.Http.DeleteAsync(cancel));
            return (await place, cancelled);
        });
        await time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(5), time));

        cancelled.Error?.Code.ShouldBe(-2011);
        place.Error?.Name.ShouldBe(refusal, place.ToString());
        world.Exchange.Orders.ShouldAllBe(static order => order.Status == "CANCELED");
    }

    private static Task<Told> AmendAsync(SimulatedFixture world, int price) => Told.HearAsync(world.Http.PutAsync(
        string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price={price}&origClientOrderId=a"), content: null));

    /// <summary>The account has placed too many orders: an order waits for two seconds, which holds no cancel.</summary>
    private static async Task<(Told Place, Told Cancel)> WhileOrdersWaitAsync(JournalledWorld world, ProgramRun run, Func<Task<HttpResponseMessage>> cancel)
    {
        world.Exchange.Faults.Next(ExchangeLooks.Place, TooManyOrders);
        return await world.Time.RunAsync(async () =>
        {
            var refused = Told.HearAsync(run.Http.PostAsync(Resting("refused", 20_000), content: null));
            await Task.Delay(Moment, world.Time);
            var place = Told.HearAsync(run.Http.PostAsync(Resting("a", 30_000), content: null));
            await Task.Delay(Moment, world.Time);
            var told = await Told.HearAsync(cancel());
            await refused;
            return (await place, told);
        });
    }

    private static string Resting(string id, int price) =>
        string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price={price}&newClientOrderId={id}");

    internal static byte[] EventOf(SimulatedOrder order)
    {
        var at = order.Time.ToUnixTimeMilliseconds();
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"e":"ORDER_TRADE_UPDATE","T":{{{at}}},"o":{"s":"{{{order.Symbol}}}","c":"{{{order.ClientOrderId}}}","S":"{{{order.Side}}}","o":"{{{order.Type}}}","q":"{{{order.Quantity}}}","p":"{{{order.Price}}}","x":"NEW","X":"NEW","i":{{{order.OrderId}}},"T":{{{at}}} } }"""));
    }
}
