using System.Diagnostics;
using System.Diagnostics.Metrics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Connections that break, stall or lead astray, made of real sockets: each order reaches the exchange once, and its truth reaches the caller.</summary>
[Trait("Speed", "Slow")]
public sealed class LostReplyTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMilliseconds(250);

    public static TheoryData<string, bool> LostReplies => new()
    {
        { "FIN", true },
        { "FIN", false },
        { "RST", true },
        { "RST", false },
        { "half a body", true },
        { "silence", true },
        { "silence", false },
        { "a drip", true },
        { "HTML under 502", true },
        { "HTML under 502", false },
    };

    [Fact]
    public async Task The_transport_alone_sends_an_order_four_times_when_the_server_closes_before_its_first_byte()
    {
        await using var server = new RawServer(_ => RawAnswer.Fin);
        using var http = new HttpClient { BaseAddress = server.Address };

        await Should.ThrowAsync<HttpRequestException>(() => http.PostAsync(SimulatedFixture.Market("naive"), null));

        server.HeadsOf(PlaceOrder).Count.ShouldBeGreaterThan(1, "or this suite would prove nothing");
    }

    [Theory]
    [InlineData("FIN")]
    [InlineData("RST")]
    [InlineData("cut off with FIN")]
    [InlineData("cut off with RST")]
    [InlineData("silence")]
    [InlineData("silence within the body")]
    public async Task An_order_reaches_a_bare_socket_once_whatever_becomes_of_its_reply(string trouble)
    {
        const string Acknowledged = """{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"bare","status":"NEW"}""";
        await using var server = new RawServer(line => line switch
        {
            _ when line.StartsWith(AskTime, StringComparison.Ordinal) => RawAnswer.Json(200, $"{{\"serverTime\":{Now()}}}"),
            _ when line.StartsWith(PlaceOrder, StringComparison.Ordinal) => trouble switch
            {
                "FIN" => RawAnswer.Fin,
                "RST" => RawAnswer.Reset,
                "cut off with FIN" => RawAnswer.CutOff(200, Acknowledged, RawEnding.Fin),
                "cut off with RST" => RawAnswer.CutOff(200, Acknowledged, RawEnding.Reset),
                "silence" => new RawAnswer("", RawEnding.Silence),
                _ => RawAnswer.CutOff(200, Acknowledged, RawEnding.Silence),
            },
            _ when line.StartsWith(AskOrder, StringComparison.Ordinal) => RawAnswer.Json(200,
                $$"""{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"bare","status":"FILLED","side":"BUY","type":"MARKET","origQty":"0.001","time":{{Now()}}}"""),
            _ => RawAnswer.Json(404, """{"code":-5000,"msg":"Path is invalid"}"""),
        });
        await using var services = WireFixture.Build(server.Address, options => options.AttemptTimeout = AttemptTimeout, recvWindow: TimeSpan.FromSeconds(5));
        using var http = services.GetRequiredService<FuturesClient>().Http;

        using var response = await http.PostAsync(SimulatedFixture.Market("bare"), null);

        (await response.Content.ReadAsStringAsync()).ShouldContain("FILLED");
        response.GetRecoveryReport().ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
        server.HeadsOf(PlaceOrder).ShouldHaveSingleItem().ShouldContain("Content-Length: 0");

        static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    }

    [Theory]
    [InlineData("DELETE", "/fapi/v1/allOpenOrders?symbol=BTCUSDT", 3)]
    [InlineData("PUT", "/fapi/v1/batchOrders?batchOrders=[]", 1)]
    [InlineData("POST", "/fapi/v1/batchOrders?batchOrders=[]", 1)]
    [InlineData("POST", "/fapi/v1/positionMargin?symbol=BTCUSDT&amount=1&type=1", 1)]
    [InlineData("POST", "/fapi/v1/countdownCancelAll?symbol=BTCUSDT&countdownTime=1000", 1)]
    [InlineData("POST", "/fapi/v1/somethingNew?symbol=BTCUSDT", 1)]
    public async Task No_mutation_leaves_more_often_than_the_middleware_sends_it(string method, string target, int attempts)
    {
        await using var server = new RawServer(line =>
            line.StartsWith(AskTime, StringComparison.Ordinal) ? RawAnswer.Json(200, $"{{\"serverTime\":{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}")
            : line.StartsWith("GET", StringComparison.Ordinal) ? RawAnswer.Json(404, "{}")
            : RawAnswer.Fin);
        await using var services = WireFixture.Build(server.Address, options => options.Policies["Transport"] = new ErrorPolicy { BaseDelay = TimeSpan.FromMilliseconds(5) });
        using var http = services.GetRequiredService<FuturesClient>().Http;
        using var request = new HttpRequestMessage(new HttpMethod(method), target);

        var thrown = await Should.ThrowAsync<ExchangeErrorException>(() => http.SendAsync(request));

        thrown.Error.Execution.ShouldBe(ExecutionStatus.Unknown);
        server.HeadsOf($"{method} {target[..target.IndexOf('?', StringComparison.Ordinal)]}").Count.ShouldBe(attempts);
    }

    [Theory]
    [MemberData(nameof(LostReplies))]
    public async Task A_lost_reply_to_an_order_is_reconciled_to_the_truth(string lost, bool executed)
    {
        await using var world = await WireFixture.StartAsync(options => options.AttemptTimeout = AttemptTimeout);
        (await world.Http.GetAsync(Balance)).Dispose();
        world.Exchange.Faults.Next(PlaceOrder, (lost, executed) switch
        {
            ("FIN", true) => Fault.ExecuteThenFin,
            ("FIN", false) => Fault.FinBeforeExecute,
            ("RST", true) => Fault.ExecuteThenDrop,
            ("RST", false) => Fault.DropBeforeExecute,
            ("half a body", _) => Fault.HalfBody,
            ("silence", true) => Fault.Silence,
            ("silence", false) => Fault.SilenceBeforeExecute,
            ("a drip", _) => Fault.Drip(TimeSpan.FromMilliseconds(100)),
            _ => Fault.HtmlReply(502, executed),
        });
        var watch = Stopwatch.StartNew();

        if (executed)
        {
            using var response = await world.Http.PostAsync(SimulatedFixture.Market("lost"), null);
            await response.ShouldBeTheExchangesOrderAsync(world.Exchange, "lost");
            response.GetRecoveryReport().ShouldNotBeNull().Evidence.ShouldNotBeNullOrWhiteSpace();
        }
        else
        {
            var error = await NotExecutedAsync(() => world.Http.PostAsync(SimulatedFixture.Market("lost"), null));
            error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
            world.Exchange.ExecutionsOf("lost").ShouldBeEmpty();
            world.Exchange.SeenAt(AskOrder).Count.ShouldBeGreaterThanOrEqualTo(3);
        }

        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8), "whatever stalls ends with AttemptTimeout");
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_not_followed()
    {
        var elsewhere = new SimulatedExchange();
        await using var other = await elsewhere.ListenAsync();
        await using var world = await WireFixture.StartAsync();
        world.Exchange.Faults.Next(PlaceOrder, Fault.Redirect307($"{other.Address}fapi/v1/order"));
        world.Exchange.Faults.Next(AskBalance, Fault.Redirect307($"{other.Address}fapi/v3/balance"));

        using var asked = await world.Http.GetAsync(Balance);
        var error = await NotExecutedAsync(() => world.Http.PostAsync(SimulatedFixture.Market("led-astray"), null));

        ((int)asked.StatusCode).ShouldBe(307);
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        elsewhere.Requests.ShouldBeEmpty("neither key nor signature may leave for another host");
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_query_whose_reply_is_lost_is_asked_again(bool gracefully)
    {
        await using var world = await WireFixture.StartAsync(options => options.Policies["Transport"] = new ErrorPolicy { BaseDelay = TimeSpan.FromMilliseconds(5) });

        // A query has no content, so the transport itself asks up to four times after a FIN; the middleware must take it from there.
        Fault[] lost = gracefully ? [.. Enumerable.Repeat(Fault.FinBeforeExecute, 4)] : [Fault.DropBeforeExecute];
        world.Exchange.Faults.Next(AskBalance, lost);

        using var response = await world.Http.GetAsync(Balance);

        ((int)response.StatusCode).ShouldBe(200);
        world.Exchange.Faults.Pending.ShouldBe(0);
        response.GetRecoveryReport().ShouldNotBeNull().Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task An_order_that_finds_nobody_listening_is_not_executed_and_is_tried_within_its_time()
    {
        await using var services = WireFixture.Build(
            new Uri($"http://127.0.0.1:{WireFixture.FreePort()}"),
            options =>
            {
                options.SendBefore = TimeSpan.FromSeconds(1);
                options.Policies["Transport"] = new ErrorPolicy { BaseDelay = TimeSpan.FromMilliseconds(20) };
            });
        using var http = services.GetRequiredService<FuturesClient>().Http;

        var thrown = await Should.ThrowAsync<ExchangeErrorException>(() => http.PostAsync(SimulatedFixture.Market("refused"), null));

        thrown.Error.Name.ShouldBe("CONNECTION_REFUSED");
        thrown.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        thrown.Report.ShouldNotBeNull().Attempts.ShouldBe(4);
        thrown.Report.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_that_finds_nobody_listening_succeeds_as_soon_as_somebody_does()
    {
        var exchange = new SimulatedExchange();
        var port = WireFixture.FreePort();
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var services = WireFixture.Build(
            new Uri($"http://127.0.0.1:{port}"),
            options => options.Policies["Transport"] = new ErrorPolicy { MaxAttempts = 20, BaseDelay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromMilliseconds(100) },
            recvWindow: TimeSpan.FromSeconds(5));
        using var http = services.GetRequiredService<FuturesClient>().Http;
        using var meter = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "exchange.retries" && ReferenceEquals(instrument.Meter.Scope, services.GetRequiredService<IMeterFactory>()))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<long>((_, _, _, _) => refused.TrySetResult());
        meter.Start();

        var placing = http.PostAsync(SimulatedFixture.Market("early"), null);
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await using var server = await exchange.ListenAsync(port);
        using var response = await placing;

        await response.ShouldBePlainSuccessOfAsync(exchange, "early");
        response.GetRecoveryReport().ShouldNotBeNull().Attempts.ShouldBeGreaterThan(1);
        exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
        exchange.SeenAt(AskOrder).ShouldBeEmpty("a refused connection leaves no doubt");
    }

    /// <summary>The verdict, thrown where there is no reply to hang it on.</summary>
    private static async Task<ExchangeError> NotExecutedAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using var response = await send();
            return response.GetExchangeError().ShouldNotBeNull();
        }
        catch (ExchangeErrorException thrown)
        {
            return thrown.Error;
        }
    }
}
