using System.Diagnostics.Metrics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Clients;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ExchangeResilience.Tests.Handling;

/// <summary>New orders are stopped by a person; what closes or cancels passes.</summary>
public sealed class TradingHaltTests : IDisposable
{
    private readonly SimulatedFixture _world = new();

    private ITradingHalt Halt => _world.Client.Get<ITradingHalt>();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_stopped_order_never_leaves_and_says_so()
    {
        Halt.StopOrders("ann", "drill");

        var told = await PostAsync(SimulatedFixture.Market("a"));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        told.Error.Message.ShouldBe($"new orders are stopped by ann since {_world.Time.GetUtcNow():u} (drill)");
        _world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        Halt.Current.ShouldNotBeNull().Reason.ShouldBe("drill");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_program_that_ends_while_orders_are_stopped_says_that_the_next_start_trades(bool isStopped)
    {
        var log = new CollectedLog();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        log.Register(builder.Logging);
        builder.Services.AddHttpClient("futures").AddExchangeErrorHandling();
        using var host = builder.Build();
        await host.StartAsync();
        if (isStopped)
        {
            host.Services.GetRequiredService<ITradingHalt>().StopOrders("ann", "drill");
        }

        await host.StopAsync();

        log.Of("StopEnds").Select(static line => line.Text.Trim())
            .ShouldBe(isStopped ? ["The stop of new orders by ann (drill) ends with this program: the next start trades, unless it calls ITradingHalt.StopOrders itself"] : []);
    }

    [Fact]
    public async Task A_stop_that_replaces_anothers_says_whose_and_the_last_word_counts()
    {
        var log = new CollectedLog();
        using var world = new SimulatedFixture(outer: client => client.Services.AddLogging(log.Register));
        var halt = world.Client.Get<ITradingHalt>();
        halt.StopOrders("ana", "drill");
        halt.StopOrders("bob", "strange fills");
        halt.StopOrders("cem", "shift change");

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));
        var health = await Checked.ByAsync(world.Client.Get<IExchangeMonitor>());

