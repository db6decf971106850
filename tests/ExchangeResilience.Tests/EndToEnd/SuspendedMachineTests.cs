using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>A machine that was suspended: its wall clock and the exchange have gone on, its monotonic clock stood still.</summary>
public sealed class SuspendedMachineTests
{
    private const string AskPrice = "GET /fapi/v1/ticker/price";
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    // A second and a little chance, so that processes part.
    private static readonly TimeSpan Widest = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string> Orders
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var order in (string[])["order", "batch", "amendment", "algo order", "order of a second"])
            {
                data.Add("back-off", order);
            }

            foreach (var wait in (string[])["hold", "journal", "signer", "in flight"])
            {
                data.Add(wait, "order");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task An_order_that_waited_meanwhile_does_not_leave(string wait, string order)
    {
        var signer = new Signer();
        var journal = new InMemoryOrderJournal(signer.Time);
        using var world = new SimulatedFixture(
            static options => options.MaxWait = TimeSpan.FromMilliseconds(1), builder => Add(builder, wait == "journal" ? journal : null, wait == "signer" ? signer : null), time: signer.Time);
        var sent = 0;

        var told = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "am");
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
            switch (wait)
            {
                case "back-off":
                    world.Exchange.Faults.Next(order switch { "batch" => "POST /fapi/v1/batchOrders", "amendment" => "PUT /fapi/v1/order", "algo order" => "POST /fapi/v1/algoOrder", _ => PlaceOrder }, Fault.Throttled);
                    sent = 1;
                    break;
                case "hold":
                    world.Exchange.Faults.Next(AskPrice, Fault.TooManyRequests(TimeSpan.FromSeconds(2)).WithHeader("X-MBX-USED-WEIGHT-1M", "5"));
                    (await world.Http.GetAsync(Price)).Dispose();
                    break;
                case "journal":
                    journal.WriteDelay = TimeSpan.FromSeconds(2);
                    break;
                case "signer":
                    signer.Suspends = true;
                    break;
                default:
                    world.Exchange.Options.Latency = TimeSpan.FromSeconds(1);
                    sent = 1;
                    break;
            }

            var before = world.Exchange.Requests.Count;
            var call = Told.HearAsync(world.Http.SendAsync(RequestOf(order)));
            if (wait != "signer")
            {
                await Task.Delay(Moment, world.Time);
                world.Time.StepWallClock(TenMinutes);
            }

            var answer = await call;
            world.Exchange.Requests.Skip(before).Count(static request => request.Method is "POST" or "PUT").ShouldBe(sent, "of the order, attempts that reached the exchange");
            return answer;
        });

        told.Error.ShouldNotBeNull().Name.ShouldBe(wait == "in flight" ? "INVALID_TIMESTAMP" : "TIME_SPENT");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.ExecutionsOf("late").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_that_may_have_worked_is_looked_for_all_the_same()
    {
        using var world = new SimulatedFixture(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(5));

        var told = await world.Time.RunAsync(async () =>
        {
            (await world.Http.GetAsync(Balance)).Dispose();
            world.Exchange.Faults.Next(PlaceOrder, Fault.ExecuteThenDrop);
            var call = Told.HearAsync(world.Http.SendAsync(RequestOf("order")));
            await Task.Delay(Moment, world.Time);
            world.Time.StepWallClock(TenMinutes);
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_the_caller_signed_does_not_leave_after_its_window()
    {
        var time = new ManualTimeProvider();
        using var exchange = new ScriptedExchange()
            .On(AskPrice, 429, "{\"code\":-1003,\"msg\":\"Too many requests.\"}", ("Retry-After", "1"), ("X-MBX-USED-WEIGHT-1M", "5"))
            .On(PlaceOrder, 200, "{\"orderId\":7,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"late\"}");
        using var client = new ProtectedClient(exchange, static options => options.MaxWait = TimeSpan.FromMilliseconds(1), time, signed: false);

        var told = await time.RunAsync(async () =>
        {
            (await client.Http.GetAsync(Price)).Dispose();
            using var request = RequestOf("order", FormattableString.Invariant($"&timestamp={time.GetUtcNow().ToUnixTimeMilliseconds()}&recvWindow=5000&signature=abc"));
            request.Headers.Add("X-MBX-APIKEY", "other");
            var call = Told.HearAsync(client.Http.SendAsync(request));
            await Task.Delay(Moment, time);
            time.StepWallClock(TenMinutes);
            return await call;
        });

        told.Error.ShouldNotBeNull().Name.ShouldBe("SIGNED_WINDOW_OVER");
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        exchange.SeenAt(PlaceOrder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("set back")]
    [InlineData("cancel")]
    public async Task A_wall_clock_that_is_set_back_says_nothing_and_a_cancel_leaves_all_the_same(string what)
    {
        using var world = new SimulatedFixture(static options => options.MaxWait = TimeSpan.FromSeconds(30));

        var told = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "am");
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
            world.Exchange.Faults.Next(what == "cancel" ? "DELETE /fapi/v1/order" : PlaceOrder, what == "cancel" ? Fault.TooManyRequests(TimeSpan.FromSeconds(2)).WithHeader("X-MBX-USED-WEIGHT-1M", "5") : Fault.Throttled);
            var call = Told.HearAsync(what == "cancel" ? world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=am") : world.Http.SendAsync(RequestOf("order")));
            await Task.Delay(Moment, world.Time);
            var step = what == "cancel" ? TenMinutes : -TenMinutes;
            world.Time.StepWallClock(step);
            world.Exchange.Clock.Step(-step);
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Theory]
    [InlineData("until and Retry-After", true)]
    [InlineData("until and Retry-After", false)]
    [InlineData("until", true)]
    public async Task A_ban_told_afterwards_is_not_held_for_the_length_of_the_sleep(string says, bool isSigned)
    {
        var time = new ManualTimeProvider();
        DateTimeOffset? until = null;
        using var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}"), Date()))
            .On("GET /fapi/v3/balance", _ => ScriptedExchange.Reply(200, "[]", Date()))
            .On("GET /fapi/v1/depth", _ =>
            {
                until = time.GetUtcNow() + TenMinutes;
                var body = FormattableString.Invariant($"{{\"code\":-1003,\"msg\":\"Way too many requests; IP banned until {until.Value.ToUnixTimeMilliseconds()}.\"}}");
                return says == "until" ? ScriptedExchange.Reply(418, body, Date()) : ScriptedExchange.Reply(418, body, Date(), ("Retry-After", "600"));
            })
            .On(AskPrice, _ => ScriptedExchange.Reply(200, "{}", Date()));
        using var client = new ProtectedClient(exchange, static options => options.MaxWait = TimeSpan.FromMilliseconds(1), time, isSigned);

        var told = await time.RunAsync(async () =>
        {
            (await client.Http.GetAsync(isSigned ? Balance : Price)).Dispose();
            await Task.Delay(TimeSpan.FromSeconds(30), time);
            time.StepWallClock(TimeSpan.FromHours(6));
            return await Told.HearAsync(client.Http.GetAsync("/fapi/v1/depth?symbol=BTCUSDT"));
        });

        told.Error.ShouldNotBeNull().RetryAfter.ShouldNotBeNull().ShouldBeInRange(TenMinutes, TenMinutes + Widest);

        (string, string) Date() => ("Date", time.GetUtcNow().ToString("r", CultureInfo.InvariantCulture));
    }

    private static HttpRequestMessage RequestOf(string order, string more = "") => order switch
    {
        "batch" => new(HttpMethod.Post, "/fapi/v1/batchOrders?batchOrders=" + Uri.EscapeDataString("[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"1\",\"newClientOrderId\":\"late\"}]")),
        "amendment" => new(HttpMethod.Put, "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=2&price=41000&origClientOrderId=am"),
        "algo order" => new(HttpMethod.Post, "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1&triggerPrice=60000&clientAlgoId=late"),
        "order of a second" => new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("late")).SetSendBefore(TimeSpan.FromSeconds(1)),
        _ => new(HttpMethod.Post, SimulatedFixture.Market("late", more: more)),
    };

    private static async Task PlaceAsync(SimulatedFixture world, string id)
    {
        using var response = await world.Http.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=40000&quantity=1&newClientOrderId={id}", null);
        response.IsSuccessStatusCode.ShouldBeTrue();
    }

    private static void Add(IHttpClientBuilder builder, IOrderJournal? journal, IExchangeSigner? signer)
    {
        if (journal is not null)
        {
            builder.Services.AddSingleton<IOrderJournal>(journal);
        }

        if (signer is not null)
        {
            builder.Services.PostConfigure<ExchangeSigningOptions>(builder.Name, keys => (keys.Secret, keys.Signer) = (null, signer));
        }
    }

    /// <summary>A signer during whose work the machine may be suspended.</summary>
    private sealed class Signer : IExchangeSigner
    {
        private readonly HmacSha256Signer _signer = new(new ExchangeSecret(SimulatedExchangeOptions.DefaultApiSecret));

        public ManualTimeProvider Time { get; } = new();

        public bool Suspends { get; set; }

        public string Sign(ReadOnlySpan<byte> payload)
        {
            if (Suspends)
            {
                Suspends = false;
                Time.StepWallClock(TenMinutes);
            }

            return _signer.Sign(payload);
        }
    }
}
