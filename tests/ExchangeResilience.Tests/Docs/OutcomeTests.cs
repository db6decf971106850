using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Documented;

namespace ExchangeResilience.Tests.Docs;

/// <summary>What a caller receives, one test for each row of the table in the documentation.</summary>
public sealed class OutcomeTests
{
    private const string Order = "POST /fapi/v1/order";

    [Fact]
    public async Task A_plain_success_is_the_exchanges_own_reply()
    {
        using var world = new SimulatedFixture();

        using var response = await PlaceAsync(world);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.GetExchangeError().ShouldBeNull();
        response.GetRecoveryReport().ShouldBeNull();
    }

    [Fact]
    public async Task A_success_found_by_evidence_is_200_with_the_order_and_a_report()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.ExecuteThenDrop);

        using var response = await PlaceAsync(world);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.GetExchangeError().ShouldBeNull();
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"clientOrderId\":\"a1\"");
        var report = response.GetRecoveryReport().ShouldNotBeNull();
        report.Execution.ShouldBe(ExecutionStatus.Executed);
        report.Evidence.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_known_error_is_the_reply_with_an_annotation()
    {
        using var world = new SimulatedFixture();

        using var response = await PlaceAsync(world, "symbol=NOPE&side=BUY&type=MARKET&quantity=1");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = response.GetExchangeError().ShouldNotBeNull();
        (error.Code, error.Category, error.Execution).ShouldBe((-1121, ErrorCategory.InvalidParameter, ExecutionStatus.NotExecuted));
        (await response.Content.ReadAsStringAsync()).ShouldContain("-1121");
        Should.Throw<ExchangeErrorException>(() => response.EnsureExchangeSuccess()).Error.ShouldBe(error);
    }

    [Fact]
    public async Task A_known_error_is_thrown_where_the_client_asks_for_that()
    {
        using var world = new SimulatedFixture(options => options.ThrowOnError = true);

        var failure = await Should.ThrowAsync<ExchangeErrorException>(() => PlaceAsync(world, "symbol=NOPE&side=BUY&type=MARKET&quantity=1"));

        failure.Error.Code.ShouldBe(-1121);
        failure.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        failure.Report.ShouldNotBeNull();
    }

    [Fact]
    public async Task Proven_not_executed_is_the_error_reply_where_there_was_one()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.HtmlReply(502));

        using var response = await PlaceAsync(world);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        response.GetExchangeError().ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        response.GetRecoveryReport().ShouldNotBeNull().Evidence.ShouldNotBeNull();
    }

    [Fact]
    public async Task Proven_not_executed_is_thrown_where_there_was_no_reply()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.DropBeforeExecute);

        var failure = await Should.ThrowAsync<ExchangeErrorException>(() => PlaceAsync(world));

        failure.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        failure.Error.StatusCode.ShouldBeNull();
        failure.Report.ShouldNotBeNull().Evidence.ShouldNotBeNull();
    }

    [Fact]
    public async Task Held_back_is_thrown_with_the_time_to_come_back()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.Ban(TimeSpan.FromMinutes(3)));
        using var banned = await PlaceAsync(world);

        var failure = await Should.ThrowAsync<ExchangeErrorException>(() => PlaceAsync(world, id: "a2"));

        failure.Error.Name.ShouldBe("HELD_BACK");
        failure.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        failure.Error.RetryAt.ShouldNotBeNull().ShouldBeGreaterThan(world.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task Still_unknown_is_always_thrown_and_the_same_call_again_gets_the_verdict()
    {
        using var world = new SimulatedFixture(
            options => options.TotalTimeout = options.AttemptTimeout = TimeSpan.FromSeconds(8),
            exchange: options => options.QueryLag = TimeSpan.FromSeconds(12));
        world.Exchange.Faults.Next(Order, Fault.ExecuteThenDrop);

        var failure = await Should.ThrowAsync<ExchangeErrorException>(() => PlaceAsync(world));
        world.Client.Get<IInDoubtOrders>().List().ShouldBe([new InDoubtOrder("BTCUSDT", "a1", OperationKind.Place)]);
        using var verdict = await PlaceAsync(world);

        failure.Error.Execution.ShouldBe(ExecutionStatus.Unknown);
        verdict.StatusCode.ShouldBe(HttpStatusCode.OK);
        world.Exchange.ExecutionsOf("a1").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_order_tells_whether_it_may_have_left()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.Silence);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);

        // Awaited: the exception of a cancelled task is lost to whoever only looks at its state.
        var thrown = await Assert.ThrowsAsync<TaskCanceledException>(() => PlaceAsync(world, stop: stop.Token));

        thrown.CancellationToken.ShouldBe(stop.Token);
        var order = thrown.InnerException.ShouldBeOfType<ExchangeOperationCanceledException>();
        (order.ClientOrderId, order.Execution).ShouldBe(("a1", ExecutionStatus.Unknown));
    }

    [Fact]
    public async Task What_HttpClient_makes_of_its_own_timeout_holds_the_order_one_deeper()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.Silence);
        world.Http.Timeout = TimeSpan.FromMilliseconds(50);

        // The client's timeout runs on the machine's clock; manual time stands still meanwhile.
        var thrown = await Assert.ThrowsAsync<TaskCanceledException>(() => world.Http.PostAsync(SimulatedFixture.Market("a1"), content: null));

        thrown.InnerException.ShouldBeOfType<TimeoutException>()
            .InnerException.ShouldBeOfType<ExchangeOperationCanceledException>().ClientOrderId.ShouldBe("a1");
    }

    [Fact]
    public async Task A_batch_is_200_with_one_entry_per_item()
    {
        using var world = new SimulatedFixture();
        var orders = Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001"},{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.0001"}]""");

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync($"/fapi/v1/batchOrders?batchOrders={orders}", content: null));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.GetExchangeError().ShouldBeNull();
        var items = response.GetExchangeErrors();
        items.Count.ShouldBe(2);
        items[0].ShouldBeNull();
        items[1].ShouldNotBeNull().Category.ShouldBe(ErrorCategory.FilterViolation);
    }

    [Fact]
    public async Task Resending_what_is_proven_absent_takes_a_SendBefore_longer_than_the_proof()
    {
        using var world = new SimulatedFixture(options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(20);
        });
        world.Exchange.Faults.Next(Order, Fault.DropBeforeExecute);

        using var response = await PlaceAsync(world);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        world.Exchange.ExecutionsOf("a1").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_documented_program_trades()
    {
        var exchange = new SimulatedExchange();
        await using var server = await exchange.ListenAsync();

        await Snippets.ProgramAsync(
        [
            $"--Address={server.Address}",
            "--ExchangeErrorHandling:Mode=Enforce",
            $"--ExchangeSigning:ApiKey={SimulatedExchangeOptions.DefaultApiKey}",
            $"--ExchangeSigning:Secret={SimulatedExchangeOptions.DefaultApiSecret}",
        ]);

        exchange.ExecutionsOf("my-order-1").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_documented_handling_of_a_cancellation_finds_what_became_of_the_order()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Order, Fault.Silence);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);

        var execution = await world.Time.RunAsync(() => Snippets.CancelledAsync(new FuturesClient(world.Http), stop.Token));

        execution.ShouldBe(ExecutionStatus.Unknown);
    }

    /// <summary>An order that shows late is found by the recheck after one minute, one that shows later by that after ten.</summary>
    [Theory]
    [InlineData(40, 2)]
    [InlineData(300, 11)]
    public async Task The_documented_alarm_rings_when_an_absence_proves_wrong(int shownAfterSeconds, int minutes)
    {
        using var world = new SimulatedFixture(exchange: options => options.QueryLag = TimeSpan.FromSeconds(shownAfterSeconds));
        var alarms = new List<string>();
        Snippets.Watch(world.Client.Get<IServiceProvider>(), alarms.Add);
        world.Exchange.Faults.Next(Order, Fault.ExecuteThenDrop);

        await Should.ThrowAsync<ExchangeErrorException>(() => PlaceAsync(world));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(minutes), world.Time));

        alarms.ShouldBe(["a1 was reported as not executed and is FILLED"]);
    }

    private static Task<HttpResponseMessage> PlaceAsync(SimulatedFixture world, string terms = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001", string id = "a1", CancellationToken stop = default) =>
        world.Time.RunAsync(() => world.Http.PostAsync($"/fapi/v1/order?{terms}&newClientOrderId={id}", content: null, stop));
}
