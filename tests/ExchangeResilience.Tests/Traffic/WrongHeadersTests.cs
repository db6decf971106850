using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using System.Globalization;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>A header is a word, and a single one may be wrong: what was measured, and the worse of what may be meant, count more.</summary>
public sealed class WrongHeadersTests
{
    private const string Depth = "/fapi/v1/depth";
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 20, TimeSpan.Zero);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // A second and a little chance, so that processes part.
    private static readonly TimeSpan Widest = TimeSpan.FromSeconds(11);

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(90)]
    [InlineData(3_600)]
    [InlineData(-30)]
    [InlineData(-3_600)]
    public async Task One_wrong_date_does_not_open_a_minute_of_a_measured_clock_early(int secondsAhead)
    {
        using var world = new HeaderWorld(new DateTimeOffset(2026, 3, 1, 12, 0, 2, TimeSpan.Zero), isPatient: true);
        await world.RunAsync(async () =>
        {
            await world.SpendAsync(40, static _ => HttpMethod.Get, static _ => "/fapi/v1/openOrders");
            world.WrongBy = TimeSpan.FromSeconds(secondsAhead);
            await world.SpendAsync(160, static _ => HttpMethod.Get, static _ => "/fapi/v1/openOrders", together: true);
        });

        world.Exchange.Requests.ShouldAllBe(static request => request.Status == 200);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(30)]
    [InlineData(-4)]
    public async Task Nor_ten_seconds_of_orders(int secondsAhead)
    {
        using var world = new HeaderWorld(new DateTimeOffset(2026, 3, 1, 12, 0, 2, TimeSpan.Zero), isPatient: true);
        await world.RunAsync(async () =>
        {
            await world.SpendAsync(40, static _ => HttpMethod.Post, static i => SimulatedFixture.Market($"a{i}"));
            world.WrongBy = TimeSpan.FromSeconds(secondsAhead);
            await world.SpendAsync(600, static _ => HttpMethod.Post, static i => SimulatedFixture.Market($"b{i}"), together: true);
        });

        world.Exchange.Requests.ShouldAllBe(static request => request.Status == 200);
        world.Exchange.Orders.Count.ShouldBeGreaterThan(600);
    }

    [Theory]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("Wed, 01 Jan 3000 00:00:00 GMT")]
    public async Task A_ban_is_kept_whatever_date_came_before_it(string date)
    {
        var time = new ManualTimeProvider(Start);
        var replies = 0;
        var exchange = new ScriptedExchange().On("GET /fapi/v1/ticker/price", _ =>
        {
            var reply = replies++ == 0 ? ScriptedExchange.Reply(200, "{}") : ScriptedExchange.Reply(418, "{\"code\":-1003,\"msg\":\"banned\"}");
            reply.Headers.TryAddWithoutValidation("Date", date);
            if (replies > 1)
            {
                reply.Headers.TryAddWithoutValidation("Retry-After", "120");
            }

            return reply;
        });
        using var client = new ProtectedClient(exchange, static options => options.MaxWait = TimeSpan.FromSeconds(1), time, signed: false);

        var told = await time.RunAsync(async () =>
        {
            (await Told.HearAsync(client.Http.GetAsync(Price))).Status.ShouldBe(200);
            (await Told.HearAsync(client.Http.GetAsync(Price))).Error.ShouldNotBeNull().Category.ShouldBe(ErrorCategory.RateLimited);
            await Task.Delay(TimeSpan.FromSeconds(100), time);
            return await Told.HearAsync(client.Http.GetAsync(Price));
        });

        told.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        replies.ShouldBe(2);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(30, false)]
    public async Task A_real_step_of_the_exchanges_clock_is_followed_by_measuring_anew(int seconds, bool isSigned)
    {
        using var world = new HeaderWorld(Start);
        await world.RunAsync(async () =>
        {
            await world.SpendAsync(1, static _ => HttpMethod.Get, static _ => "/fapi/v1/openOrders");
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
            world.Exchange.Clock.Step(TimeSpan.FromSeconds(seconds));
            for (var i = 0; i < 4; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
                await world.SpendAsync(1, static _ => HttpMethod.Get, _ => isSigned ? "/fapi/v1/openOrders" : Price);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
        });

        world.ClockOffset.TotalSeconds.ShouldBe(seconds, tolerance: 0.1);
    }

    [Theory]
    [InlineData(null, null, 0, 40)]
    [InlineData(null, null, 30, 40)]
    [InlineData(null, null, -120, 40)]
    [InlineData(90, null, 0, 90)]
    [InlineData(90, null, 60, 90)]
    [InlineData(90, null, -60, 90)]
    [InlineData(null, 300, 0, 300)]
    [InlineData(null, 300, 120, 300)]
    [InlineData(null, 300, -120, 300)]
    public async Task A_hold_ends_by_the_measured_clock_whatever_the_date_of_the_refusal(int? retryAt, int? bannedUntil, int secondsAhead, int expected)
    {
        using var world = new HeaderWorld(Start);
        var (status, text) = bannedUntil is { } until ? (418, FormattableString.Invariant($"banned until {Start.AddSeconds(until).ToUnixTimeMilliseconds()}")) : (429, "Too many requests.");

        var told = await world.RunAsync(async () =>
        {
            await world.SpendAsync(1, static _ => HttpMethod.Get, static _ => "/fapi/v1/openOrders");
            world.Refuse(status, text, secondsAhead, retryAt is { } seconds ? [Start.AddSeconds(seconds).ToString("r", CultureInfo.InvariantCulture)] : []);
            return await Told.HearAsync(world.Http.GetAsync($"{Depth}?symbol=BTCUSDT"));
        });

        told.Error.ShouldNotBeNull().RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(expected), TimeSpan.FromSeconds(expected) + Widest);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("5|90", 90)]
    [InlineData("90|5", 90)]
    [InlineData("90|90", 90)]
    [InlineData("90, 90", 90)]
    [InlineData("90.5", 90)]
    [InlineData("soon|90", 90)]
    [InlineData("Sun, 01 Mar 2026 12:01:50 GMT, 5", 90)]
    public async Task The_longest_wait_that_is_said_counts_however_often_it_is_said(string waits, int expected)
    {
        using var world = new HeaderWorld(Start);

        var told = await world.RunAsync(() =>
        {
            world.Refuse(429, "Too many requests.", 0, waits.Split('|'));
            return Told.HearAsync(world.Http.GetAsync($"{Depth}?symbol=BTCUSDT"));
        });

        told.Error.ShouldNotBeNull().RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(expected), TimeSpan.FromSeconds(expected) + Widest);
    }

    [Theory]
    [InlineData("2147483647")]
    [InlineData("2147483648")]
    [InlineData("99999999999")]
    [InlineData("99999999999999999999999999")]
    public async Task A_used_weight_that_cannot_be_holds_back_until_the_minute_ends(string used)
    {
        using var world = new HeaderWorld(Start);

        var told = await world.RunAsync(async () =>
        {
            world.Used = used;
            await world.Http.GetAsync(Price);
            world.Used = null;
            return await Told.HearAsync(world.Http.GetAsync(Price));
        });

        told.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        told.Error.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(39), TimeSpan.FromSeconds(41));
    }

    [Theory]
    [InlineData("300")]
    [InlineData("2147483648")]
    public async Task A_count_of_orders_that_cannot_be_holds_orders_back_until_the_window_ends(string used)
    {
        using var world = new HeaderWorld(Start.AddSeconds(3));

        var (first, second) = await world.RunAsync(async () =>
        {
            world.Used = used;
            var first = await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("first"), null));
            world.Used = null;
            return (first, await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("second"), null)));
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(ExecutionStatus.Executed);
        (world.Exchange.Orders[1].Time - world.Exchange.Orders[0].Time).ShouldBeInRange(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(8));
    }

    /// <summary>The simulated exchange, behind an edge that may change what it says.</summary>
    private sealed class HeaderWorld : IDisposable
    {
        private readonly SimulatedFixture _world;
        private HttpResponseMessage? _refusal;

        public HeaderWorld(DateTimeOffset start, bool isPatient = false) => _world = new SimulatedFixture(
            options => (options.TotalTimeout, options.SendBefore, options.MaxWait) = isPatient ? (5 * Minute, 5 * Minute, 5 * Minute) : (Minute, Minute, TimeSpan.FromSeconds(1)),
            exchange: static options => options.Latency = TimeSpan.FromMilliseconds(20),
            time: new ManualTimeProvider(start),
            wire: exchange => new Edge(exchange, this));

        public SimulatedExchange Exchange => _world.Exchange;

        public ManualTimeProvider Time => _world.Time;

        public HttpClient Http => _world.Http;

        public TimeSpan ClockOffset => _world.Client.Get<ExchangeStatus>().Clocks().Single().Offset;

        public TimeSpan WrongBy { get; set; }

        public string? Used { get; set; }

        public Task RunAsync(Func<Task> work) => Time.RunAsync(work, TimeSpan.FromMinutes(10));

        public Task<T> RunAsync<T>(Func<Task<T>> work) => Time.RunAsync(work, TimeSpan.FromMinutes(10));

        public async Task SpendAsync(int times, Func<int, HttpMethod> method, Func<int, string> target, bool together = false)
        {
            var calls = new List<Task<HttpResponseMessage>>();
            for (var i = 0; i < times; i++)
            {
                calls.Add(Http.SendAsync(new HttpRequestMessage(method(i), target(i))));
                if (!together)
                {
                    await calls[^1];
                }
            }

            await Task.WhenAll(calls);
        }

        public void Refuse(int status, string text, int secondsAhead, string[] retryAfter)
        {
            _refusal = new HttpResponseMessage((System.Net.HttpStatusCode)status) { Content = new StringContent($$"""{"code":-1003,"msg":"{{text}}"}""") };
            _refusal.Headers.Date = Time.GetUtcNow().AddSeconds(secondsAhead);
            _refusal.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        public void Dispose() => _world.Dispose();

        private async Task<HttpResponseMessage> AnswerAsync(HttpMessageInvoker exchange, HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_refusal is { } refusal && request.RequestUri!.AbsolutePath == Depth)
            {
                _refusal = null;
                return refusal;
            }

            var reply = await exchange.SendAsync(request, cancellationToken);
            if (WrongBy != TimeSpan.Zero && request.RequestUri!.AbsolutePath != "/fapi/v1/time")
            {
                reply.Headers.Date += WrongBy;
                WrongBy = TimeSpan.Zero;
            }

            if (Used is { } used)
            {
                var header = request.Method == HttpMethod.Post ? "X-MBX-ORDER-COUNT-10S" : "X-MBX-USED-WEIGHT-1M";
                reply.Headers.Remove(header);
                reply.Headers.TryAddWithoutValidation(header, used);
            }

            return reply;
        }

        private sealed class Edge(HttpMessageHandler exchange, HeaderWorld world) : HttpMessageHandler
        {
            private readonly HttpMessageInvoker _exchange = new(exchange);

            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => world.AnswerAsync(_exchange, request, cancellationToken);
        }
    }
}
