using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Orders;

/// <summary>Cancels: at once again after a lost reply, and never forgotten while the order they name is in doubt.</summary>
public sealed class CancelTests
{
    private const string CancelAll = "DELETE /fapi/v1/allOpenOrders";
    private const string UnknownOrder = "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}";

    [Fact]
    public async Task A_cancel_that_never_arrived_is_sent_again_at_once()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.DropBeforeExecute);

        var told = await CancelAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldContain("\"status\":\"CANCELED\"");
        var sent = world.Exchange.Seen(ExchangeLooks.Cancel);
        sent.Count.ShouldBe(2);
        sent[1].Elapsed.ShouldBe(sent[0].Elapsed);
    }

    [Theory]
    [InlineData("origClientOrderId")]
    [InlineData("orderId")]
    public async Task A_cancel_that_worked_and_whose_reply_was_lost_ends_in_the_cancelled_order(string by)
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.ExecuteThenDrop);

        var told = await CancelAsync(world, by == "orderId" ? $"orderId={world.Exchange.Orders[0].OrderId}" : "origClientOrderId=a");

        told.Status.ShouldBe(200);
        told.Error.ShouldBeNull();
        told.Body.ShouldContain("\"status\":\"CANCELED\"");
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        told.Report.ShouldNotBeNull().Evidence.ShouldNotBeNull().ShouldContain("CANCELED");
        world.Exchange.Seen(ExchangeLooks.Cancel).Select(static cancel => cancel.Code).ShouldBe([0, -2011]);
    }

    [Fact]
    public async Task A_lost_cancel_of_an_order_that_filled_ends_in_the_exchanges_error()
    {
        using var world = await RestingAsync();
        world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.DropBeforeExecute);

        var told = await CancelAsync(world);

        told.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
        told.Status.ShouldBe(400);
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.Advice.ShouldContain("was filled");
        told.Report.ShouldNotBeNull().Evidence.ShouldNotBeNull().ShouldContain("FILLED");
    }

    [Theory]
    [InlineData("FILLED", "was filled")]
    [InlineData("EXPIRED", "had expired")]
    [InlineData("EXPIRED_IN_MATCH", "had expired")]
    [InlineData("REJECTED", "was rejected")]
    [InlineData("NEW", "is alive")]
    [InlineData("PARTIALLY_FILLED", "is alive")]
    public async Task What_a_cancel_that_found_nothing_is_advised_is_what_the_look_up_shows(string status, string advice)
    {
        var exchange = new ScriptedExchange()
            .On(ExchangeLooks.Cancel, 400, UnknownOrder)
            .On(ExchangeLooks.Look, 200, $"{{\"orderId\":1,\"clientOrderId\":\"a\",\"symbol\":\"BTCUSDT\",\"status\":\"{status}\"}}");
        using var client = new ProtectedClient(exchange);

        var told = await Told.HearAsync(client.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", TestContext.Current.CancellationToken));

        (told.Status, told.Execution).ShouldBe((400, ExecutionStatus.NotExecuted));
        var error = told.Error.ShouldNotBeNull();
        error.Code.ShouldBe(-2011);
        error.Advice.ShouldContain(advice);
        error.Advice.ShouldNotContain("never existed");
        told.Report.ShouldNotBeNull().Evidence.ShouldBe($"the order is {status}");
    }

    [Theory]
    [InlineData("NEW", "is alive")]
    [InlineData("TRIGGERED", "has been triggered")]
    [InlineData("FINISHED", "has been triggered")]
    public async Task A_cancel_of_a_conditional_order_is_advised_likewise(string status, string advice)
    {
        var exchange = new ScriptedExchange()
            .On("DELETE /fapi/v1/algoOrder", 400, UnknownOrder)
            .On("GET /fapi/v1/algoOrder", 200, $"{{\"algoId\":1,\"clientAlgoId\":\"a\",\"symbol\":\"BTCUSDT\",\"algoStatus\":\"{status}\"}}");
        using var client = new ProtectedClient(exchange);

        var told = await Told.HearAsync(client.Http.DeleteAsync("/fapi/v1/algoOrder?clientAlgoId=a", TestContext.Current.CancellationToken));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Advice.ShouldContain(advice);
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}")]
    [InlineData(502, "")]
    [InlineData(200, "{\"orderId\":1,\"clientOrderId\":\"a\",\"symbol\":\"BTCUSDT\",\"status\":\"SOMETHING_NEW\"}")]
    public async Task Where_the_look_up_shows_nothing_the_advice_is_that_of_the_code(int status, string body)
    {
        var exchange = new ScriptedExchange().On(ExchangeLooks.Cancel, 400, UnknownOrder).On(ExchangeLooks.Look, status, body);
        using var client = new ProtectedClient(exchange);

        var told = await Told.HearAsync(client.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", TestContext.Current.CancellationToken));

        told.Error.ShouldNotBeNull().Advice.ShouldBe(ExchangeVenue.BinanceUsdFutures.Errors.Find(-2011).ShouldNotBeNull().Advice);
    }

    [Fact]
    public async Task A_cancel_of_an_order_nobody_knows_is_the_exchanges_error_after_one_look()
    {
        using var world = await RestingAsync();

        var told = await CancelAsync(world, "origClientOrderId=other");

        told.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
        world.Exchange.Seen(ExchangeLooks.Look).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_cancel_whose_order_cannot_be_looked_up_stays_unknown()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.HtmlReply(502));

        var told = await CancelAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
    }

    [Fact]
    public async Task A_cancel_that_is_lost_again_and_again_ends_unknown_after_three()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Method == "DELETE" ? Fault.DropBeforeExecute : null);

        var told = await CancelAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen(ExchangeLooks.Cancel).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_lost_cancel_under_anothers_key_is_not_looked_up_with_ours()
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
            .OnLost(ExchangeLooks.Cancel, new HttpRequestException("lost"))
            .On(ExchangeLooks.Cancel, 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}")
            .On(ExchangeLooks.Look, 400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}");
        using var client = new ProtectedClient(exchange, time: time);
        using var request = NaiveSigning.Sign(HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.SendAsync(request)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        exchange.SeenAt(ExchangeLooks.Look).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancel_naming_an_order_in_doubt_waits_and_is_applied_when_the_order_appears()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(3)));

        var (place, cancel) = await world.Time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            var cancel = await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
            return (await place, cancel);
        });

        place.Execution.ShouldBe(ExecutionStatus.Executed);
        cancel.Status.ShouldBe(200);
        cancel.Body.ShouldContain("\"status\":\"CANCELED\"");
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task A_cancel_naming_an_order_in_doubt_that_never_was_is_told_so()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var cancel = await world.Time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            var cancel = await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
            await place;
            return cancel;
        });

        cancel.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        cancel.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
        cancel.Report.ShouldNotBeNull().Evidence.ShouldNotBeNull().ShouldContain("absence");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_cancel_whose_time_is_up_is_kept_and_applied_when_the_order_appears(int lost)
    {
        using var world = new SimulatedFixture(static options => ShortOfTime(options));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));

        var cancel = await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Resting(), content: null))).Execution.ShouldBe(ExecutionStatus.Unknown);
            return await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
        });
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, [.. Enumerable.Repeat(Fault.DropBeforeExecute, lost)]);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));

        cancel.Execution.ShouldBe(ExecutionStatus.Unknown);
        cancel.Error.ShouldNotBeNull().Advice.ShouldContain("kept", Case.Sensitive, "the answer that there is no such order is not all that is known");
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
        world.Exchange.Seen(ExchangeLooks.Cancel).Count.ShouldBe(2 + lost);
    }

    [Fact]
    public async Task A_kept_cancel_that_gets_no_answer_does_not_reach_a_later_order_of_the_same_id()
    {
        using var world = new SimulatedFixture(static options => ShortOfTime(options));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        await world.Time.RunAsync(async () =>
        {
            await Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            (await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"))).Execution.ShouldBe(ExecutionStatus.Unknown);
            world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.DropBeforeExecute);
            while (world.Exchange.Seen(ExchangeLooks.Cancel).Count == 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            }
        });

        (await CancelAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);
        var anew = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting(), content: null)));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));

        anew.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Select(static order => order.Status).ShouldBe(["CANCELED", "NEW"]);
        world.Exchange.Seen(ExchangeLooks.Cancel).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_cancel_that_is_refused_while_its_order_is_under_way_is_sent_again_once_the_order_stands()
    {
        using var world = new SimulatedFixture(exchange: static options => options.Latency = TimeSpan.FromMilliseconds(100));
        await world.Time.RunAsync(() => world.Http.GetAsync("/fapi/v2/balance"));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromMilliseconds(50)));

        var (place, cancel) = await world.Time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(10), world.Time);
            var cancel = Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
            while (world.Exchange.Orders.Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), world.Time);
            }

            // The order is known to stand before the refusal arrives, and the look-up shows nothing.
            world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Method == "GET" ? Fault.HtmlReply(502) : null);
            world.Client.Get<IInDoubtOrders>().OfferUserData("futures", OvertakenTests.EventOf(world.Exchange.Orders.Single())).ShouldBeTrue();
            return (await place, await cancel);
        });

        place.Execution.ShouldBe(ExecutionStatus.Executed);
        cancel.Execution.ShouldBe(ExecutionStatus.Executed, cancel.ToString());
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
        world.Exchange.Seen(ExchangeLooks.Cancel).Select(static seen => seen.Code).ShouldBe([-2011, 0]);
    }

    [Fact]
    public async Task A_cancel_whose_caller_has_gone_is_kept_too()
    {
        using var world = new SimulatedFixture(static options => ShortOfTime(options));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));

        await world.Time.RunAsync(async () =>
        {
            await Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", gone.Token))).Execution.ShouldBe(ExecutionStatus.Unknown);
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
        });

        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    public async Task A_cancel_under_another_key_of_the_account_reaches_an_order_that_is_under_way(string cancel)
    {
        const string key = "second-key";
        const string secret = "second-secret";
        HttpMessageHandler? wire = null;
        using var world = new SimulatedFixture(
            outer: builder => builder.Services.AddHttpClient(key, static client => client.BaseAddress = SimulatedExchange.Address)
                .AddExchangeErrorHandling(static _ => { })
                .AddExchangeSigning(static options => (options.ApiKey, options.Secret) = (key, secret))
                .ConfigurePrimaryHttpMessageHandler(() => wire!),
            exchange: static options => options.ApiKeys.Add(new SimulatedApiKey(key, secret)));
        wire = world.Exchange.CreateHandler();
        world.Http.BaseAddress = SimulatedExchange.Address;
        using var second = world.Client.Get<IHttpClientFactory>().CreateClient(key);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(2)));

        var (place, cancelled) = await world.Time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(200), world.Time);
            var cancelled = await Told.HearAsync(second.DeleteAsync(cancel));
            return (await place, cancelled);
        });
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));

        place.Execution.ShouldBe(ExecutionStatus.Executed, place.ToString());
        cancelled.Execution.ShouldBe(ExecutionStatus.Executed, cancelled.ToString());
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancel_of_a_newer_order_does_not_succeed_because_an_older_one_of_that_id_was_cancelled(bool filled)
    {
        using var world = await RestingAsync();
        (await CancelAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(3);
        await world.Time.RunAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromMinutes(5), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Resting(), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
        });
        if (filled)
        {
            world.Exchange.Fill(world.Exchange.Orders[^1].OrderId);
        }
        else
        {
            world.Exchange.Faults.Next(ExchangeLooks.Cancel, Fault.RefuseWithCode(400, -2011, "Unknown order sent."));
        }

        var told = await CancelAsync(world);

        (told.Status, told.Execution, told.Error?.Code).ShouldBe((400, ExecutionStatus.NotExecuted, -2011));
        world.Exchange.ExecutionsOf("a").Select(static order => order.Status).ShouldBe(["CANCELED", filled ? "FILLED" : "NEW"]);
    }

    [Fact]
    public async Task A_cancel_all_that_was_lost_is_repeated()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(CancelAll, Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT")));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(CancelAll).Count.ShouldBe(2);
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData("BTCUSDT", false)]
    [InlineData("ETHUSDT", true)]
    public async Task A_cancel_all_that_was_lost_is_not_repeated_over_an_order_placed_since(string placed, bool repeated)
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(CancelAll, Fault.SilenceBeforeExecute);

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Resting("b", placed, placed == "BTCUSDT" ? 40_000 : 2_000), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await call;
        });

        told.Execution.ShouldBe(repeated ? ExecutionStatus.Executed : ExecutionStatus.Unknown);
        world.Exchange.Seen(CancelAll).Count.ShouldBe(repeated ? 2 : 1);
        world.Exchange.ExecutionsOf("b").Single().Status.ShouldBe("NEW");
    }

    [Fact]
    public async Task A_cancel_all_that_was_lost_reaches_an_order_that_was_called_for_before_it_and_accepted_after()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(CancelAll, Fault.SilenceBeforeExecute);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Unavailable, Fault.Unavailable);

        var (placed, cancelled) = await world.Time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting("b"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Time);
            var cancel = Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
            return (await place, await cancel);
        });

        placed.Execution.ShouldBe(ExecutionStatus.Executed);
        cancelled.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("b").Single().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task A_cancel_all_that_was_lost_is_not_repeated_over_an_order_placed_while_it_waited_to_be()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(CancelAll, Fault.DropBeforeExecute, Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(10), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Resting("b"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.ExecutionsOf("b").Single().Status.ShouldBe("NEW");
    }

    [Fact]
    public async Task A_cancel_all_that_was_refused_is_not_sent_again_over_an_order_placed_since()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(CancelAll, Fault.Unavailable);

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(10), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Resting("b"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("NEWER_ORDER_PLACED");
        world.Exchange.ExecutionsOf("b").Single().Status.ShouldBe("NEW");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_that_may_have_worked_is_not_told_as_refused_because_it_was_repeated_from_above(bool isCut)
    {
        using var world = new SimulatedFixture(outer: static builder => builder.AddHttpMessageHandler(services =>
            new NaiveRetry(services.GetRequiredService<TimeProvider>(), TimeSpan.FromMilliseconds(700), clones: true)));
        await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting(), content: null)));
        world.Exchange.Options.ChangeLag = TimeSpan.FromSeconds(20);
        world.Exchange.Faults.Next(ExchangeLooks.Cancel, isCut ? Fault.Silence : Fault.HtmlReply(502, executed: true));

        var told = await CancelAsync(world);

        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
        told.Execution.ShouldBe(ExecutionStatus.Unknown, "the engine says that it is not open, the query that it is");
    }

    [Theory]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", 40_000)]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", 41_000)]
    [InlineData("/fapi/v1/allOpenOrders?symbol=BTCUSDT", 40_000)]
    public async Task An_order_placed_after_its_cancel_was_told_is_a_new_one(string cancel, int price)
    {
        using var world = new SimulatedFixture(static options => options.SendBefore = TimeSpan.FromSeconds(10), exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(4));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            if (cancel.Contains("all", StringComparison.Ordinal))
            {
                // It tells of no order, so that the first must be known before another can be meant.
                await first;
            }

            return (await Told.HearAsync(world.Http.PostAsync(Resting(price: price), content: null)), await first);
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed, first.ToString());
        second.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Select(static order => order.Status).ShouldBe(["CANCELED", "NEW"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_of_all_makes_no_new_order_of_one_that_was_filled(bool isBeforeTheVerdict)
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(2));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var second = await world.Time.RunAsync(async () =>
        {
            var first = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            if (!isBeforeTheVerdict)
            {
                await first;
            }

            (await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"))).Execution.ShouldBe(ExecutionStatus.Executed);
            await first;
            return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
        });

        second.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(40_000)]
    [InlineData(41_000)]
    public async Task An_order_that_would_wait_too_long_for_the_one_cancelled_before_it_is_refused(int price)
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(8));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(async () =>
        {
            _ = Told.HearAsync(world.Http.PostAsync(Resting(), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await Told.HearAsync(world.Http.PostAsync(Resting(price: price), content: null));
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("CANCELLED_ORDER_IN_DOUBT");
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    private static void ShortOfTime(ExchangeErrorHandlingOptions options)
    {
        options.TotalTimeout = TimeSpan.FromSeconds(1);
        options.AttemptTimeout = TimeSpan.FromSeconds(1);
        options.SendBefore = TimeSpan.FromSeconds(1);
    }

    private static string Resting(string id = "a", string symbol = "BTCUSDT", int price = 40_000) =>
        FormattableString.Invariant($"/fapi/v1/order?symbol={symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price={price}&newClientOrderId={id}");

    private static Task<Told> CancelAsync(SimulatedFixture world, string id = "origClientOrderId=a") =>
        world.Time.RunAsync(() => Told.HearAsync(world.Http.DeleteAsync($"/fapi/v1/order?symbol=BTCUSDT&{id}")));

    private static async Task<SimulatedFixture> RestingAsync()
    {
        var world = new SimulatedFixture();
        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Resting(), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
        });
        return world;
    }
}
