using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>What one request sets for itself holds for it and for no other.</summary>
public sealed class PerRequestTests
{
    private const string Query = "/fapi/v1/openOrders?symbol=BTCUSDT";
    private const string BadSymbol = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_chooses_whether_its_known_error_is_thrown(bool throws)
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, BadSymbol), options => options.ThrowOnError = !throws, signed: false);

        var own = await Told.HearAsync(client.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Query).SetThrowOnError(throws)));
        var other = await Told.HearAsync(client.Http.GetAsync(Query));

        (own.Thrown is not null, other.Thrown is not null).ShouldBe((throws, !throws));
        own.Error.ShouldNotBeNull().Code.ShouldBe(-1121);
    }

    [Fact]
    public async Task A_request_is_sought_for_as_long_as_it_says()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path == "/fapi/v1/order" ? Fault.Silence : null);

        var (own, took) = await world.Time.RunAsync(async () =>
        {
            var began = world.Time.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("a")).SetTotalTimeout(TimeSpan.FromSeconds(12));
            return (await world.Http.SendExchangeAsync(request), world.Time.GetElapsedTime(began));
        });

        own.IsUnknown.ShouldBeTrue();
        took.ShouldBeInRange(TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(14));
        own.Exception.ShouldNotBeNull().Message.ShouldContain("the same call again joins it");
        own.Exception.Message.ShouldStartWith("futures: POST /fapi/v1/order a: ");
    }

    [Fact]
    public async Task A_request_without_end_is_sought_for_as_any_other()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("a")).SetTotalTimeout(TimeSpan.MaxValue)));

        result.IsExecuted.ShouldBeTrue(result.ToString());
    }

    [Fact]
    public async Task A_row_of_its_own_holds_for_one_request_over_the_clients_rows()
    {
        var exchange = new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, BadSymbol);
        using var client = new ProtectedClient(exchange, static options => options.Policies["InvalidParameter"] = new ErrorPolicy { Action = RecoveryAction.FailFast }, signed: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, Query)
            .SetPolicy("-1121", new ErrorPolicy { Action = RecoveryAction.FailFast })
            .SetPolicy("-1121", new ErrorPolicy { Action = RecoveryAction.Retry, MaxAttempts = 3, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) });

        await client.Http.SendExchangeAsync(request);
        var own = exchange.SeenAt("GET /fapi/v1/openOrders").Count();
        await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        own.ShouldBe(3);
        exchange.SeenAt("GET /fapi/v1/openOrders").Count().ShouldBe(4);
    }

    [Fact]
    public async Task What_a_request_sets_is_kept_by_a_handler_that_copies_it()
    {
        using var client = new ProtectedClient(
            new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, BadSymbol), signed: false, outer: static builder => builder.AddHttpMessageHandler(static () => new Copying()));

        var told = await Told.HearAsync(client.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Query).SetThrowOnError(true)));

        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
    }

    [Fact]
    public async Task A_faulty_row_is_refused_with_its_fault()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 200, "[]"), signed: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, Query).SetPolicy("-1121x", new ErrorPolicy { Action = RecoveryAction.FailFast });

        (await Should.ThrowAsync<ArgumentException>(() => client.Http.SendExchangeAsync(request))).Message.ShouldContain("-1121x");
    }

    [Fact]
    public void A_time_that_is_none_is_refused()
    {
        using var request = new HttpRequestMessage();

        Should.Throw<ArgumentOutOfRangeException>(() => request.SetTotalTimeout(TimeSpan.Zero));
        Should.Throw<ArgumentException>(() => request.SetPolicy(" ", new ErrorPolicy()));
    }

    private sealed class Copying : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var copy = new HttpRequestMessage(request.Method, request.RequestUri);
            foreach (var (key, value) in request.Options)
            {
                ((IDictionary<string, object?>)copy.Options)[key] = value;
            }

            return base.SendAsync(copy, cancellationToken);
        }
    }
}
