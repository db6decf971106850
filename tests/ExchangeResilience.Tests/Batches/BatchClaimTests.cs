using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Batches;

/// <summary>Who may send which item of a batch while others of the same name are under way, in doubt, or settled and not yet heard of.</summary>
public sealed class BatchClaimTests
{
    private static readonly Fault Refused = Fault.RefuseWithCode(400, -2019, "Margin is insufficient.");

    private static readonly Dictionary<string, Fault> Losses = new(StringComparer.Ordinal)
    {
        ["reset"] = Fault.ExecuteThenDrop,
        ["half a body"] = Fault.HalfBody,
        ["silence"] = Fault.Silence,
        ["503 -1007"] = Fault.ExecutedTimeout503,
        ["one of two arrived"] = Fault.OfItems([Fault.None, Fault.DropBeforeExecute], Fault.ExecuteThenDrop),
        ["one of two is missing"] = Fault.OfItems([Fault.ExecuteThenDrop]),
    };

    public static MatrixTheoryData<string, string, bool> Repeats => new([.. Losses.Keys], ["mine", ""], [true, false]);

    [Theory]
    [MemberData(nameof(Repeats))]
    public async Task Whoever_sends_it_again_above_buys_no_item_twice(string loss, string id, bool impatient)
    {
        var retry = default(NaiveRetry);
        using var world = World(loss, (builder, time) => builder.AddHttpMessageHandler(() => retry = new NaiveRetry(time, impatient ? TimeSpan.FromMilliseconds(700) : TimeSpan.FromSeconds(30), clones: true)));

        var told = await SendAsync(world, Two(id));

        // An array in which one item is unknown is no reason to send again, to anybody but the application.
        retry!.Sent.ShouldBeGreaterThan(loss == "one of two is missing" && !impatient ? 0 : 1);
        world.Exchange.DuplicateIntents.ShouldBeEmpty();
        foreach (var (index, error) in told.Errors.Index())
        {
            var placed = world.Exchange.Orders.Count(order => order.Quantity == 0.001m * (index + 1));
            placed.ShouldBeInRange(error is null ? 1 : 0, error?.Execution == ExecutionStatus.NotExecuted ? 0 : 1, told.ToString());
        }

        if (loss is not "one of two arrived" || !impatient)
        {
            told.Errors.Count.ShouldBe(2, told.ToString());
        }
    }

    [Theory]
    [InlineData("mine")]
    [InlineData("")]
    public async Task Hedging_buys_no_item_twice(string id)
    {
        var hedging = default(Hedging);
        using var world = World("reset", (builder, time) => builder.AddHttpMessageHandler(() => hedging = new Hedging(time, TimeSpan.FromMilliseconds(300), hedged: 3)), static options => options.TotalTimeout = TimeSpan.FromSeconds(20));

        var told = await SendAsync(world, Two(id));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        hedging!.Sent.ShouldBe(4);
        world.Exchange.Orders.Count.ShouldBe(2);
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_hands_out_the_refusal_of_an_item_does_not_deny_that_another_copy_may_have_bought(bool isWhole)
    {
        using var world = World(
            "reset",
            static (builder, _) => builder.AddHttpMessageHandler(static () => new Meddling(static async send =>
            {
                var first = await send();
                await ToldBatch.HearAsync(send());
                return first;
            })),
            before: isWhole ? Refused : Fault.OfItems([Fault.None, Refused]));

        var told = await SendAsync(world, Two("mine"));

        if (isWhole)
        {
            told.Execution.ShouldBe(ExecutionStatus.Unknown);
        }
        else
        {
            told.Outcomes.ShouldBe("Executed Unknown", told.ToString());
        }

        world.Exchange.Orders.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_handler_that_hands_out_the_refusal_of_an_item_does_not_hide_that_another_copy_bought()
    {
        using var world = new SimulatedFixture(outer: static builder => builder.AddHttpMessageHandler(static () => new Meddling(static async send =>
        {
            var first = await send();
            await ToldBatch.HearAsync(send());
            return first;
        })));
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Refused]));

