using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Absence that was proved is asked again later; where it turns out wrong, everybody hears of it.</summary>
public sealed class RecheckTests
{
    private static readonly TimeSpan Afterwards = TimeSpan.FromMinutes(12);

    [Theory]
    [InlineData(30, 1)]
    [InlineData(300, 1)]
    [InlineData(900, 0)]
    public async Task An_order_that_shows_up_after_it_was_proved_absent_is_told_to_everybody_once(int lagSeconds, int times)
    {
        using var world = new Rechecked(exchange: exchange => exchange.QueryLag = TimeSpan.FromSeconds(lagSeconds));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var told = await world.PlaceAsync();
        await world.WaitAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Contradictions.Count.ShouldBe(times);
        world.Contradictions.ShouldAllBe(static contradiction => contradiction.Order == new InDoubtOrder("BTCUSDT", "a", OperationKind.Place) && contradiction.OrderStatus == "FILLED");
        world.Log.Of("AbsenceContradicted").Count().ShouldBe(times);
        world.Log.Of("AbsenceContradicted").ShouldAllBe(static line => line.Level == LogLevel.Error);
        world.Measured["exchange.contradictions"].ShouldBe(times);
    }

    [Fact]
    public async Task Who_repeats_an_order_after_the_alarm_is_told_that_it_was_executed_and_nothing_is_sent()
    {
        using var world = new Rechecked(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(50));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        (await world.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await world.WaitAsync();
        var repeat = await world.PlaceAsync();

        world.Contradictions.ShouldNotBeEmpty();
        repeat.Execution.ShouldBe(ExecutionStatus.Executed, repeat.ToString());
        repeat.Body.ShouldContain("\"status\":\"FILLED\"");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_that_stays_absent_is_asked_for_after_one_and_ten_minutes_and_nothing_is_said()
    {
        using var world = new Rechecked();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        await world.PlaceAsync();
        var told = world.Time.Elapsed;
        await world.WaitAsync();

        world.Exchange.Seen(ExchangeLooks.LookAgain).Select(look => look.Elapsed - told).Where(static after => after > TimeSpan.Zero)
            .ShouldBe([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)]);
        world.ShouldBeSilent();
    }

    [Fact]
    public async Task The_times_can_be_configured()
    {
        using var world = new Rechecked(static options =>
        {
            options.Reconciliation.Rechecks.Clear();
            options.Reconciliation.Rechecks.Add(TimeSpan.FromMinutes(3));
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        await world.PlaceAsync();
        var told = world.Time.Elapsed;
        await world.WaitAsync();

        world.Exchange.Seen(ExchangeLooks.LookAgain).Select(look => look.Elapsed - told).Where(static after => after > TimeSpan.Zero).ShouldBe([TimeSpan.FromMinutes(3)]);
    }

    [Fact]
    public async Task The_applications_own_resend_of_the_id_is_no_contradiction()
    {
        using var world = new Rechecked();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        (await world.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (await world.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.WaitAsync();

        world.ShouldBeSilent();
    }

    [Fact]
    public async Task Our_own_resend_is_no_contradiction()
    {
        using var world = new Rechecked(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(20);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        (await world.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.WaitAsync();

        world.ShouldBeSilent();
    }

    [Fact]
    public async Task A_recheck_that_gets_no_answer_is_asked_again()
    {
        using var world = new Rechecked(
            static options =>
            {
                options.Reconciliation.Rechecks.Clear();
                options.Reconciliation.Rechecks.Add(TimeSpan.FromMinutes(1));
            },
            static exchange => exchange.QueryLag = TimeSpan.FromSeconds(30));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        await world.PlaceAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.HtmlReply(502), Fault.DropBeforeExecute);
        await world.WaitAsync();

        world.Contradictions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_amendment_that_shows_up_after_it_was_proved_absent_is_told_too()
    {
        using var world = new Rechecked();
        await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=a", content: null));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);

        // Neither the order nor its history shows the change before it is too late.
        var stale = new StaleAmendments(world.Time.GetUtcNow() + TimeSpan.FromSeconds(40), world.Time);
        world.Stale = stale;
        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=41000&origClientOrderId=a", content: null)));
        await world.WaitAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Contradictions.Count.ShouldBe(1);
        world.Contradictions.ShouldAllBe(static contradiction => contradiction.Order.Kind == OperationKind.Amend);
    }

    [Fact]
    public async Task An_amendment_that_stays_absent_is_no_contradiction()
    {
        using var world = new Rechecked();
        await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=a", content: null));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=41000&origClientOrderId=a", content: null)));
        var again = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=41000&origClientOrderId=a", content: null)));
        await world.WaitAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        again.Execution.ShouldBe(ExecutionStatus.Executed);
        world.ShouldBeSilent();
    }

    [Theory]
    [InlineData("BUY&quantity=0.002", 1)]
    [InlineData("SELL&quantity=0.001", 1)]
    [InlineData("BUY&quantity=0.002", 3)]
    public async Task Another_order_of_the_id_is_no_contradiction_of_an_operators_word(string terms, int secondsAfter)
    {
        using var world = new Rechecked();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        await world.Time.RunAsync(async () =>
        {
            var lost = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            world.InDoubt.Settle(world.InDoubt.List()[0], ExecutionStatus.NotExecuted, "desk", "no position").ShouldBeTrue();
            (await lost).Execution.ShouldBe(ExecutionStatus.NotExecuted);
            await Task.Delay(TimeSpan.FromSeconds(secondsAfter), world.Time);
            (await world.Http.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side={terms}&type=MARKET&newClientOrderId=a", content: null)).EnsureSuccessStatusCode();
        });
        await world.WaitAsync();

        world.ShouldBeSilent();
        (await world.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2, "that other order is not this one");
    }

    [Fact]
    public async Task An_amendment_sent_again_after_an_operators_word_is_no_contradiction()
    {
        using var world = new Rechecked();
        await world.Time.RunAsync(async () =>
        {
            await world.LoseAmendmentAsync(Fault.DropBeforeExecute);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.PutAsync(Rechecked.Amendment, content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
        });
        await world.WaitAsync();

        world.ShouldBeSilent();
    }

    [Fact]
    public async Task An_amendment_that_an_operator_denied_wrongly_is_a_contradiction_though_a_later_order_bears_the_id()
    {
        using var world = new Rechecked();
        await world.Time.RunAsync(async () =>
        {
            await world.LoseAmendmentAsync(Fault.ExecuteThenDrop);
            world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
            (await world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)).EnsureSuccessStatusCode();
        });
        await world.WaitAsync();

        world.Contradictions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_that_was_amended_before_it_shows_up_is_a_contradiction_still()
    {
        using var world = new Rechecked(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(50));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        const string terms = "symbol=BTCUSDT&side=BUY&quantity=0.001";

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync($"/fapi/v1/order?{terms}&type=LIMIT&timeInForce=GTC&price=40000&newClientOrderId=a", content: null)));
        var number = world.Exchange.ExecutionsOf("a").Single().OrderId;
        await world.Time.RunAsync(() => world.Http.PutAsync($"/fapi/v1/order?{terms}&price=41000&orderId={number}", content: null));
        await world.WaitAsync();

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Contradictions.Count.ShouldBe(1);
    }

    /// <summary>Shows an order as it was before an amendment, until a moment.</summary>
    private sealed class StaleAmendments(DateTimeOffset until, TimeProvider time)
    {
        public async Task<HttpResponseMessage> SeeAsync(HttpRequestMessage request, Func<Task<HttpResponseMessage>> send)
        {
            var response = await send();
            if (request.Method != HttpMethod.Get || time.GetUtcNow() >= until)
            {
                return response;
            }

            var body = await response.Content.ReadAsStringAsync();
            return request.RequestUri!.AbsolutePath switch
            {
                "/fapi/v1/order" => ScriptedExchange.Reply(200, body.Replace("\"41000\"", "\"40000\"", StringComparison.Ordinal)),
                "/fapi/v1/orderAmendment" => ScriptedExchange.Reply(200, "[]"),
                _ => response,
            };
        }
    }

    private sealed class Rechecked : IDisposable
    {
        private readonly ProtectedClient _client;

        public Rechecked(Action<ExchangeErrorHandlingOptions>? configure = null, Action<SimulatedExchangeOptions>? exchange = null)
        {
            var options = new SimulatedExchangeOptions();
            exchange?.Invoke(options);
            Exchange = new SimulatedExchange(options, Time);
            _client = new ProtectedClient(
                new Window(this) { InnerHandler = Exchange.CreateHandler() },
                handling =>
                {
                    handling.TrustedInnerHandlers.Add(typeof(Window).FullName!);
                    configure?.Invoke(handling);
                },
                Time,
                key: SimulatedExchangeOptions.DefaultApiKey,
                secret: SimulatedExchangeOptions.DefaultApiSecret,
                outer: builder => builder.Services.AddLogging(Log.Register));
            Measured = new Measured(_client);
            _client.Get<IInDoubtOrders>().AbsenceContradicted += (_, contradiction) => Contradictions.Add(contradiction);
        }

        public ManualTimeProvider Time { get; } = new();

        public SimulatedExchange Exchange { get; }

        public CollectedLog Log { get; } = new();

        public Measured Measured { get; }

        public List<AbsenceContradictedEventArgs> Contradictions { get; } = [];

        public StaleAmendments? Stale { get; set; }

        public HttpClient Http => _client.Http;

        public IInDoubtOrders InDoubt => _client.Get<IInDoubtOrders>();

        public Task<Told> PlaceAsync() => Time.RunAsync(() => Told.HearAsync(Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        public const string Amendment = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=41000&origClientOrderId=a";

        /// <summary>An order rests, the reply to its amendment is lost, and an operator says that it was not executed.</summary>
        public async Task LoseAmendmentAsync(Fault fault)
        {
            await Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=a", content: null);
            Exchange.Faults.Plan = FaultPlan.Custom(request => request.Method == "GET" && InDoubt.List().Count > 0 ? Fault.DropBeforeExecute : null);
            Exchange.Faults.Next(ExchangeLooks.Amend, fault);
            var lost = Told.HearAsync(Http.PutAsync(Amendment, content: null));
            await Task.Delay(TimeSpan.FromSeconds(1), Time);
            InDoubt.Settle(InDoubt.List()[0], ExecutionStatus.NotExecuted, "desk", "no change").ShouldBeTrue();
            (await lost).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        }

        public Task WaitAsync() => Time.RunAsync(() => Task.Delay(Afterwards, Time));

        public void ShouldBeSilent()
        {
            Contradictions.ShouldBeEmpty();
            Log.Of("AbsenceContradicted").ShouldBeEmpty();
            Measured["exchange.contradictions"].ShouldBe(0);
        }

        public void Dispose()
        {
            Measured.Dispose();
            _client.Dispose();
        }

        private sealed class Window(Rechecked world) : DelegatingHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
                world.Stale is { } stale ? stale.SeeAsync(request, () => base.SendAsync(request, cancellationToken)) : base.SendAsync(request, cancellationToken);
        }
    }
}
