using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>One value says what became of a call: success, refusal, absence and unknown in the same shape, and nothing of the exchange or the wire is thrown.</summary>
public sealed partial class SendExchangeTests
{
    private const string Query = "/fapi/v1/openOrders?symbol=BTCUSDT";
    private const string BadSymbol = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}";

    [Fact]
    public async Task A_plain_success_is_executed_with_its_body_and_nothing_else()
    {
        using var world = new SimulatedFixture();

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a"))));

        (result.Execution, result.IsExecuted, result.IsNotExecuted, result.IsUnknown).ShouldBe((ExecutionStatus.Executed, true, false, false));
        result.Error.ShouldBeNull();
        result.Report.ShouldBeNull();
        result.Exception.ShouldBeNull();
        result.Items.ShouldBeEmpty();
        result.StatusCode.ShouldBe(HttpStatusCode.OK);
        result.Body.ShouldContain("\"clientOrderId\":\"a\"");
        result.ToString().ShouldBe("Executed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_is_not_executed_with_its_error_whether_it_is_thrown_or_returned(bool throwOnError)
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, BadSymbol), options => options.ThrowOnError = throwOnError, signed: false);

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.IsNotExecuted.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Is(ExchangeErrorCodes.BadSymbol).ShouldBeTrue();
        result.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        result.Report.ShouldNotBeNull().Attempts.ShouldBe(1);
        result.ToString().ShouldContain(result.Error.Advice);
        (result.Exception is not null).ShouldBe(throwOnError);
    }

    [Fact]
    public async Task An_order_whose_reply_was_lost_is_executed_with_the_order_as_the_exchange_shows_it()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a")), Shapes.Default.Order));

        result.IsExecuted.ShouldBeTrue();
        result.Error.ShouldBeNull();
        result.HasValue.ShouldBeTrue();
        result.Value!.ClientOrderId.ShouldBe("a");
        result.Report.ShouldNotBeNull().Evidence.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task An_order_proven_absent_is_not_executed_though_there_is_no_reply()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a")), Shapes.Default.Order));

        result.IsNotExecuted.ShouldBeTrue();
        result.HasValue.ShouldBeFalse();
        result.Value.ShouldBeNull();
        result.StatusCode.ShouldBeNull();
        result.Report.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        ExchangeErrorException.Find(result.Exception).ShouldNotBeNull();
    }

    [Fact]
    public async Task An_order_of_which_nothing_is_known_in_time_is_unknown()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static _ => Fault.Silence);

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a"))));

        result.IsUnknown.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Unknown);
        result.Report.ShouldNotBeNull().ClientOrderId.ShouldBe("a");
    }

    [Fact]
    public async Task Errors_below_a_handler_that_wraps_them_are_found()
    {
        using var client = new ProtectedClient(
            new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, BadSymbol),
            static options => options.ThrowOnError = true,
            signed: false,
            outer: static builder => builder.AddHttpMessageHandler(static () => new Wrapping()));

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.Error.ShouldNotBeNull().Code.ShouldBe(-1121);
        result.IsNotExecuted.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_handler_above_ends_without_a_word_of_the_middleware_is_unknown()
    {
        using var client = new ProtectedClient(new ScriptedExchange(), signed: false, outer: static builder => builder.AddHttpMessageHandler(static () => new Breaking()));

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.IsUnknown.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("NO_VERDICT");
        result.Exception.ShouldBeOfType<HttpRequestException>().Message.ShouldBe("broken above");
    }

    [Theory]
    [InlineData("{\"orderId\":1,\"clientOrderId\":7}")]
    [InlineData("{\"orderId\":1,")]
    [InlineData("null")]
    public async Task A_body_that_is_not_what_it_was_to_be_read_as_changes_nothing_of_the_outcome(string body)
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/order", 200, body), signed: false);

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, "/fapi/v1/order?symbol=BTCUSDT&orderId=1"), Shapes.Default.Order);

        result.IsExecuted.ShouldBeTrue();
        result.HasValue.ShouldBeFalse();
        result.Error.ShouldNotBeNull().Name.ShouldBe("BODY_UNREADABLE");
        result.Body.ShouldBe(body);
        result.Exception.ShouldBeAssignableTo<System.Text.Json.JsonException>();
    }

    [Fact]
    public async Task An_order_whose_body_a_converter_cannot_read_is_executed()
    {
        using var world = new SimulatedFixture();

        var result = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a")), Shapes.Default.Hostile));

        result.IsExecuted.ShouldBeTrue();
        result.HasValue.ShouldBeFalse();
        result.Error.ShouldNotBeNull().Advice.ShouldContain("Do not send an order again");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_body_that_breaks_off_changes_nothing_of_the_outcome()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", static _ => Streamed("[{\"orderId\":", hangs: false)), signed: false);

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.IsExecuted.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("BODY_UNREADABLE");
        result.Exception.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_reply_whose_content_the_program_has_made_and_cannot_read_is_a_body_that_cannot_be_read()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", static _ => new(HttpStatusCode.OK) { Content = new FaultyContent() }), signed: false);

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.IsExecuted.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("BODY_UNREADABLE");
        result.Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("the program's own");
    }

    [Fact]
    public async Task A_fault_of_the_programs_own_is_thrown_of_a_query_and_in_the_result_of_a_mutation_that_may_have_left()
    {
        using var client = new ProtectedClient(
            new ScriptedExchange().On("GET /fapi/v1/openOrders", 200, "[]").On("POST /fapi/v1/leverage", 200, "{\"symbol\":\"BTCUSDT\",\"leverage\":3,\"maxNotionalValue\":\"1\"}"), signed: false, outer: static builder => builder.AddHttpMessageHandler(static () => new Faulty()));

        (await Should.ThrowAsync<InvalidOperationException>(() => client.Http.SendExchangeAsync(new(HttpMethod.Get, Query)))).Message.ShouldBe("the program's own");
        var result = await client.Http.SendExchangeAsync(Post("/fapi/v1/leverage?symbol=BTCUSDT&leverage=3"));

        result.IsUnknown.ShouldBeTrue();
        result.Exception.ShouldBeOfType<InvalidOperationException>();
    }

    [Fact]
    public async Task A_body_that_never_ends_is_bounded_by_the_clients_timeout()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", static _ => Streamed("[", hangs: true)), signed: false);
        client.Http.Timeout = TimeSpan.FromMilliseconds(200);

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.IsExecuted.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("BODY_UNREADABLE");
    }

    [Fact]
    public async Task A_body_without_end_is_bounded_by_the_clients_buffer()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 200, new string('1', 1000)), signed: false);
        client.Http.MaxResponseContentBufferSize = 100;

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, Query));

        result.IsExecuted.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("BODY_UNREADABLE");
        result.Body.Length.ShouldBeLessThanOrEqualTo(100);
    }

    [Fact]
    public async Task A_timeout_of_the_client_is_no_cancellation_and_leaves_an_order_unknown()
    {
        using var world = new SimulatedFixture();
        world.Http.Timeout = TimeSpan.FromMilliseconds(300);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var result = await world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a")));

        result.IsUnknown.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("NO_VERDICT");
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_thrown_as_what_it_means_for_the_order()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var thrown = await world.Time.RunAsync(async () =>
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            return await Record.ExceptionAsync(() => world.Http.SendExchangeAsync(Post(SimulatedFixture.Market("a")), cancel.Token));
        });

        var cancelled = thrown.ShouldBeOfType<ExchangeOperationCanceledException>();
        (cancelled.Execution, cancelled.ClientOrderId).ShouldBe((ExecutionStatus.Unknown, "a"));
    }

    [Fact]
    public async Task The_callers_cancellation_of_a_query_is_thrown_as_any_other()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", static _ => Streamed("[", hangs: true)), signed: false);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<OperationCanceledException>(() => client.Http.SendExchangeAsync(new(HttpMethod.Get, Query), cancel.Token));
    }

    [Theory]
    [InlineData(200, "{\"orderId\":1}")]
    [InlineData(400, BadSymbol)]
    public async Task A_reply_of_a_client_without_the_middleware_means_nothing_certain_and_says_what_to_add(int status, string body)
    {
        using var http = new HttpClient(new ScriptedExchange().On("POST /fapi/v1/order", status, body)) { BaseAddress = new Uri("https://fapi.test") };

        var result = await http.SendExchangeAsync(Post("/fapi/v1/order?symbol=BTCUSDT"));

        result.IsUnknown.ShouldBeTrue();
        result.Error.ShouldNotBeNull().Name.ShouldBe("HANDLER_MISSING");
        result.Error.Message.ShouldBe("POST /fapi/v1/order");
        result.Error.Advice.ShouldContain("AddExchangeErrorHandling()");
        (result.StatusCode, result.Body).ShouldBe(((HttpStatusCode)status, body));
    }

    [Fact]
    public async Task A_lost_connection_of_a_client_without_the_middleware_is_unknown_too()
    {
        using var http = new HttpClient(new ScriptedExchange().OnLost("POST /fapi/v1/order", new HttpRequestException("gone"))) { BaseAddress = new Uri("https://fapi.test") };

        var result = await http.SendExchangeAsync(Post("/fapi/v1/order?symbol=BTCUSDT"));

        (result.IsUnknown, result.Error?.Name, result.Error?.Message).ShouldBe((true, "HANDLER_MISSING", "POST /fapi/v1/order"));
    }

    [Fact]
    public async Task Of_a_batch_each_item_says_what_became_of_it_and_the_whole_is_as_unknown_as_its_worst_item()
    {
        using var client = new ProtectedClient(
            new ScriptedExchange().On("POST /fapi/v1/batchOrders", 200, "[{\"orderId\":1,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a\"},{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}]"), signed: false);

        var result = await client.Http.SendExchangeAsync(Post(Batch.Of(Batch.Buy("a"), Batch.Buy("b"))));

        result.Execution.ShouldBe(ExecutionStatus.Executed);
        result.Items.Select(static item => item.Execution).ShouldBe([ExecutionStatus.Executed, ExecutionStatus.NotExecuted]);
        result.Items[0].Body.ShouldContain("\"clientOrderId\":\"a\"");
        result.Items[1].Error.ShouldNotBeNull().Is(ExchangeErrorCodes.MarginNotSufficien).ShouldBeTrue();
        result.Error.ShouldBe(result.Items[1].Error);
    }

    [Fact]
    public async Task A_message_that_was_sent_before_is_a_fault_of_the_program()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 200, "[]"), signed: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, Query);
        await client.Http.SendExchangeAsync(request);

        await Should.ThrowAsync<InvalidOperationException>(() => client.Http.SendExchangeAsync(request));
        await Should.ThrowAsync<ArgumentNullException>(() => client.Http.SendExchangeAsync(null!));
    }

    [Fact]
    public void A_test_of_a_program_makes_results_of_every_kind()
    {
        var error = new ExchangeError { Code = -2019, Name = "MARGIN_NOT_SUFFICIEN", Message = "", Category = ErrorCategory.InsufficientFunds, Execution = ExecutionStatus.NotExecuted, Advice = "Add margin." };

        new ExchangeResult(ExecutionStatus.Executed) { Body = "{}" }.Error.ShouldBeNull();
        new ExchangeResult(ExecutionStatus.NotExecuted) { Error = error }.Error.ShouldBe(error);
        new ExchangeResult(ExecutionStatus.Unknown).Error.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Unknown);
        new ExchangeResult<Order>(new ExchangeResult(ExecutionStatus.Executed), new Order(1, "a")).HasValue.ShouldBeTrue();
        new ExchangeResult<Order>(new ExchangeResult(ExecutionStatus.Executed)).HasValue.ShouldBeFalse();
    }

    private static HttpRequestMessage Post(string address) => new(HttpMethod.Post, address);

    private static HttpResponseMessage Streamed(string part, bool hangs) => new(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream(part, hangs)) { Headers = { { "Content-Type", "application/json" } } } };

    private sealed class Wrapping : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException failure)
            {
                throw new InvalidOperationException("wrapped", failure);
            }
        }
    }

    private sealed class Breaking : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new HttpRequestException("broken above");
    }

    private sealed class Faulty : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var reply = await base.SendAsync(request, cancellationToken);
            throw new InvalidOperationException("the program's own");
        }
    }

    private sealed class FaultyContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new InvalidOperationException("the program's own");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    internal sealed record Order(long OrderId, string ClientOrderId);

    [JsonConverter(typeof(HostileConverter))]
    internal sealed class Hostile;

    internal sealed class HostileConverter : JsonConverter<Hostile>
    {
        public override Hostile Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) => throw new OverflowException();

        public override void Write(System.Text.Json.Utf8JsonWriter writer, Hostile value, System.Text.Json.JsonSerializerOptions options) => throw new OverflowException();
    }

    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(Hostile))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    internal sealed partial class Shapes : JsonSerializerContext;
}
