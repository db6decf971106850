using System.Globalization;
using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Handling;

/// <summary>A refusal that says "wait" binds from its head on, whatever becomes of its body.</summary>
public sealed class BrokenRefusalTests
{
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";
    private const string AskPrice = "GET /fapi/v1/ticker/price";
    private const string AskBook = "GET /fapi/v1/ticker/bookTicker";

    [Theory]
    [InlineData(418, false)]
    [InlineData(418, true)]
    [InlineData(429, false)]
    [InlineData(429, true)]
    public async Task A_refusal_whose_body_does_not_come_is_a_hold_all_the_same(int status, bool hangs)
    {
        using var world = new World(status, "{\"code\":-10", hangs, retryAfter: 120);

        var first = await world.AskAsync();
        var second = await world.AskAsync();

        first.Status.ShouldBe(status);
        first.Error.ShouldNotBeNull().Category.ShouldBe(ErrorCategory.RateLimited);
        first.Error.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromSeconds(100));
        second.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        world.Exchange.SeenAt(AskPrice).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(418)]
    [InlineData(429)]
    public async Task While_the_body_of_a_refusal_is_awaited_nothing_else_leaves(int status)
    {
        using var world = new World(status, "{\"code\":-10", hangs: true, retryAfter: 120);

        var second = await world.Time.RunAsync(async () =>
        {
            var first = world.Client.Http.GetAsync(Price);
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var told = await Told.HearAsync(world.Client.Http.GetAsync(Price));
            world.Exchange.SeenAt(AskPrice).Count().ShouldBe(1);
            (await first).Dispose();
            return told;
        });

        second.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
    }

    [Fact]
    public async Task While_the_body_of_an_orders_429_is_awaited_no_other_order_leaves()
    {
        using var world = new World(429, "{\"code\":-10", hangs: true, retryAfter: 120);

        var (second, query) = await world.Time.RunAsync(async () =>
        {
            var first = Told.HearAsync(world.Client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var second = await Told.HearAsync(world.Client.Http.PostAsync(SimulatedFixture.Market("b"), content: null));
            world.Exchange.SeenAt(ExchangeLooks.Place).Count().ShouldBe(1);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            var query = await Told.HearAsync(world.Client.Http.GetAsync("/fapi/v1/exchangeInfo"));
            await first;
            return (second, query);
        });

        second.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        second.Error.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromSeconds(100));
        query.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK", "the order's 429 may mean the address, and no body has said that it does not");
    }

    [Fact]
    public async Task What_asks_while_the_body_of_an_orders_429_is_awaited_waits_for_what_it_says()
    {
        using var world = new World(429, "{\"code\":-1015,\"msg\":\"Too many new orders; current limit is 300 orders per TEN_SECONDS.\"}", hangs: false, retryAfter: 5, after: TimeSpan.FromMilliseconds(300));

        var (early, late) = await world.Time.RunAsync(async () =>
        {
            var order = Told.HearAsync(world.Client.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            var query = Told.HearAsync(world.Client.Http.GetAsync("/fapi/v1/ticker/bookTicker?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(450), world.Time);
            var early = world.Exchange.SeenAt(AskBook).Count();
            var late = await query;
            await order;
            return (early, late);
        });

        early.ShouldBe(0);
        late.Status.ShouldBe(200, "the body has said that only the account's orders are meant");
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_for_the_body_of_an_orders_429_leaves_the_address_held()
    {
        using var world = new World(429, "{\"code\":-10", hangs: true, retryAfter: 120);

        var query = await world.Time.RunAsync(async () =>
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500), world.Time);
            await Told.HearAsync(world.Client.Http.PostAsync(SimulatedFixture.Market("a"), content: null, stop.Token));
            return await Told.HearAsync(world.Client.Http.GetAsync("/fapi/v1/ticker/bookTicker?symbol=BTCUSDT"));
        });

        query.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        world.Exchange.SeenAt(AskBook).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("banned until {0}. Please", 1800)]
    [InlineData("banned until {0}", 120)]
    public async Task The_end_of_a_ban_counts_if_it_arrived_whole(string text, int seconds)
    {
        var start = new ManualTimeProvider().GetUtcNow();
        var until = start.AddSeconds(1800).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        using var world = new World(418, "{\"code\":-1003,\"msg\":\"" + string.Format(CultureInfo.InvariantCulture, text, until), hangs: false, retryAfter: null);

        var told = await world.AskAsync();

        (told.Error.ShouldNotBeNull().RetryAt.ShouldNotBeNull() - start).ShouldBeInRange(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds * 1.05));
    }

    [Theory]
    [InlineData(418)]
    [InlineData(429)]
    public async Task An_order_so_refused_is_in_doubt_and_no_question_is_asked_into_the_hold(int status)
    {
        using var world = new World(status, "{\"code\":-10", hangs: false, retryAfter: 300);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen[^1].Method.ShouldBe(HttpMethod.Post);
        world.Exchange.SeenAt(ExchangeLooks.Place).Count().ShouldBe(1);
    }

    private sealed class World : IDisposable
    {
        public World(int status, string part, bool hangs, int? retryAfter, TimeSpan? after = null)
        {
            HttpResponseMessage Refuse(SeenRequest request)
            {
                var reply = new HttpResponseMessage((HttpStatusCode)status) { Content = new StreamContent(after is { } late ? new LateStream(part, late, Time) : new BrokenStream(part, hangs)) };
                if (retryAfter is { } seconds)
                {
                    reply.Headers.TryAddWithoutValidation("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
                }

                return reply;
            }

            Exchange = new ScriptedExchange()
                .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{Time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
                .On("GET /fapi/v1/exchangeInfo", _ => ScriptedExchange.Reply(200, "{\"symbols\":[]}"))
                .On(AskBook, _ => ScriptedExchange.Reply(200, "{}"))
                .On(AskPrice, Refuse)
                .On(ExchangeLooks.Place, Refuse);
            Client = new ProtectedClient(Exchange, static options => options.MaxWait = TimeSpan.FromSeconds(1), Time);
        }

        public ManualTimeProvider Time { get; } = new();

        public ScriptedExchange Exchange { get; }

        public ProtectedClient Client { get; }

        public Task<Told> AskAsync() => Time.RunAsync(() => Told.HearAsync(Client.Http.GetAsync(Price)));

        public void Dispose() => Client.Dispose();
    }
}
