using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>Whatever a handler above makes of a call, its result says what became of the request.</summary>
public sealed class AnsweredAboveTests
{
    private const string Cancel = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=none";
    private const string Placing = "POST /fapi/v1/order";

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(400)]
    [InlineData(302)]
    public async Task What_never_left_because_a_handler_above_answered_it_is_not_executed(int status)
    {
        using var world = Below((_, _, _) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)));

        foreach (var (method, address) in new[] { (HttpMethod.Post, SimulatedFixture.Market("a")), (HttpMethod.Delete, Cancel), (HttpMethod.Get, "/fapi/v3/balance") })
        {
            var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(method, address)));

            (result.Execution, (int?)result.StatusCode).ShouldBe((ExecutionStatus.NotExecuted, status), address);
            result.Error.ShouldNotBeNull().Name.ShouldBe("ANSWERED_ABOVE");
        }

        world.Exchange.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("POST", "/fapi/v1/order?symbol=NOPE&side=BUY&type=MARKET&quantity=1&newClientOrderId=a", -1121)]
    [InlineData("DELETE", Cancel, -2011)]
    public async Task A_copy_of_a_refusal_is_that_refusal(string method, string address, int code)
    {
        using var world = Below(CopyAsync);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(new HttpMethod(method), address)));

        result.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        result.Error.ShouldNotBeNull().Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_copy_of_a_batchs_reply_tells_of_each_item()
    {
        using var world = Below(CopyAsync);
        var orders = Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001"},{"symbol":"NOPE","side":"BUY","type":"MARKET","quantity":"1","newClientOrderId":"b"}]""");

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, $"/fapi/v1/batchOrders?batchOrders={orders}")));

        result.Items.Select(static item => item.Execution).ShouldBe([ExecutionStatus.Executed, ExecutionStatus.NotExecuted]);
        result.Error.ShouldNotBeNull().Code.ShouldBe(-1121);
    }

    [Theory]
    [InlineData(true, ExecutionStatus.Executed)]
    [InlineData(false, ExecutionStatus.Unknown)]
    public async Task A_failure_in_place_of_what_is_known_or_in_doubt_denies_nothing(bool isFound, ExecutionStatus execution)
    {
        using var world = Below(static async (next, request, cancellation) =>
        {
            try
            {
                (await next(request, cancellation)).Dispose();
            }
            catch (ExchangeErrorException)
            {
            }

            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        });
        LoseReplies(world, isFound);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));

        result.Execution.ShouldBe(execution);
        result.Error.ShouldNotBeNull().Name.ShouldBe("ANSWERED_ABOVE");
    }

    [Fact]
    public async Task An_exception_of_a_handler_above_hides_no_order_that_may_have_been_executed()
    {
        using var world = Below(static async (next, request, cancellation) =>
        {
            try
            {
                return await next(request, cancellation);
            }
            catch (ExchangeErrorException)
            {
                // It says nothing of the order.
            }

            throw new InvalidOperationException("of the handler above");
        });
        LoseReplies(world, isFound: false);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));

        result.IsUnknown.ShouldBeTrue();
        result.Exception.ShouldBeOfType<InvalidOperationException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_cancels_while_a_handler_above_waits_is_told_that_nothing_took_effect(bool wasRefused)
    {
        var time = new ManualTimeProvider();
        using var world = Below(
            async (next, request, cancellation) =>
            {
                if (wasRefused)
                {
                    (await next(request, cancellation)).Dispose();
                }

                await Task.Delay(TimeSpan.FromMinutes(1), time, cancellation);
                return await next(request, cancellation);
            },
            time);
        world.Exchange.Faults.Next(Placing, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));
        using var gone = new CancellationTokenSource(TimeSpan.FromSeconds(20), time);

        var heard = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null, gone.Token)));

        var told = ExchangeOperationCanceledException.Find(heard.Thrown).ShouldNotBeNull();
        (told.Execution, told.ClientOrderId).ShouldBe((ExecutionStatus.NotExecuted, "a"));
    }

    private static void LoseReplies(SimulatedFixture world, bool isFound)
    {
        world.Exchange.Faults.Next(Placing, Fault.ExecuteThenDrop);
        if (!isFound)
        {
            world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path.EndsWith("rder", StringComparison.Ordinal) || context.Path.EndsWith("rders", StringComparison.Ordinal) ? Fault.Silence : null);
        }
    }

    private static async Task<HttpResponseMessage> CopyAsync(Send next, HttpRequestMessage request, CancellationToken cancellation)
    {
        using var reply = await next(request, cancellation);
        return new HttpResponseMessage(reply.StatusCode) { Content = new ByteArrayContent(await reply.Content.ReadAsByteArrayAsync(cancellation)) };
    }

    private static SimulatedFixture Below(Func<Send, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> above, ManualTimeProvider? time = null) =>
        new(outer: builder => builder.AddHttpMessageHandler(() => new Above(above)), time: time);

    private delegate Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellationToken);

    private sealed class Above(Func<Send, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> above) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => above(base.SendAsync, request, cancellationToken);
    }
}