        log.Of("OrdersStopped").Select(static line => line.Text.Trim()).ShouldBe(
        [
            "New orders are stopped by ana: drill. Cancels and closing orders pass",
            "New orders are stopped by bob: strange fills, which replaces the stop of ana (drill). Cancels and closing orders pass",
            "New orders are stopped by cem: shift change, which replaces the stop of bob (strange fills). Cancels and closing orders pass",
        ]);
        var words = $"new orders are stopped by cem since {world.Time.GetUtcNow():u} (shift change), which replaces the stop of bob (strange fills)";
        told.Error.ShouldNotBeNull().Message.ShouldBe(words);
        health.Description.ShouldNotBeNull().ShouldContain(words[1..]);
        halt.AllowOrders("ana", "done").ShouldBeTrue();
        halt.Current.ShouldBeNull();
        halt.StopOrders("ana", "again");
        log.Of("OrdersStopped").Last().Text.ShouldNotContain("replaces");
    }

    [Fact]
    public async Task An_order_that_was_stopped_may_leave_under_its_id_once_trading_goes_on()
    {
        var before = ReadGauge();
        Halt.StopOrders("ann", "drill");
        await PostAsync(SimulatedFixture.Market("a"));
        var meanwhile = ReadGauge();

        Halt.AllowOrders("ann", "over").ShouldBeTrue();
        Halt.AllowOrders("ann", "over").ShouldBeFalse();
        var told = await PostAsync(SimulatedFixture.Market("a"));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        _world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        (before, meanwhile, ReadGauge()).ShouldBe((": 0", ": 1", ": 0"));

        string ReadGauge() => Gauge.Read(_world.Client.Get<IMeterFactory>(), "exchange.orders.stopped");
    }

    [Fact]
    public async Task An_amendment_is_stopped_whatever_it_says_of_itself()
    {
        Halt.StopOrders("ann", "drill");

        var told = await _world.Time.RunAsync(() => Told.HearAsync(_world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=30000&origClientOrderId=a&reduceOnly=true", content: null)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        _world.Exchange.Seen("PUT /fapi/v1/order").ShouldBeEmpty();
    }

    [Fact]
    public async Task Closing_orders_cancels_settings_and_queries_pass()
    {
        await PostAsync(SimulatedFixture.Market("a"));
        await PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=b");
        Halt.StopOrders("ann", "drill");

        (await PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.001&reduceOnly=true&newClientOrderId=c")).Execution.ShouldBe(ExecutionStatus.Executed);
        (await PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=3")).Status.ShouldBe(200);
        (await AskAsync(() => _world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=b"))).Execution.ShouldBe(ExecutionStatus.Executed);
        (await AskAsync(() => _world.Http.GetAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=b"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Amendments_and_batches_with_an_order_that_opens_are_stopped()
    {
        await PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=b");
        Halt.StopOrders("ann", "drill");
        var seen = _world.Exchange.Requests.Count;

        (await AskAsync(() => _world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=41000&origClientOrderId=b", content: null))).Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        var batch = """[{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.001","reduceOnly":"true"},{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001"}]""";
        (await PostAsync($"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString(batch)}")).Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        _world.Exchange.Requests.Count.ShouldBe(seen);
    }

    [Theory]
    [InlineData("POST", "/dapi/v1/order?symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=1&newClientOrderId=a&timestamp=0", null)]
    [InlineData("PUT", "/papi/v1/um/order?symbol=BTCUSDT&quantity=1&origClientOrderId=a&timestamp=0", null)]
    [InlineData("POST", "/fapi/v1/convert/acceptQuote?quoteId=1&timestamp=0", null)]
    [InlineData("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timestamp=0&signature=aa")]
    [InlineData("POST", "/api/v3/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&signature=aa", null)]
    public async Task A_signed_change_on_an_unlisted_path_may_be_an_order_and_is_stopped(string method, string path, string? form)
    {
        Halt.StopOrders("ann", "drill");

        var told = await SendAsync(method, path, form);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        told.Error.Advice.ShouldContain("Endpoints");
        _world.Exchange.Requests.ShouldNotContain(request => request.Method == method);
    }

    [Theory]
    [InlineData("DELETE", "/dapi/v1/order?symbol=BTCUSD_PERP&origClientOrderId=a&timestamp=0")]
    [InlineData("GET", "/dapi/v1/order?symbol=BTCUSD_PERP&origClientOrderId=a&timestamp=0")]
    [InlineData("PUT", "/dapi/v1/listenKey")]
    public async Task Cancels_queries_and_unsigned_changes_on_unlisted_paths_pass(string method, string path)
    {
        Halt.StopOrders("ann", "drill");

        await SendAsync(method, path, form: null);

        _world.Exchange.Requests.ShouldContain(request => request.Method == method && path.StartsWith(request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_the_program_lists_as_a_setting_passes()
    {
        using var world = new SimulatedFixture(static options => options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Post, "/sapi/v1/asset/transfer", OperationKind.Setting)));
        world.Client.Get<ITradingHalt>().StopOrders("ann", "drill");

        await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync("/sapi/v1/asset/transfer?amount=1", content: null)));

        world.Exchange.Requests.ShouldContain(static request => request.Path == "/sapi/v1/asset/transfer");
    }

    [Fact]
    public async Task An_order_that_waits_at_the_gate_when_trading_is_stopped_does_not_leave()
    {
        _world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.TooManyRequests(TimeSpan.FromSeconds(1)));

        var told = await _world.Time.RunAsync(async () =>
        {
            var query = Told.HearAsync(_world.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(50), _world.Time);
            var order = Told.HearAsync(_world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(50), _world.Time);
            Halt.StopOrders("ann", "drill");
            await query;
            return await order;
        });

        told.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        _world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task Stopped_orders_use_up_nothing_that_a_closing_order_needs()
    {
        await PostAsync(SimulatedFixture.Market("a"));
        Halt.StopOrders("ann", "drill");
        for (var i = 0; i < 300; i++)
        {
            (await PostAsync(SimulatedFixture.Market($"stopped{i}"))).Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        }

        var began = _world.Time.Elapsed;
        var told = await PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.001&reduceOnly=true&newClientOrderId=close");

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        _world.Time.Elapsed.ShouldBe(began);
    }

    [Fact]
    public async Task An_order_lost_before_the_stop_is_still_found_out()
    {
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        _world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(2);

        var told = await _world.Time.RunAsync(async () =>
        {
            var order = Told.HearAsync(_world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), _world.Time);
            Halt.StopOrders("ann", "drill");
            return await order;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        _world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_only_observes_is_not_stopped()
    {
        using var observing = new SimulatedFixture(options => options.Mode = HandlingMode.Observe);
        observing.Client.Get<ITradingHalt>().StopOrders("ann", "drill");

        var told = await observing.Time.RunAsync(() => Told.HearAsync(observing.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("", "why")]
    [InlineData("ann", " ")]
    public void Who_and_why_are_needed(string by, string reason)
    {
        Should.Throw<ArgumentException>(() => Halt.StopOrders(by, reason));
        Should.Throw<ArgumentException>(() => Halt.AllowOrders(by, reason));
        Halt.Current.ShouldBeNull();
    }

    private Task<Told> PostAsync(string request) => AskAsync(() => _world.Http.PostAsync(request, content: null));

    private Task<Told> SendAsync(string method, string path, string? form) => AskAsync(() => _world.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)
    {
        Content = form is null ? null : new StringContent(form, System.Text.Encoding.ASCII, "application/x-www-form-urlencoded"),
    }));

    private Task<Told> AskAsync(Func<Task<HttpResponseMessage>> call) => _world.Time.RunAsync(() => Told.HearAsync(call()));
}
