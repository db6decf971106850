using System.Text.Json;

namespace ExchangeResilience.Testing.Tests.Streams;

/// <summary>The user data stream in memory, on manual time.</summary>
public sealed class UserDataStreamTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public UserDataStreamTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Fact]
    public async Task An_order_tells_of_all_that_becomes_of_it()
    {
        var events = await ListenAsync(async () =>
        {
            await _trader.PlaceMarketAsync("market");
            var order = (await _trader.PlaceLimitAsync("limit", quantity: "0.003")).Json.GetProperty("orderId").GetInt64();
            await _trader.SignedAsync(HttpMethod.Put, "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&origClientOrderId=limit&quantity=0.003&price=41000");
            _exchange.Fill(order, 0.001m);
            await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=limit");
            await _trader.PlaceLimitAsync("ioc", timeInForce: "IOC");
            await _trader.PlaceLimitAsync("gtx", price: "60000", timeInForce: "GTX");
        });

        events.Select(static told => $"{told.Text("c")} {told.Text("x")} {told.Text("X")} {told.Text("z")}").ShouldBe(
        [
            "market NEW NEW 0", "market TRADE FILLED 0.001",
            "limit NEW NEW 0", "limit AMENDMENT NEW 0", "limit TRADE PARTIALLY_FILLED 0.001", "limit CANCELED CANCELED 0.001",
            "ioc NEW NEW 0", "ioc EXPIRED EXPIRED 0",
        ]);
        events.ShouldAllBe(static told => told.Name == "ORDER_TRADE_UPDATE");
        events[1].Text("L").ShouldBe("50000");
    }

    [Fact]
    public async Task A_conditional_order_tells_of_its_trigger_and_of_the_order_that_came_of_it()
    {
        var events = await ListenAsync(async () =>
        {
            await PlaceStopAsync("a", "45000");
            await PlaceStopAsync("b", "44000");
            await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/algoOrder", "clientAlgoId=b");
            _exchange.SetPrice("BTCUSDT", 44_900m);
        });

        events.Select(static told => told.Name == "ALGO_UPDATE" ? $"{told.Text("caid")} {told.Text("X")}" : told.Text("x")).ShouldBe(["a NEW", "b NEW", "b CANCELED", "a TRIGGERING", "NEW", "TRADE", "a FINISHED"]);
        events[^1].Text("ai").ShouldBe(events[^2].Text("i"));
    }

    [Fact]
    public async Task An_order_accepted_late_is_told_when_it_is_though_nobody_asks()
    {
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.LateAccept(TimeSpan.FromSeconds(2)));
        using var gone = new CancellationTokenSource();

        var told = await _time.RunAsync(async () =>
        {
            await using var stream = _exchange.ReadUserDataAsync(await OpenAsync()).GetAsyncEnumerator();
            var lost = _trader.PlaceMarketAsync("late", cancellationToken: gone.Token);
            await stream.MoveNextAsync();
            await gone.CancelAsync();
            await Should.ThrowAsync<Exception>(() => lost);
            return Event.Of(stream.Current);
        });

        (told.Text("c"), told.Text("x")).ShouldBe(("late", "NEW"));
        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task An_event_travels_as_long_as_a_reply_and_comes_although_the_reply_is_lost()
    {
        _exchange.Options.Latency = TimeSpan.FromSeconds(1);
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);

        await _time.RunAsync(async () =>
        {
            await using var stream = _exchange.ReadUserDataAsync(await OpenAsync()).GetAsyncEnumerator();
            var before = _time.Elapsed;
            var lost = _trader.PlaceMarketAsync("lost");
            await stream.MoveNextAsync();
            (_time.Elapsed - before).ShouldBe(TimeSpan.FromSeconds(1));
            await Should.ThrowAsync<HttpRequestException>(() => lost);
        });
    }

    [Fact]
    public async Task A_stream_ends_with_its_key_an_hour_after_that_was_last_extended()
    {
        var events = new List<string>();
        await _time.RunAsync(async () =>
        {
            var stream = _exchange.ReadUserDataAsync(await OpenAsync());
            await Task.Delay(TimeSpan.FromMinutes(40), _time);
            await _trader.SendAsync(HttpMethod.Put, "/fapi/v1/listenKey", content: null);
            await foreach (var told in stream)
            {
                events.Add(Event.Of(told).Name);
            }
        });

        events.ShouldBe(["listenKeyExpired"]);
        _time.Elapsed.ShouldBe(TimeSpan.FromMinutes(100));
    }

    [Fact]
    public async Task A_key_that_is_closed_ends_its_streams_and_opens_no_more()
    {
        var key = await OpenAsync();
        var stream = _exchange.ReadUserDataAsync(key);
        await _trader.PlaceMarketAsync("before");
        await _trader.SendAsync(HttpMethod.Delete, "/fapi/v1/listenKey", content: null);
        await _trader.PlaceMarketAsync("after");

        (await ReadAsync(stream)).Select(static told => told.Text("c")).Distinct().ShouldBe(["before"]);
        Should.Throw<ArgumentException>(() => _exchange.ReadUserDataAsync(key));
    }

    [Fact]
    public async Task Nobody_hears_of_another_account()
    {
        var options = new SimulatedExchangeOptions { ApiKeys = { new SimulatedApiKey("other", "secret", "other") } };
        var exchange = new SimulatedExchange(options, _time);
        using var mine = new Trader(exchange, _time);
        using var other = new Trader(exchange, _time) { Key = "other", Secret = "secret" };
        var stream = exchange.ReadUserDataAsync((await mine.SendAsync(HttpMethod.Post, "/fapi/v1/listenKey", content: null)).Text("listenKey"));

        await other.PlaceMarketAsync("theirs");
        await mine.PlaceMarketAsync("mine");
        await mine.SendAsync(HttpMethod.Delete, "/fapi/v1/listenKey", content: null);

        (await ReadAsync(stream)).Select(static told => told.Text("c")).Distinct().ShouldBe(["mine"]);
    }

    private static async Task<List<Event>> ReadAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> stream)
    {
        var events = new List<Event>();
        await foreach (var told in stream)
        {
            events.Add(Event.Of(told));
        }

        return events;
    }

    private async Task<string> OpenAsync() => (await _trader.SendAsync(HttpMethod.Post, "/fapi/v1/listenKey", content: null)).Text("listenKey");

    private async Task<List<Event>> ListenAsync(Func<Task> act)
    {
        var stream = _exchange.ReadUserDataAsync(await OpenAsync());
        await act();
        await _trader.SendAsync(HttpMethod.Delete, "/fapi/v1/listenKey", content: null);
        return await ReadAsync(stream);
    }

    private async Task PlaceStopAsync(string id, string trigger) => (await _trader.SignedAsync(
        HttpMethod.Post, "/fapi/v1/algoOrder", $"algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.001&triggerPrice={trigger}&clientAlgoId={id}")).ShouldBeOk();

    private sealed record Event(string Name, JsonElement Json)
    {
        public static Event Of(ReadOnlyMemory<byte> payload)
        {
            var json = JsonSerializer.Deserialize<JsonElement>(payload.Span);
            return new Event(json.GetProperty("e").GetString()!, json);
        }

        public string Text(string name) => Json.GetProperty("o").GetProperty(name).ToString();
    }
}
