using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>Who makes the same call again while its result is unknown joins the search, and buys nothing twice.</summary>
public sealed class ToldAgainTests
{
    private const string Unlisted = "/fapi/v1/wallet/transfer?asset=USDT&amount=1";

    [Fact]
    public async Task A_batch_that_is_unknown_in_part_is_made_again_whole_and_buys_its_executed_items_once()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.ExecutedTimeout]));
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "GET" && context.Path.Contains("rder", StringComparison.Ordinal) ? Fault.Silence : null);

        var unknown = new[] { await PlaceAsync(), await PlaceAsync(), await PlaceAsync() };
        world.Exchange.Faults.Plan = FaultPlan.None;
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));
        var known = await PlaceAsync();

        unknown.ShouldAllBe(static result => result.IsUnknown);
        known.IsExecuted.ShouldBeTrue(known.ToString());
        world.Exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["a", "b"], ignoreOrder: true);

        Task<ExchangeResult> PlaceAsync() => world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)))));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(300, true)]
    public async Task A_wait_that_is_over_when_the_search_has_ended_is_not_told(int seconds, bool isTold)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.RefuseWithCode(429, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.").WithHeader("Retry-After", $"{seconds}"));
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "GET" && context.Path.Contains("rder", StringComparison.Ordinal) ? Fault.Silence : null);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));

        result.IsUnknown.ShouldBeTrue(result.ToString());
        (result.Error?.RetryAt > world.Time.GetUtcNow(), result.Error?.RetryAfter is not null, result.ToString().Contains(", until ", StringComparison.Ordinal)).ShouldBe((isTold, isTold, isTold));
    }

    [Fact]
    public async Task An_operators_word_has_nothing_sent_again()
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(60);
            options.TotalTimeout = TimeSpan.FromMinutes(2);
        });
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "GET" && context.Path.Contains("rder", StringComparison.Ordinal) ? Fault.Silence : null);

        await world.Time.RunAsync(async () =>
        {
            var placed = world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a")));
            await Task.Delay(TimeSpan.FromSeconds(3), world.Time);
            var orders = world.Client.Get<IInDoubtOrders>();
            orders.Settle(orders.List().ShouldHaveSingleItem(), ExecutionStatus.NotExecuted, "ann", "looked it up").ShouldBeTrue();
            (await placed).IsNotExecuted.ShouldBeTrue();
        });

        world.Exchange.Seen(HeadlineChecks.PlaceOrder).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_sent_again_is_not_reported_as_absent_to_those_that_wait_for_the_order()
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(45);
            options.TotalTimeout = TimeSpan.FromSeconds(60);
        });
        var orders = world.Client.Get<IInDoubtOrders>();
        var settled = new List<ExecutionStatus>();
        orders.Settled += (_, notice) => settled.Add(notice.Execution);
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.DropBeforeExecute);

        var (placed, waited) = await world.Time.RunAsync(async () =>
        {
            var placed = world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a")));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            var waited = orders.WaitAsync(orders.List().ShouldHaveSingleItem());
            return (await placed, await waited);
        });
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(1), world.Time));

        placed.IsExecuted.ShouldBeTrue(placed.ToString());
        waited.Execution.ShouldBe(ExecutionStatus.Executed);
        settled.ShouldBe([ExecutionStatus.Executed]);
    }

    [Fact]
    public async Task A_refusal_of_a_repeat_denies_no_change_on_an_unlisted_path()
    {
        var sent = 0;
        var exchange = new ScriptedExchange().On("POST /fapi/v1/wallet/transfer", _ => ++sent == 1 ? throw new HttpRequestException("lost") : ScriptedExchange.Reply(400, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}"));
        var time = new ManualTimeProvider();
        using var client = new ProtectedClient(exchange, time: time, outer: builder => builder.AddHttpMessageHandler(() => new NaiveRetry(time, TimeSpan.FromMinutes(1), clones: true)));

        var result = await time.RunAsync(() => client.Http.SendExchangeAsync(new(HttpMethod.Post, Unlisted)));

        sent.ShouldBeGreaterThan(1);
        result.IsUnknown.ShouldBeTrue(result.ToString());
    }

    [Fact]
    public async Task A_refusal_has_its_body_in_the_result_though_it_is_thrown()
    {
        using var world = new SimulatedFixture(static options => options.ThrowOnError = true);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, "/fapi/v1/order?symbol=NOPE&side=BUY&type=MARKET&quantity=1&newClientOrderId=a")));

        result.Body.ShouldContain("-1121");
    }

    [Fact]
    public async Task A_batch_that_waits_for_a_cancelled_order_in_doubt_says_so()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "GET" && context.Path.Contains("rder", StringComparison.Ordinal) ? Fault.Silence : null);
        const string Limit = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000&newClientOrderId=a";
        await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, Limit)));
        (await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")))).IsExecuted.ShouldBeTrue();

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, Batch.Of(Batch.Rest("a"), Batch.Rest("b")))));

        result.Error.ShouldNotBeNull().Name.ShouldBe("CANCELLED_ORDER_IN_DOUBT");
        result.IsNotExecuted.ShouldBeTrue();
        world.Exchange.Seen(Batch.Place).ShouldBeEmpty();
    }
}