        var told = await SendAsync(world, Two("mine"));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        told.Array.ShouldBe("mine1 mine2");
        world.Exchange.Orders.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_copy_that_comes_after_the_application_was_told_does_not_leave()
    {
        var late = default(Task<ToldBatch>);
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(services => new Meddling(async send =>
        {
            late = ToldBatch.HearAsync(LaterAsync(services.GetRequiredService<TimeProvider>(), send));
            return await send();
        })));

        var told = await SendAsync(world, Two("mine"));
        var refused = await world.Time.RunAsync(() => late!);

        told.Outcomes.ShouldBe("Executed Executed");
        refused.Error.ShouldNotBeNull().Name.ShouldBe("ABANDONED_BEFORE_SENDING");
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_builds_a_batch_without_ids_anew_in_a_loop_buys_no_item_twice()
    {
        using var world = World("reset");
        List<ToldBatch> told = [];

        await world.Time.RunAsync(async () =>
        {
            for (var turn = 0; turn < 60 && told.LastOrDefault()?.Status != 200; turn++)
            {
                // Two equal orders, both meant: neither may be given the other's verdict in place of its own.
                told.Add(await ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Batch.Buy(""), Batch.Buy("")), content: null)));
                await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            }
        });

        told[0].Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Count.ShouldBeGreaterThan(2);
        told[1].Error.ShouldNotBeNull().Name.ShouldBe("EQUAL_ORDER_IN_DOUBT");
        told[^1].Outcomes.ShouldBe("Executed Executed", told[^1].ToString());
        told[^1].Items.Select(static item => item.GetProperty("orderId").GetInt64()).ShouldBe(world.Exchange.Orders.Select(static order => order.OrderId), ignoreOrder: true);
        world.Exchange.Orders.Count.ShouldBe(2);
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Items_under_way_are_joined_and_only_the_others_leave()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var (single, batch, held) = await world.Time.RunAsync(async () =>
        {
            var single = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("b", 0.002m), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            using var request = new HttpRequestMessage(HttpMethod.Post, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m), Batch.Buy("c", 0.003m)));
            var before = request.RequestUri!.OriginalString;
            var batch = await ToldBatch.HearAsync(world.Http.SendAsync(request));
            return (await single, batch, request.RequestUri.OriginalString.EndsWith(before, StringComparison.Ordinal));
        });

        single.Execution.ShouldBe(ExecutionStatus.Executed);
        batch.Outcomes.ShouldBe("Executed Executed Executed", batch.ToString());
        batch.Array.ShouldBe("a b c");
        batch.Report.ShouldNotBeNull().ToString().ShouldContain("item 2 (b): the same order was already in flight: Executed");
        held.ShouldBeTrue("what the caller holds stays whole");
        world.Exchange.SentIds().ShouldBe(["a c"]);
        world.Exchange.Orders.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_form_body_is_taken_apart_like_a_query()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("batchOrders", $"[{Batch.Buy("")},{Batch.Buy("b", 0.002m)}]")]);

        var batch = await world.Time.RunAsync(async () =>
        {
            var single = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("b", 0.002m), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var told = await ToldBatch.HearAsync(world.Http.PostAsync("/fapi/v1/batchOrders", form));
            await single;
            return told;
        });

        batch.Outcomes.ShouldBe("Executed Executed", batch.ToString());
        var sent = world.Exchange.Seen(Batch.Place).Single();
        sent.Body.ShouldContain("batchOrders=");
        world.Exchange.SentIds().Single().ShouldStartWith("xr-");
        world.Exchange.Orders.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_single_order_repeats_an_item_and_gets_its_verdict()
    {
        using var world = World("reset");

        var (batch, single) = await world.Time.RunAsync(async () =>
        {
            var batch = await ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)), content: null));
            await Task.Delay(TimeSpan.FromSeconds(10), world.Time);
            return (batch, await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("b", 0.002m), content: null)));
        });

        batch.Execution.ShouldBe(ExecutionStatus.Unknown);
        single.Execution.ShouldBe(ExecutionStatus.Executed);
        single.Body.ShouldContain("\"clientOrderId\":\"b\"");
        world.Exchange.Orders.Count.ShouldBe(2);
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("another request", "CLIENT_ORDER_ID_IN_USE", ExecutionStatus.NotExecuted)]
    [InlineData("twice in the batch", "CLIENT_ORDER_ID_IN_USE", ExecutionStatus.NotExecuted)]
    [InlineData("twin", "EQUAL_ORDER_IN_DOUBT", ExecutionStatus.Unknown)]
    [InlineData("too many", "TOO_MANY_IN_DOUBT", ExecutionStatus.NotExecuted)]
    [InlineData("no id", "CLIENT_ORDER_ID_REQUIRED", ExecutionStatus.NotExecuted)]
    [InlineData("unreadable", "BATCH_UNREADABLE", ExecutionStatus.NotExecuted)]
    [InlineData("a name twice", "BATCH_UNREADABLE", ExecutionStatus.NotExecuted)]
    [InlineData("half a character", "BATCH_UNREADABLE", ExecutionStatus.NotExecuted)]
    public async Task An_item_that_may_not_leave_keeps_the_whole_batch_back_and_claims_nothing(string why, string name, ExecutionStatus execution)
    {
        using var world = World("reset", configure: options =>
        {
            options.ClientOrderIds = why == "no id" ? ClientOrderIdMode.Require : ClientOrderIdMode.Generate;
            options.Reconciliation.MaxInDoubt = why == "too many" ? 1 : 10;
        });
        world.Exchange.Faults.Clear();
        if (why is not ("twice in the batch" or "no id" or "unreadable" or "a name twice" or "half a character"))
        {
            world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        }

        var (told, again) = await world.Time.RunAsync(async () =>
        {
            if (world.Exchange.Faults.Pending > 0)
            {
                await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(why == "twin" ? "" : "x", 0.009m), content: null));
            }

            var told = await ToldBatch.HearAsync(world.Http.PostAsync(
                why switch
                {
                    "another request" => Batch.Of(Batch.Buy("a"), Batch.Buy("x", 0.002m)),
                    "twice in the batch" => Batch.Of(Batch.Buy("a"), Batch.Buy("a")),
                    "twin" => Batch.Of(Batch.Buy("a"), Batch.Buy("", 0.009m)),
                    "no id" => Batch.Of(Batch.Buy("a"), Batch.Buy("", 0.002m)),
                    "unreadable" => "/fapi/v1/batchOrders?batchOrders=%5B%7B'symbol':'BTCUSDT'%7D%5D",
                    "half a character" => Batch.Of(Batch.Buy("a", more: ",\"note\":\"\\ud800\"")),
                    "a name twice" => Batch.Of(Batch.Buy("a", more: ",\"quantity\":\"1\"")),
                    _ => Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)),
                },
                content: null));

            // Free at once: nothing of the refused batch is claimed.
            await Task.Delay(TimeSpan.FromSeconds(10), world.Time);
            return (told, await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a", 0.005m), content: null)));
        });

        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        told.Error.ShouldNotBeNull().Name.ShouldBe(name);
        told.Execution.ShouldBe(execution);
        world.Exchange.Seen(Batch.Place).ShouldBeEmpty();
        again.Execution.ShouldBe(ExecutionStatus.Executed);
        if (why is "another request" or "twin")
        {
            told.Error.Message.ShouldContain("item 2");
        }
    }

    [Fact]
    public async Task A_batch_with_an_amendment_of_an_order_that_is_being_amended_waits_for_that_and_holds_nothing_meanwhile()
    {
        using var world = new SimulatedFixture();
        await SendAsync(world, Batch.Of(Batch.Rest("a"), Batch.Rest("b")));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var (single, batch, other) = await world.Time.RunAsync(async () =>
        {
            var single = Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.01&price=41000&origClientOrderId=a", content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var batch = ToldBatch.HearAsync(world.Http.PutAsync(Batch.Of(Batch.Change("b", 42_000), Batch.Change("a", 43_000)), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var other = await Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.01&price=44000&origClientOrderId=b", content: null));
            return (await single, await batch, other);
        });

        (single.Execution, other.Execution).ShouldBe((ExecutionStatus.Executed, ExecutionStatus.Executed));

        // What a later call has sent is not undone by an earlier one that had to wait.
        batch.Outcomes.ShouldBe("NotExecuted Executed", batch.ToString());
        world.Exchange.Orders.Select(static order => order.Price).ShouldBe([43_000, 44_000]);
    }

    [Fact]
    public async Task Two_amendments_of_one_order_in_one_batch_are_refused()
    {
        using var world = new SimulatedFixture();
        await SendAsync(world, Batch.Of(Batch.Rest("a")));

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.PutAsync(Batch.Of(Batch.Change("a", 41_000), Batch.Change("a", 42_000)), content: null)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("AMENDMENT_UNDER_WAY");
        told.Error.Advice.ShouldStartWith("Two items of the batch amend the same order, so nothing of the batch was sent.");
        world.Exchange.Seen(Batch.Amend).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_by_its_caller_a_batch_is_unknown_and_its_items_are_found_for_whoever_asks_next(bool whileReconciling)
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(4));
        world.Exchange.Faults.Next(Batch.Place, whileReconciling ? Fault.OfItems([Fault.None, Fault.ExecutedTimeout]) : Fault.Silence);

        var (cancelled, next) = await world.Time.RunAsync(async () =>
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            var cancelled = await ToldBatch.HearAsync(world.Http.PostAsync(Two("mine"), content: null, cancel.Token));
            return (cancelled, await ToldBatch.HearAsync(world.Http.PostAsync(Two("mine"), content: null)));
        });

        cancelled.Thrown.ShouldBeAssignableTo<OperationCanceledException>();
        cancelled.Execution.ShouldBe(ExecutionStatus.Unknown);
        next.Outcomes.ShouldBe("Executed Executed", next.ToString());
        world.Exchange.Orders.Count.ShouldBe(2);
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_before_it_was_sent_a_batch_is_not_executed_and_nothing_is_claimed()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("GET /fapi/v1/openOrders", Fault.TooManyRequests(TimeSpan.FromSeconds(3)));

        var (cancelled, again) = await world.Time.RunAsync(async () =>
        {
            var query = Told.HearAsync(world.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            var cancelled = await ToldBatch.HearAsync(world.Http.PostAsync(Two("mine"), content: null, cancel.Token));
            await query;
            return (cancelled, await ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Batch.Buy("mine1", 0.007m)), content: null)));
        });

        cancelled.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        again.Outcomes.ShouldBe("Executed");
        world.Exchange.Orders.Single().Quantity.ShouldBe(0.007m);
    }

    private static async Task<HttpResponseMessage> LaterAsync(TimeProvider time, Func<Task<HttpResponseMessage>> send)
    {
        await Task.Delay(TimeSpan.FromSeconds(40), time);
        return await send();
    }

    private static string Two(string id) => Batch.Of(Batch.Buy(id.Length == 0 ? "" : id + "1"), Batch.Buy(id.Length == 0 ? "" : id + "2", 0.002m));

    private static Task<ToldBatch> SendAsync(SimulatedFixture world, string batch) => world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.PostAsync(batch, content: null)));

    // Evidence comes only after our own time is up, so that whoever is above us has every reason to send again.
    private static SimulatedFixture World(string loss, Action<IHttpClientBuilder, TimeProvider>? outer = null, Action<ExchangeErrorHandlingOptions>? configure = null, Fault? before = null)
    {
        var world = new SimulatedFixture(
            options =>
            {
                options.TotalTimeout = TimeSpan.FromSeconds(1);
                options.AttemptTimeout = TimeSpan.FromSeconds(1);
                options.SendBefore = TimeSpan.FromSeconds(1);
                configure?.Invoke(options);
            },
            builder =>
            {
                var time = (TimeProvider)builder.Services.Single(static service => service.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
                builder.ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan);
                outer?.Invoke(builder, time);
            },
            static exchange => exchange.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(Batch.Place, [.. before is null ? Array.Empty<Fault>() : [before], Losses[loss]]);
        return world;
    }
}
