using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>A program whose requests bring their own keys, most of them once: what is remembered of a key goes when it says nothing any more.</summary>
public sealed class ManyKeysTests : IDisposable
{
    private const string Order = "/fapi/v1/order";
    private const string TooManyOrders = "{\"code\":-1015,\"msg\":\"Too many new orders.\"}";

    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedExchange _exchange = new();
    private readonly ProtectedClient _client;

    public ManyKeysTests() => _client = new ProtectedClient(_exchange, static options => options.AttemptTimeout = options.TotalTimeout = options.SendBefore = TimeSpan.FromSeconds(5), _time, signed: false);

    private IReadOnlyList<LaneSnapshot> Lanes => [.. _client.Get<ExchangeServices>().Traffic.Snapshot()];

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task The_lanes_of_keys_that_are_used_once_go_again()
    {
        _exchange.On($"DELETE {Order}", 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");

        await CancelUnderManyKeysAsync(1000);

        Lanes.Count.ShouldBeLessThan(100);
        Lanes.Select(static lane => lane.Lane).ShouldContain(TrafficLane.Ip);
    }

    [Fact]
    public async Task What_a_key_has_used_of_its_orders_is_counted_to_the_end_of_the_window_and_no_longer()
    {
        Answers(HttpStatusCode.OK, "{\"orderId\":1,\"clientOrderId\":\"a\",\"symbol\":\"BTCUSDT\"}");
        _exchange.On($"DELETE {Order}", 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
        await SendAsync(HttpMethod.Post, "spender");

        await CancelUnderManyKeysAsync(1000);
        LaneOf("spender").ShouldNotBeNull().Usage.ShouldAllBe(static window => window.Used == 1);

        await _time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), _time));
        await CancelUnderManyKeysAsync(1000);
        LaneOf("spender").ShouldBeNull();
    }

    [Fact]
    public async Task A_key_that_was_told_to_wait_waits_however_many_come_after_it_and_is_forgotten_a_minute_after()
    {
        _exchange.On($"POST {Order}", 429, TooManyOrders, ("Retry-After", "30"));
        _exchange.On($"DELETE {Order}", 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
        await SendAsync(HttpMethod.Post, "held");
        var sent = _exchange.SeenAt($"POST {Order}").Count();

        await CancelUnderManyKeysAsync(1000);

        (await SendAsync(HttpMethod.Post, "held")).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        _exchange.SeenAt($"POST {Order}").Count().ShouldBe(sent);
        LaneOf("held").ShouldNotBeNull().State.ShouldBe(LaneState.Held);

        await _time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(50), _time));
        await CancelUnderManyKeysAsync(1000);
        LaneOf("held").ShouldNotBeNull("the first after a hold goes alone");

        await _time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), _time));
        await CancelUnderManyKeysAsync(1000);
        LaneOf("held").ShouldBeNull();
    }

    [Fact]
    public async Task What_a_request_learns_that_was_out_meanwhile_is_not_lost()
    {
        var reply = new TaskCompletionSource<HttpResponseMessage>();
        _exchange.On($"POST {Order}", (_, _) => reply.Task).On($"DELETE {Order}", 400, "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}");
        await _time.RunAsync(async () =>
        {
            var order = HearAsync(HttpMethod.Post, "slow");
            for (var key = 0; key < 1000; key++)
            {
                await HearAsync(HttpMethod.Delete, $"key-{key}");
            }

            reply.SetResult(ScriptedExchange.Reply(429, TooManyOrders, ("Retry-After", "30")));
            await order;
            (await HearAsync(HttpMethod.Post, "slow")).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        });

        _exchange.SeenAt($"POST {Order}").Count().ShouldBe(1);
    }

    [Fact]
    public void Refusals_that_were_told_are_forgotten_once_they_may_be_told_again()
    {
        var notices = new RefusalLogThrottle();
        var traffic = _client.Get<ExchangeServices>().Traffic;
        var now = _time.GetUtcNow();
        bool IsNews(string account, DateTimeOffset at) =>
            notices.IsNews(traffic.OpenGate(new TrafficScope("live", "default", "fapi", account)), RefusalReason.OrdersSpent, at, at);

        IsNews("a", now).ShouldBeTrue();
        IsNews("a", now).ShouldBeFalse();
        for (var account = 0; account < 1000; account++)
        {
            IsNews($"{account}", now.AddMinutes(account)).ShouldBeTrue();
        }

        IsNews("a", now.AddMinutes(1000)).ShouldBeTrue();
        notices.Count.ShouldBeLessThan(100);
    }

    private LaneSnapshot? LaneOf(string key) => Lanes.SingleOrDefault(lane => lane.Lane == TrafficLane.Orders && lane.Scope == SigningCredentials.AccountOf(key));

    private void Answers(HttpStatusCode status, string body) => _exchange.On($"POST {Order}", (int)status, body);

    private Task CancelUnderManyKeysAsync(int keys) => _time.RunAsync(async () =>
    {
        for (var key = 0; key < keys; key++)
        {
            await HearAsync(HttpMethod.Delete, $"key-{key}");
        }
    });

    private Task<Told> SendAsync(HttpMethod method, string key) => _time.RunAsync(() => HearAsync(method, key));

    private async Task<Told> HearAsync(HttpMethod method, string key)
    {
        var signed = FormattableString.Invariant($"recvWindow=60000&timestamp={_time.GetUtcNow().ToUnixTimeMilliseconds()}&signature=x");
        using var request = new HttpRequestMessage(method, method == HttpMethod.Post
            ? $"{Order}?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a&{signed}"
            : $"{Order}?symbol=BTCUSDT&origClientOrderId=a&{signed}");
        request.Headers.Add("X-MBX-APIKEY", key);
        return await Told.HearAsync(_client.Http.SendAsync(request));
    }
}
