using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>In which form a caller is given errors, reports and successes.</summary>
public sealed class DeliveryTests
{
    private const string MarginRefused = "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}";
    private const string Query = "/fapi/v1/openOrders?symbol=BTCUSDT";

    [Fact]
    public async Task A_known_error_is_returned_with_the_exchanges_own_words_and_their_meaning()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", ("X-Trace", "7")), signed: false);

        using var response = await client.Http.GetAsync(Query);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.GetValues("X-Trace").ShouldBe(["7"]);
        (await response.Content.ReadAsStringAsync()).ShouldBe("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var error = response.GetExchangeError().ShouldNotBeNull();
        (error.Code, error.Name, error.Message, error.StatusCode).ShouldBe((-1121, "BAD_SYMBOL", "Invalid symbol.", HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_known_error_is_thrown_where_that_is_wanted()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"), static options => options.ThrowOnError = true, signed: false);

        var thrown = await Should.ThrowAsync<ExchangeErrorException>(() => client.Http.GetAsync(Query));

        thrown.Error.Code.ShouldBe(-1121);
        thrown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        thrown.Report.ShouldNotBeNull().Attempts.ShouldBe(1);
        thrown.Message.ShouldContain("BAD_SYMBOL");
        thrown.Message.ShouldContain(thrown.Error.Advice);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Errors_of_a_batchs_items_never_throw(bool throwOnError)
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("POST /fapi/v1/batchOrders", 200, $"[{{\"orderId\":1}},{MarginRefused}]"), options => options.ThrowOnError = throwOnError, signed: false);

        using var response = await client.Http.PostAsync("/fapi/v1/batchOrders?batchOrders=%5B%5D", content: null);

        response.EnsureExchangeSuccess().ShouldBeSameAs(response);
        var errors = response.GetExchangeErrors();
        errors.Count.ShouldBe(2);
        errors[0].ShouldBeNull();
        errors[1].ShouldNotBeNull().Code.ShouldBe(-2019);
        response.GetExchangeError().ShouldBeNull();
    }

    [Fact]
    public async Task Ensuring_success_gives_a_success_back()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 200, "[]"), signed: false);

        using var response = await client.Http.GetAsync(Query);

        response.EnsureExchangeSuccess().ShouldBeSameAs(response);
        response.GetExchangeErrors().ShouldBeEmpty();
        response.GetRecoveryReport().ShouldBeNull();
    }

    [Fact]
    public async Task Ensuring_success_throws_the_classified_error_with_its_report()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"), signed: false);
        using var response = await client.Http.GetAsync(Query);

        var thrown = Should.Throw<ExchangeErrorException>(() => response.EnsureExchangeSuccess());

        thrown.Error.ShouldBe(response.GetExchangeError());
        thrown.Report.ShouldBeSameAs(response.GetRecoveryReport());
    }

    [Fact]
    public void Ensuring_success_of_a_response_nobody_classified_throws_as_the_platform_does()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.BadGateway);

        Should.Throw<HttpRequestException>(() => response.EnsureExchangeSuccess()).ShouldNotBeOfType<ExchangeErrorException>();
    }

    [Fact]
    public async Task A_rejection_with_a_reply_proven_later_is_returned_not_thrown()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(503, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Thrown.ShouldBeNull();
        told.Status.ShouldBe(503);
        told.Error.ShouldNotBeNull().Code.ShouldBe(-1007);
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Body.ShouldContain("-1007");
    }

    [Fact]
    public async Task The_report_tells_the_whole_story_with_its_times()
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Unavailable, Fault.ExecutedTimeout503);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        var report = told.Report.ShouldNotBeNull();
        (report.Operation, report.ClientOrderId, report.Attempts, report.Execution).ShouldBe(("POST /fapi/v1/order", "a", 2, ExecutionStatus.Executed));
        report.Elapsed.ShouldBe(world.Time.Elapsed);
        report.Steps.Select(static step => step.Kind).ShouldBe([RecoveryStepKind.Failed, RecoveryStepKind.Decided, RecoveryStepKind.Waited, RecoveryStepKind.Evidence, RecoveryStepKind.Failed, RecoveryStepKind.Decided, RecoveryStepKind.Evidence]);
        report.Steps.Select(static step => step.At).ShouldBeInOrder();
        var lines = report.ToString().Split('\n');
        lines.Length.ShouldBe(8);
        lines[0].ShouldBe(FormattableString.Invariant($"POST /fapi/v1/order a: Executed after 2 attempts in {report.Elapsed.TotalMilliseconds:0} ms"));
        lines[1].ShouldBe("        0 ms  attempt 1: -1008 THROTTLED (Overloaded, NotExecuted): Service Unavailable.".Replace("THROTTLED", ExchangeVenue.BinanceUsdFutures.Errors.Find(-1008)!.Name, StringComparison.Ordinal));
        lines[2].ShouldEndWith("ms, when the Host lane opens");
        lines[3].ShouldContain("at the gate");
        lines[4].ShouldContain("looked up before it was sent again: it is not there");
        lines[5].ShouldContain("attempt 2: -1007 TIMEOUT");
        lines[6].ShouldContain("asked what happened");
        lines[7].ShouldContain("Executed: the order was found");
    }

    [Fact]
    public async Task What_is_known_of_a_response_does_not_stand_on_the_request()
    {
        using var world = new SimulatedFixture();
        using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("a"));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecutedTimeout503);

        await world.Time.RunAsync(async () =>
        {
            using var response = await world.Http.SendAsync(request);
            response.GetRecoveryReport().ShouldNotBeNull();
            response.RequestMessage.ShouldBeSameAs(request);
        });

        ((IDictionary<string, object?>)request.Options).Values.ShouldNotContain(static value => value is ExchangeError || value is RecoveryReport);
    }

    [Fact]
    public async Task A_request_sent_twice_shows_each_response_its_own_story()
    {
        var twice = new Twice();
        using var client = new ProtectedClient(
            new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}").On("GET /fapi/v1/openOrders", 200, "[]"),
            signed: false,
            outer: builder => builder.AddHttpMessageHandler(() => twice));

        using var second = await client.Http.GetAsync(Query);

        second.GetExchangeError().ShouldBeNull();
        second.GetRecoveryReport().ShouldBeNull();
        twice.First!.GetExchangeError().ShouldNotBeNull().Code.ShouldBe(-1121);
    }

    [Fact]
    public void A_synchronous_send_is_not_supported()
    {
        using var client = new ProtectedClient(new ScriptedExchange().On("GET /fapi/v1/openOrders", 200, "[]"), signed: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, Query);

        Should.Throw<NotSupportedException>(() => client.Http.Send(request)).Message.ShouldContain("asynchronous");
    }

    [Fact]
    public async Task A_streamed_form_is_kept_and_can_be_sent_again()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Unavailable);
        using var content = new StreamContent(new OnceOnly("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a"u8.ToArray()));
        content.Headers.ContentType = new("application/x-www-form-urlencoded");

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync("/fapi/v1/order", content)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_content_too_large_to_keep_is_refused_unsent()
    {
        var exchange = new ScriptedExchange();
        using var client = new ProtectedClient(exchange, signed: false);
        using var content = new StreamContent(new MemoryStream(new byte[RequestPreparation.ContentLimit + 1]));

        var thrown = await Should.ThrowAsync<ExchangeErrorException>(() => client.Http.PostAsync("/fapi/v1/order", content));

        thrown.Error.Name.ShouldBe("CONTENT_NOT_REPEATABLE");
        thrown.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        exchange.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_content_that_breaks_while_it_is_read_is_refused_unsent_with_its_own_exception_inside()
    {
        using var world = new SimulatedFixture();
        using var content = new StreamContent(new Broken());

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync("/fapi/v1/order", content)));

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.NotExecuted, "CONTENT_NOT_REPEATABLE"));
        told.Thrown.ShouldNotBeNull().InnerException.ShouldNotBeNull().GetBaseException().ShouldBeOfType<IOException>();
        world.Exchange.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_content_that_never_ends_is_given_up_when_the_calls_time_is_over()
    {
        using var world = new SimulatedFixture();
        using var content = new StreamContent(new Endless());

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync("/fapi/v1/order", content)));

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.NotExecuted, "CONTENT_NOT_REPEATABLE"));
        world.Time.Elapsed.ShouldBe(TimeSpan.FromSeconds(30));
        world.Exchange.Requests.ShouldBeEmpty();
    }

    private sealed class Twice : DelegatingHandler
    {
        public HttpResponseMessage? First { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            First = await base.SendAsync(request, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class OnceOnly(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class Endless : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private sealed class Broken : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the file is gone");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => throw new IOException("the file is gone");
    }
}
