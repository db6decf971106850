using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>A handler of the host's, below this middleware, that does not heed its token.</summary>
public sealed class DeafHandlerTests
{
    [Fact]
    public async Task A_question_that_it_never_answers_does_not_end_the_search()
    {
        var deaf = new DeafToTheFirstQuestion();
        using var world = new SimulatedFixture(static options => options.TotalTimeout = TimeSpan.FromSeconds(20), wire: exchange => deaf.Above(exchange));

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), null))).Execution.ShouldBe(ExecutionStatus.Unknown);
            await Task.Delay(TimeSpan.FromMinutes(3), world.Time);
        }, TimeSpan.FromMinutes(5));

        deaf.WasAsked.ShouldBeTrue();
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_amendment_that_names_its_order_in_another_way_may_be_the_one_in_doubt()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            using var placed = await world.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000&newClientOrderId=a", null);
            var order = world.Exchange.Orders.ShouldHaveSingleItem().OrderId;
            world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.ExecuteThenDrop);
            world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Method == "GET" && request.Path.StartsWith("/fapi/v1/order", StringComparison.Ordinal) ? Fault.HtmlReply(502) : null);
            var first = Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.01&price=40100&origClientOrderId=a", null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            var same = await Told.HearAsync(world.Http.PutAsync(FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.01&price=40100&orderId={order}"), null));
            same.Execution.ShouldBe(ExecutionStatus.Unknown);
            same.Error.ShouldNotBeNull().Name.ShouldBe("AMENDMENT_UNDER_WAY");
            await first;
        });
    }

    private sealed class DeafToTheFirstQuestion : HttpMessageHandler
    {
        private HttpMessageInvoker? _exchange;

        public bool WasAsked { get; private set; }

        public DeafToTheFirstQuestion Above(HttpMessageHandler exchange)
        {
            _exchange = new HttpMessageInvoker(exchange);
            return this;
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!WasAsked && request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath == "/fapi/v1/order")
            {
                WasAsked = true;
                await new TaskCompletionSource().Task;
            }

            return await _exchange!.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _exchange?.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
