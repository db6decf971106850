using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>During a hold, nothing leaves that would make it worse, from any client of the process; and nothing waits that need not.</summary>
public sealed class HoldsTests
{
    private const string AskPrice = "GET /fapi/v1/ticker/price";
    private const string TooManyOrders = "Too many new orders; current limit is 300 orders per TEN_SECONDS.";
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Widest = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("429 with Retry-After")]
    [InlineData("429 with its text")]
    [InlineData("418 with its text")]
    public Task What_one_client_is_told_stops_every_client_of_the_environment_and_no_other(string told) => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        var start = process.Time.Elapsed;
        var (fault, length) = told switch
        {
            "429 with Retry-After" => (Fault.TooManyRequests(TimeSpan.FromSeconds(30)), TimeSpan.FromSeconds(30)),
            "429 with its text" => (Fault.TooManyRequests(), TimeSpan.FromMinutes(1) - start),
            _ => (Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false), TimeSpan.FromMinutes(3)),
        };
        process.Exchange.Faults.Next(AskPrice, fault);

        var teller = process.Charts.GetAsync(Price);
        await Task.Delay(Moment, process.Time);
        using var elsewhere = await process.OnTestnet.GetAsync(Balance);
        elsewhere.IsSuccessStatusCode.ShouldBeTrue();
        process.Time.Elapsed.ShouldBe(start + Moment, "another environment is not held");

        var replies = await Task.WhenAll(
            teller, process.Charts.GetAsync(Price), process.Coin.GetAsync(Price), process.Desk.GetAsync(Balance), process.Fund.GetAsync(Balance),
            process.Desk.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
        replies.Count(reply => reply.IsSuccessStatusCode).ShouldBe(replies.Length);

        process.SentBetween(start, start + length).ShouldBe(0);
        process.Exchange.SentIntoHold.ShouldBeEmpty();
        (process.Time.Elapsed - start).ShouldBeLessThan(length + Widest, "no longer than told, give or take the margin");
    }, Patient);

    [Theory]
    [InlineData("RateLimited", 429, -1003, TrafficLane.Orders)]
    [InlineData("-1003", 429, -1003, TrafficLane.Orders)]
    [InlineData("Http429", 429, 0, TrafficLane.Orders)]
    [InlineData("Default", 429, -2019, TrafficLane.Orders)]
    [InlineData("RateLimited", 400, -1003, TrafficLane.None)]
    [InlineData("RateLimited", 400, -1003, TrafficLane.Host)]
    public async Task No_row_opens_the_address_that_the_exchange_limits(string selector, int status, int code, TrafficLane lane)
    {
        using var world = new SimulatedFixture(options => options.Policies[selector] = new ErrorPolicy { Action = lane == TrafficLane.None ? RecoveryAction.FailFast : RecoveryAction.BackOff, Lane = lane });
        await world.Time.RunAsync(() => world.Http.GetAsync(Balance));
        world.Exchange.Faults.Next(AskPrice, Fault.RefuseWithCode(status, code == 0 ? null : code, "Too much.").WithHeader("Retry-After", "120"));
        await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Price)));
        var before = world.Exchange.Requests.Count;

        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Balance)))).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");

        world.Exchange.Requests.Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(-1008)]
    [InlineData(-1000)]
    [InlineData(-9999)]
    public Task A_429_holds_the_address_whatever_code_it_bears(int code) => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        var start = process.Time.Elapsed;
        process.Exchange.Faults.Next(AskPrice, Fault.RefuseWithCode(429, code, "Server is busy.").WithHeader("Retry-After", "30"));

        var teller = process.Charts.GetAsync(Price);
        await Task.Delay(Moment, process.Time);
        var replies = await Task.WhenAll(teller, process.Coin.GetAsync(Price), process.Desk.GetAsync(Balance));

        replies.ShouldAllBe(static reply => reply.IsSuccessStatusCode);
        process.SentBetween(start, start + TimeSpan.FromSeconds(30)).ShouldBe(0);
        process.Exchange.SentIntoHold.ShouldBeEmpty();
    }, Patient);

    [Fact]
    public Task A_ban_without_retry_after_is_told_to_the_caller_as_its_text_has_it() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(AskPrice, Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false));

        using var reply = await process.Charts.GetAsync(Price);

        ((int)reply.StatusCode).ShouldBe(418);
        var error = reply.GetExchangeError().ShouldNotBeNull();
        error.Code.ShouldBe(-1003);
        (error.RetryAt.ShouldNotBeNull() - process.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(3) + Widest);
        (error.RetryAfter.ShouldNotBeNull() - TimeSpan.FromMinutes(3)).ShouldBeInRange(TimeSpan.Zero, Widest);
    });

    [Theory]
    [InlineData("reduceOnly")]
    [InlineData("hedge long")]
    [InlineData("hedge short")]
    [InlineData("closePosition")]
    [InlineData("cancel")]
    [InlineData("cancel all")]
    public Task What_reduces_risk_passes_an_overload_hold_while_an_opening_order_waits(string what) => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        var mode = what.StartsWith("hedge", StringComparison.Ordinal) ? $"&positionSide={what[6..].ToUpperInvariant()}" : "";
        var (open, close) = what == "hedge short" ? ("SELL", "BUY") : ("BUY", "SELL");
        if (mode.Length > 0)
        {
            await SucceedsAsync(process, HttpMethod.Post, "/fapi/v1/positionSide/dual?dualSidePosition=true");
        }

        await SucceedsAsync(process, HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side={open}&type=MARKET&quantity=1&newClientOrderId=position{mode}");
        if (mode.Length == 0)
        {
            await SucceedsAsync(process, HttpMethod.Post, "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=40000&quantity=1&newClientOrderId=resting");
        }

        var (method, target) = what switch
        {
            "reduceOnly" => (HttpMethod.Post, "/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.5&reduceOnly=true&newClientOrderId=close"),
            "closePosition" => (HttpMethod.Post, "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=40000&closePosition=true&clientAlgoId=close"),
            "cancel" => (HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=resting"),
            "cancel all" => (HttpMethod.Delete, "/fapi/v1/allOpenOrders?symbol=BTCUSDT"),
            _ => (HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side={close}&type=MARKET&quantity=0.5&newClientOrderId=close{mode}"),
        };
        process.Exchange.Faults.Next(PlaceOrder, Fault.Throttled);
        var start = process.Time.Elapsed;

        var first = process.Desk.PostAsync(Open("open1"), null);
        await Task.Delay(Moment, process.Time);
        var second = process.Fund.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=open2", null);
        using var reducing = new HttpRequestMessage(method, target);
        using var reply = await process.Desk.SendAsync(reducing);
        reply.IsSuccessStatusCode.ShouldBeTrue();
        process.Time.Elapsed.ShouldBe(start + Moment, "what reduces risk does not wait");
        (await first).IsSuccessStatusCode.ShouldBeTrue();
        (await second).IsSuccessStatusCode.ShouldBeTrue();

        ArrivalsOf(process, "open1").ShouldSatisfyAllConditions(
            arrivals => arrivals.Count.ShouldBe(2),
            arrivals => arrivals[^1].ShouldBeGreaterThanOrEqualTo(start + TimeSpan.FromSeconds(3)));
        ArrivalsOf(process, "open2").ShouldHaveSingleItem().ShouldBeGreaterThanOrEqualTo(start + TimeSpan.FromSeconds(3));

        string Open(string id) => $"/fapi/v1/order?symbol=BTCUSDT&side={open}&type=MARKET&quantity=0.001&newClientOrderId={id}{mode}";
    }, SlowOverload);

    [Fact]
    public Task A_closing_order_that_is_throttled_itself_delays_nobody_else() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        await SucceedsAsync(process, HttpMethod.Post, SimulatedFixture.Market("position", 1));
        process.Exchange.Faults.Next(PlaceOrder, Fault.Throttled);
        var start = process.Time.Elapsed;

        var closing = process.Desk.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.5&reduceOnly=true&newClientOrderId=close", null);
        await Task.Delay(Moment, process.Time);
        (await process.Desk.PostAsync(SimulatedFixture.Market("open"), null)).IsSuccessStatusCode.ShouldBeTrue();
        process.Time.Elapsed.ShouldBe(start + Moment);
        (await closing).IsSuccessStatusCode.ShouldBeTrue();

        ArrivalsOf(process, "close").Count.ShouldBe(2);
    }, SlowOverload);

    [Fact]
    public Task Too_many_orders_of_one_account_stop_neither_queries_nor_cancels_nor_another_accounts_orders() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(PlaceOrder, Fault.RefuseWithCode(429, -1015, TooManyOrders).WithHeader("Retry-After", "2"));
        var start = process.Time.Elapsed;

        var refused = process.Desk.PostAsync(SimulatedFixture.Market("refused"), null);
        await Task.Delay(Moment, process.Time);
        var next = process.Desk.PostAsync(SimulatedFixture.Market("next"), null);
        (await process.Desk.GetAsync(Balance)).IsSuccessStatusCode.ShouldBeTrue();
        (await process.Charts.GetAsync(Price)).IsSuccessStatusCode.ShouldBeTrue();
        (await process.Desk.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT")).IsSuccessStatusCode.ShouldBeTrue();
        (await process.Fund.PostAsync(SimulatedFixture.Market("other"), null)).IsSuccessStatusCode.ShouldBeTrue();
        process.Time.Elapsed.ShouldBe(start + Moment, "none of these is held");
        (await refused).IsSuccessStatusCode.ShouldBeTrue();
        (await next).IsSuccessStatusCode.ShouldBeTrue();

        ArrivalsOf(process, "next").ShouldHaveSingleItem().ShouldBeGreaterThan(start + TimeSpan.FromSeconds(2));
        process.Exchange.SentIntoHold.ShouldBeEmpty();
    });

    [Theory]
    [InlineData("TEN_SECONDS", 8)]
    [InlineData("10 SECOND", 8)]
    [InlineData("ONE_MINUTE", 48)]
    [InlineData("1 MINUTE", 48)]
    [InlineData("MINUTE", 48)]
    public Task Too_many_orders_without_retry_after_wait_for_the_window_the_text_names(string window, int secondsLeft) => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(PlaceOrder, Fault.RefuseWithCode(429, -1015, $"Too many new orders; current limit is 300 orders per {window}."));

        using var reply = await process.Desk.PostAsync(SimulatedFixture.Market("refused"), null);

        process.Time.GetUtcNow().Second.ShouldBe(12);
        var error = reply.GetExchangeError().ShouldNotBeNull();
        (error.RetryAt.ShouldNotBeNull() - process.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(secondsLeft), TimeSpan.FromSeconds(secondsLeft) + Widest);
    });

    [Fact]
    public Task A_later_shorter_hold_does_not_shorten_a_longer_one() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(AskPrice, Fault.TooManyRequests(TimeSpan.FromMinutes(1)), Fault.TooManyRequests(TimeSpan.FromSeconds(2)));
        var start = process.Time.Elapsed;

        var longer = process.Charts.GetAsync(Price);
        await Task.Delay(Moment / 4, process.Time);
        var shorter = process.Charts.GetAsync(Price);
        await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
        (await Task.WhenAll(longer, shorter, process.Desk.GetAsync(Balance))).Count(reply => reply.IsSuccessStatusCode).ShouldBe(3);

        process.SentBetween(start + Moment, start + TimeSpan.FromMinutes(1)).ShouldBe(0);
        process.Exchange.SentIntoHold.ShouldBeEmpty();
    }, Patient, options => options.Latency = Moment);

    [Fact]
    public Task A_later_longer_hold_prolongs_a_shorter_one_for_those_who_wait_already() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(AskPrice, Fault.TooManyRequests(TimeSpan.FromSeconds(5)), Fault.TooManyRequests(TimeSpan.FromMinutes(1)));
        var start = process.Time.Elapsed;

        var shorter = process.Charts.GetAsync(Price);
        await Task.Delay(Moment / 4, process.Time);
        var longer = process.Charts.GetAsync(Price);
        (await Task.WhenAll(longer, shorter, process.Desk.GetAsync(Balance))).Count(reply => reply.IsSuccessStatusCode).ShouldBe(3);

        process.SentBetween(start + Moment, start + TimeSpan.FromMinutes(1)).ShouldBe(0);
    }, Patient, options => options.Latency = Moment);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    [InlineData(1, true)]
    public Task A_wrong_local_clock_does_not_open_a_ban_early(int hours, bool measured) => HoldsProcess.RunAsync(async process =>
    {
        process.StepLocalClock(TimeSpan.FromHours(hours));
        if (measured)
        {
            await process.WarmUpAsync();
        }

        process.Exchange.Faults.Next(AskPrice, Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false));
        var start = process.Time.Elapsed;

        using var reply = await process.Charts.GetAsync(Price);

        reply.IsSuccessStatusCode.ShouldBeTrue();
        process.Exchange.SentIntoHold.ShouldBeEmpty();
        (process.Time.Elapsed - start).ShouldBeInRange(TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(3) + Widest);
    }, Patient);

    [Fact]
    public Task An_order_whose_wait_does_not_fit_fails_at_once_and_leaves_at_the_time_it_was_told() => HoldsProcess.RunAsync(async process =>
    {
        await HoldAsync(process, TimeSpan.FromSeconds(20));
        var (start, sent) = (process.Time.Elapsed, process.Exchange.Requests.Count);

        var error = await HeldBackAsync(process, () => process.Desk.PostAsync(SimulatedFixture.Market("late"), null));
        var shorter = await HeldBackAsync(process, () => process.Desk.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("later")).SetSendBefore(TimeSpan.FromSeconds(10))));

        process.Time.Elapsed.ShouldBe(start, "told at once");
        process.Exchange.Requests.Count.ShouldBe(sent, "nothing was sent");
        shorter.RetryAt.ShouldBe(error.RetryAt);
        (error.RetryAt.ShouldNotBeNull() - process.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(20) - Moment, TimeSpan.FromSeconds(20) + Widest);
        await process.PassAsync(error.RetryAt.Value - process.Time.GetUtcNow());
        await SucceedsAsync(process, HttpMethod.Post, SimulatedFixture.Market("late"));
        process.Exchange.SentIntoHold.ShouldBeEmpty();
    });

    [Fact]
    public Task An_order_that_is_given_the_time_waits_out_the_hold() => HoldsProcess.RunAsync(async process =>
    {
        await HoldAsync(process, TimeSpan.FromSeconds(20));
        var start = process.Time.Elapsed;

        using var reply = await process.Desk.SendAsync(new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("patient")).SetSendBefore(TimeSpan.FromMinutes(1)));

        reply.IsSuccessStatusCode.ShouldBeTrue();
        (process.Time.Elapsed - start).ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20) + Widest);
        process.Exchange.SentIntoHold.ShouldBeEmpty();
    }, options => options.TotalTimeout = TimeSpan.FromMinutes(2));

    [Theory]
    [InlineData(10, 300)]
    [InlineData(300, 10)]
    public Task A_query_whose_wait_does_not_fit_fails_at_once(int maxWait, int totalTimeout) => HoldsProcess.RunAsync(async process =>
    {
        await HoldAsync(process, TimeSpan.FromSeconds(20));
        var (start, sent) = (process.Time.Elapsed, process.Exchange.Requests.Count);

        var error = await HeldBackAsync(process, () => process.Charts.GetAsync(Price));

        process.Time.Elapsed.ShouldBe(start);
        process.Exchange.Requests.Count.ShouldBe(sent);
        (error.RetryAt.ShouldNotBeNull() - process.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(20) - Moment, TimeSpan.FromSeconds(20) + Widest);
    }, options =>
    {
        options.TotalTimeout = TimeSpan.FromSeconds(totalTimeout);
        options.MaxWait = TimeSpan.FromSeconds(maxWait);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task The_search_for_an_order_in_doubt_obeys_a_ban_and_settles_the_order_after_it(bool executed) => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(PlaceOrder, executed ? Fault.ExecutedTimeout : Fault.RefuseWithCode(408, -1007, "Timeout"));
        process.Exchange.Faults.Next(AskOrder, Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false));
        var start = process.Time.Elapsed;

        var unknown = await Should.ThrowAsync<ExchangeErrorException>(() => process.Desk.PostAsync(SimulatedFixture.Market("doubt"), null));

        unknown.Error.Execution.ShouldBe(ExecutionStatus.Unknown);
        (process.Time.Elapsed - start).ShouldBe(TimeSpan.FromSeconds(30), Moment, "the truth is sought for as long as TotalTimeout allows");
        process.InDoubt.ShouldHaveSingleItem().ClientOrderId.ShouldBe("doubt");

        await process.PassAsync(TimeSpan.FromMinutes(6));
        process.SentBetween(start, start + TimeSpan.FromMinutes(3)).ShouldBe(0, "requests during the ban");
        process.Exchange.SentIntoHold.ShouldBeEmpty();
        process.InDoubt.ShouldBeEmpty();
        process.Settled.ShouldHaveSingleItem().Execution.ShouldBe(executed ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted);

        // The verdict waits for whoever sends the order again; nothing is doubled.
        using var again = await process.Desk.PostAsync(SimulatedFixture.Market("doubt"), null);
        again.IsSuccessStatusCode.ShouldBeTrue();
        process.Exchange.ExecutionsOf("doubt").Count.ShouldBe(1);
        ArrivalsOf(process, "doubt").Count.ShouldBe(executed ? 1 : 2);
    });

    [Fact]
    public Task A_ban_told_to_another_client_silences_a_search_under_way() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next(PlaceOrder, Fault.ExecutedTimeout);
        var start = process.Time.Elapsed;

        var order = Should.ThrowAsync<ExchangeErrorException>(() => process.Desk.PostAsync(SimulatedFixture.Market("doubt"), null));
        await Task.Delay(TimeSpan.FromSeconds(2), process.Time);
        process.Exchange.Faults.Next(AskPrice, Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false));
        using var banned = await process.Charts.GetAsync(Price);
        (await order).Error.Execution.ShouldBe(ExecutionStatus.Unknown);

        await process.PassAsync(TimeSpan.FromMinutes(6));
        process.SentBetween(start + TimeSpan.FromSeconds(2), start + TimeSpan.FromSeconds(2) + TimeSpan.FromMinutes(3)).ShouldBe(0);
        process.Exchange.SentIntoHold.ShouldBeEmpty();
        process.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
    }, exchange: options => options.QueryLag = TimeSpan.FromMinutes(1));

    [Fact]
    public Task A_measurement_of_the_clock_obeys_a_ban() => HoldsProcess.RunAsync(async process =>
    {
        await process.WarmUpAsync();
        process.Exchange.Clock.Step(TimeSpan.FromSeconds(7));
        process.Exchange.Faults.Next(AskTime, Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false));
        var start = process.Time.Elapsed;

        using var failed = await process.Desk.PostAsync(SimulatedFixture.Market("skewed"), null);
        failed.GetExchangeError().ShouldNotBeNull().Code.ShouldBe(-1021);
        var held = await HeldBackAsync(process, () => process.Desk.GetAsync(Balance));
        process.Time.Elapsed.ShouldBe(start);

        await process.PassAsync(held.RetryAt!.Value - process.Time.GetUtcNow());
        await SucceedsAsync(process, HttpMethod.Post, SimulatedFixture.Market("skewed"));
        process.SentBetween(start, start + TimeSpan.FromMinutes(3)).ShouldBe(0);
        process.Exchange.SentIntoHold.ShouldBeEmpty();
    });

    private static void Patient(ExchangeErrorHandlingOptions options) => (options.TotalTimeout, options.MaxWait) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

    private static void SlowOverload(ExchangeErrorHandlingOptions options) =>
        options.Policies["-1008"] = new ErrorPolicy { BaseDelay = TimeSpan.FromSeconds(3), MaxDelay = TimeSpan.FromSeconds(4) };

    private static async Task SucceedsAsync(HoldsProcess process, HttpMethod method, string target)
    {
        using var request = new HttpRequestMessage(method, target);
        using var reply = await process.Desk.SendAsync(request);
        (await reply.Content.ReadAsStringAsync(), reply.IsSuccessStatusCode).ShouldSatisfyAllConditions(seen => seen.IsSuccessStatusCode.ShouldBeTrue(seen.Item1));
    }

    /// <summary>Another client has just been told to wait.</summary>
    private static async Task HoldAsync(HoldsProcess process, TimeSpan length)
    {
        await process.WarmUpAsync();
        process.Exchange.Faults.Next("GET /fapi/v1/premiumIndex", Fault.TooManyRequests(length));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fapi/v1/premiumIndex");
        using var stop = new CancellationTokenSource(Moment, process.Time);
        try
        {
            (await process.Fund.SendAsync(request, stop.Token)).Dispose();
        }
        catch (OperationCanceledException)
        {
            // It would have waited; what matters is that it was told.
        }
    }

    private static async Task<ExchangeError> HeldBackAsync(HoldsProcess process, Func<Task<HttpResponseMessage>> send)
    {
        var thrown = await Should.ThrowAsync<ExchangeErrorException>(send);
        thrown.Error.Name.ShouldBe("HELD_BACK");
        thrown.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        return thrown.Error;
    }

    private static List<TimeSpan> ArrivalsOf(HoldsProcess process, string id) =>
        [.. process.Exchange.SeenAt(PlaceOrder).Where(request => request.Parameters.GetValueOrDefault("newClientOrderId") == id).Select(request => request.Elapsed)];
}
