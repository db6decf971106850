using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>
/// Whoever sends a market order again above the middleware, after the first one executed and its reply was lost, buys once. A market order has ended
/// when its repeat arrives, so the exchange itself would take the repeat for a new one.
/// </summary>
public sealed class OuterRetryTests
{
    private static readonly Dictionary<string, Fault> Losses = new(StringComparer.Ordinal)
    {
        ["reset"] = Fault.ExecuteThenDrop,
        ["closed"] = Fault.ExecuteThenFin,
        ["half a body"] = Fault.HalfBody,
        ["silence"] = Fault.Silence,
        ["408 -1007"] = Fault.ExecutedTimeout,
        ["503 -1007"] = Fault.ExecutedTimeout503,
        ["503 without a code"] = Fault.ExecutedUnknown,
        ["502 of a proxy"] = Fault.HtmlReply(502, executed: true),
    };

    private static readonly Fault Refused = Fault.RefuseWithCode(400, -2019, "Margin is insufficient.");

    // The outer attempt ends before, or after, our own search does.
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(20);

    public static MatrixTheoryData<string, string> LossesAndIds => new([.. Losses.Keys], ["mine-1", ""]);

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public Task The_same_message_sent_again_after_an_exception_buys_once(string loss, string id) => BuysOnceAsync(loss, id, Patient, clones: false);

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public Task The_same_message_sent_again_after_a_timeout_buys_once(string loss, string id) => BuysOnceAsync(loss, id, Impatient, clones: false);

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public Task A_clone_sent_again_after_an_exception_buys_once(string loss, string id) => BuysOnceAsync(loss, id, Patient, clones: true);

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public Task A_clone_sent_again_after_a_timeout_buys_once(string loss, string id) => BuysOnceAsync(loss, id, Impatient, clones: true);

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public async Task A_form_body_sent_again_buys_once(string loss, string id)
    {
        var retry = default(NaiveRetry);
        using var world = World(loss, (builder, time) => builder.AddHttpMessageHandler(() => retry = new NaiveRetry(time, Impatient, clones: true)));
        using var form = new FormUrlEncodedContent(SimulatedFixture.Market(id).Split('?')[1].Split('&').Select(static pair => new KeyValuePair<string, string>(pair.Split('=')[0], pair.Split('=')[1])));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync("/fapi/v1/order", form)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        retry!.Sent.ShouldBeGreaterThan(1);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public async Task A_caller_who_builds_the_request_anew_in_a_loop_buys_once(string loss, string id)
    {
        using var world = World(loss);
        List<Told> told = [];

        await world.Time.RunAsync(async () =>
        {
            for (var turn = 0; turn < 60 && told.LastOrDefault()?.Execution != ExecutionStatus.Executed; turn++)
            {
                told.Add(await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));
                await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            }
        });

        told[0].Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Count.ShouldBeGreaterThan(1);
        told[^1].Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("silence")]
    [InlineData("503 -1007")]
    public async Task Two_callers_at_once_with_one_id_buy_once_and_both_are_told_so(string loss)
    {
        using var world = World(loss, configure: static options => options.TotalTimeout = TimeSpan.FromSeconds(20));
        using var another = world.Client.Another();

        var told = await world.Time.RunAsync(() => Task.WhenAll(
            Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null)),
            Told.HearAsync(another.PostAsync(SimulatedFixture.Market("mine-1"), content: null))));

        told.ShouldAllBe(static each => each.Execution == ExecutionStatus.Executed && each.Status == 200);
        told[0].Body.ShouldBe(told[1].Body);
        world.Exchange.Orders.Count.ShouldBe(1);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public async Task Hedging_buys_once(string loss, string id)
    {
        var hedging = default(Hedging);
        using var world = World(
            loss,
            (builder, time) => builder.AddHttpMessageHandler(() => hedging = new Hedging(time, TimeSpan.FromMilliseconds(300), hedged: 3)),
            static options => options.TotalTimeout = TimeSpan.FromSeconds(20));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        hedging!.Sent.ShouldBe(4);
        world.Exchange.Orders.Count.ShouldBe(1);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("mine-1")]
    [InlineData("")]
    public async Task Hedging_a_slow_order_that_succeeds_buys_once(string id)
    {
        var hedging = default(Hedging);
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(services => hedging = new Hedging(services.GetRequiredService<TimeProvider>(), TimeSpan.FromMilliseconds(300), hedged: 3)));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        hedging!.Sent.ShouldBe(4);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("mine-1")]
    [InlineData("")]
    public async Task A_handler_that_sends_again_although_it_was_told_of_success_buys_once(string id)
    {
        using var world = new SimulatedFixture(outer: static builder => builder.AddHttpMessageHandler(static () => new Meddling(static async send =>
        {
            using var first = await send();
            return await send();
        })));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(LossesAndIds))]
    public async Task Hedging_that_hands_out_the_copy_that_was_refused_does_not_deny_the_one_that_may_have_bought(string loss, string id)
    {
        var hedging = default(Hedging);
        using var world = World(loss, (builder, time) => builder.AddHttpMessageHandler(() => hedging = new Hedging(time, TimeSpan.FromMilliseconds(300), hedged: 2)), before: Refused);
        using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market(id));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(request)));
        var buys = world.Exchange.Orders.Count;
        using var repeat = OuterClone.Of(request);
        var again = await world.Time.RunAsync(() => LaterAsync(world.Time, () => Told.HearAsync(world.Http.SendAsync(repeat))));

        hedging!.Sent.ShouldBeGreaterThan(2);
        buys.ShouldBe(1);
        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        told.Report.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Unknown);
        again.Execution.ShouldBe(ExecutionStatus.Executed, again.ToString());
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("mine-1")]
    [InlineData("")]
    public async Task A_handler_that_hands_out_a_refusal_although_another_copy_bought_does_not_hide_the_order(string id)
    {
        using var world = new SimulatedFixture(outer: static builder => builder.AddHttpMessageHandler(static () => new Meddling(static async send =>
        {
            var first = await send();
            using var second = await send();
            return first;
        })));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Refused);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Status.ShouldBe(200);
        told.Body.ShouldContain($"\"orderId\":{world.Exchange.Orders.ShouldHaveSingleItem().OrderId}");
        told.Report.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_handler_that_hands_out_a_doubt_although_another_copy_was_told_of_the_order_leaves_that_to_the_next_who_asks()
    {
        using var world = World("reset", static (builder, time) => builder.AddHttpMessageHandler(() => new Meddling(async send =>
        {
            try
            {
                return await send();
            }
            catch (ExchangeErrorException)
            {
                await Task.Delay(TimeSpan.FromSeconds(30), time);
                using var learned = await send();
                throw;
            }
        })));

        var (told, again) = await world.Time.RunAsync(async () => (
            await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null)),
            await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null))));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        again.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_copy_that_never_left_says_nothing_of_the_one_that_did(bool asCancellation)
    {
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async send =>
        {
            (await send()).Dispose();

            // What a pipeline makes of a copy that it gave up: an exception of its own with the copy's inside.
            var copy = new ExchangeOperationCanceledException("POST /fapi/v1/order", "a", ExecutionStatus.NotExecuted);
            throw asCancellation ? new OperationCanceledException("given up", copy) : new TimeoutException("given up", copy);
        })));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        ExchangeOperationCanceledException.Find(told.Thrown).ShouldNotBeNull().ClientOrderId.ShouldBe("a");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_that_comes_after_the_application_was_told_does_not_leave(bool isRefused)
    {
        var straggler = default(Task<Told>);
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(services => new Meddling(async send =>
        {
            straggler = Told.HearAsync(LaterAsync(services.GetRequiredService<TimeProvider>(), send));
            return await send();
        })));
        if (isRefused)
        {
            world.Exchange.Faults.Next(ExchangeLooks.Place, Refused);
        }

        var (told, late) = await world.Time.RunAsync(async () => (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null)), await straggler!));

        told.Execution.ShouldBe(isRefused ? ExecutionStatus.NotExecuted : ExecutionStatus.Executed);
        late.Error.ShouldNotBeNull().Name.ShouldBe("ABANDONED_BEFORE_SENDING");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=mine-1")]
    [InlineData("/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    public async Task A_copy_of_a_cancel_that_comes_after_the_application_was_told_reaches_no_newer_order(string cancel)
    {
        const string resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=mine-1";
        var straggler = default(Task<Told>);
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(services => new Meddling(async send =>
        {
            straggler = Told.HearAsync(LaterAsync(services.GetRequiredService<TimeProvider>(), send));
            return await send();
        })));

        var late = await world.Time.RunAsync(async () =>
        {
            await Told.HearAsync(world.Http.PostAsync(resting, content: null));
            (await Told.HearAsync(world.Http.DeleteAsync(cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            var copy = straggler!;
            (await Told.HearAsync(world.Http.PostAsync(resting, content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await copy;
        });

        late.Error.ShouldNotBeNull().Name.ShouldBe("ABANDONED_BEFORE_SENDING");
        world.Exchange.ExecutionsOf("mine-1").Select(static order => order.Status).ShouldBe(["CANCELED", "NEW"]);
    }

    [Fact]
    public async Task An_order_of_other_parameters_under_the_id_of_one_that_was_refused_says_nothing_about_that_one()
    {
        var other = default(Task<Told>);
        var another = default(HttpClient);
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async send =>
        {
            var response = await send();
            other ??= Told.HearAsync(another!.PostAsync(SimulatedFixture.Market("mine-1", 0.002m), content: null));
            return response;
        })));
        using var _ = another = world.Client.Another();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Refused, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null)));
        var beside = await world.Time.RunAsync(() => other!);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        beside.Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_handler_that_loses_the_answer_does_not_make_the_caller_who_asks_again_buy_twice()
    {
        var lost = true;
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async send =>
        {
            var response = await send();
            return lost ? throw new TimeoutException("of a handler above") : response;
        })));

        var again = await world.Time.RunAsync(async () =>
        {
            await Should.ThrowAsync<TimeoutException>(() => world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null));
            lost = false;
            return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null));
        });

        again.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_cancels_while_the_answer_is_on_its_way_up_and_asks_again_buys_once()
    {
        using var cancel = new CancellationTokenSource();
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async send =>
        {
            var response = await send();
            await cancel.CancelAsync();
            return response;
        })));

        var again = await world.Time.RunAsync(async () =>
        {
            try
            {
                using var response = await world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null, cancel.Token);
            }
            catch (OperationCanceledException)
            {
                // Either is right.
            }

            return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null));
        });

        again.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_equal_order_meant_anew_while_another_is_in_doubt_is_not_taken_for_one_that_has_just_ended()
    {
        using var world = new SimulatedFixture(static options => options.TotalTimeout = options.AttemptTimeout = TimeSpan.FromSeconds(6), exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(20));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("in-doubt", 0.009m), content: null));
            return (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null)), await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null)));
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Two_equal_orders_without_ids_that_the_caller_means_both_buy_twice()
    {
        using var world = new SimulatedFixture();

        var told = await world.Time.RunAsync(() => Task.WhenAll(
            Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null)),
            Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null))));

        told.ShouldAllBe(static each => each.Execution == ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(2);
        world.Exchange.Duplicates.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_that_provably_did_nothing_may_be_sent_again_from_above()
    {
        var retry = default(NaiveRetry);
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(services => retry = new NaiveRetry(services.GetRequiredService<TimeProvider>(), Patient, clones: false)));
        world.Exchange.Faults.Next(ExchangeLooks.Place, [.. Enumerable.Repeat(Fault.Unavailable, 6)]);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine-1"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        retry!.Sent.ShouldBe(2);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    private static async Task<T> LaterAsync<T>(TimeProvider time, Func<Task<T>> then)
    {
        await Task.Delay(TimeSpan.FromSeconds(40), time);
        return await then();
    }

    private static async Task BuysOnceAsync(string loss, string id, TimeSpan attemptTimeout, bool clones)
    {
        var retry = default(NaiveRetry);
        using var world = World(loss, (builder, time) => builder.AddHttpMessageHandler(() => retry = new NaiveRetry(time, attemptTimeout, clones)));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        retry!.Sent.ShouldBeGreaterThan(1);
        world.Exchange.Orders.Count.ShouldBe(1);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    // Evidence comes only after our own time is up, so that whoever is above us has every reason to send again.
    private static SimulatedFixture World(string loss, Action<IHttpClientBuilder, TimeProvider>? outer = null, Action<ExchangeErrorHandlingOptions>? configure = null, Fault? before = null)
    {
        var time = default(TimeProvider);
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
                time = (TimeProvider)builder.Services.Single(static service => service.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
                builder.ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan);
                outer?.Invoke(builder, time);
            },
            static exchange => exchange.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(ExchangeLooks.Place, [.. before is null ? Array.Empty<Fault>() : [before], Losses[loss]]);
        return world;
    }
}
