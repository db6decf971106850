using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ExchangeResilience.Testing.Tests.Faults;

/// <summary>What a client sees of each fault: the same in memory and on a port.</summary>
public sealed class FaultTests : IAsyncDisposable
{
    private const string Order = "POST /fapi/v1/order";
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private SimulatedExchangeServer? _server;
    private Trader? _trader;

    public FaultTests() => _exchange = new SimulatedExchange(time: _time);

    public async ValueTask DisposeAsync()
    {
        _trader?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Without_faults_both_ways_serve_alike(bool onPort)
    {
        var trader = await ConnectAsync(onPort);

        (await trader.GetAsync("/fapi/v1/time")).Json.GetProperty("serverTime").GetInt64().ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
        var placed = await trader.PlaceMarketAsync("a-1");

        placed.ShouldBeOk();
        placed.Headers["Content-Type"].ShouldBe("application/json");
        placed.Headers["x-mbx-order-count-10s"].ShouldBe("1");
        placed.Headers["Date"].ShouldBe(_time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        (await trader.FindAsync("a-1")).ShouldBeOk();
        _exchange.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("POST /fapi/v1/oder", "did you mean 'POST /fapi/v1/order'?")]
    [InlineData("post /fapi/v1/order", "did you mean 'POST /fapi/v1/order'?")]
    [InlineData("POST /fapi/v1/order?symbol=BTCUSDT", "choose from GET /fapi/v1/ping, ")]
    [InlineData("POST /fapi/v7/*", "choose from GET /fapi/v1/ping, ")]
    public void A_fault_for_an_endpoint_that_is_not_served_is_refused_with_those_that_are(string endpoint, string remedy)
    {
        var refused = Should.Throw<ArgumentException>(() => _exchange.Faults.Next(endpoint, Fault.Silence));

        refused.Message.ShouldStartWith($"The simulated exchange does not serve '{endpoint}', and one of your own is named by Next(request => ..., faults); {remedy}");
        _exchange.Faults.Pending.ShouldBe(0);
    }

    public static TheoryData<bool, string, int, int, int> Replies()
    {
        var data = new TheoryData<bool, string, int, int, int>();
        foreach (var onPort in new[] { false, true })
        {
            data.Add(onPort, nameof(Fault.ExecutedTimeout), 408, -1007, 1);
            data.Add(onPort, nameof(Fault.ExecutedTimeout503), 503, -1007, 1);
            data.Add(onPort, nameof(Fault.ExecutedUnknown), 503, 0, 1);
            data.Add(onPort, nameof(Fault.ExecutedUnexpectedResponse), 503, -1006, 1);
            data.Add(onPort, nameof(Fault.Throttled), 503, -1008, 0);
            data.Add(onPort, nameof(Fault.Unavailable), 503, -1008, 0);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task A_made_up_reply_says_what_it_should_and_the_order_is_executed_or_not(bool onPort, string name, int status, int code, int executions)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Next(Order, (Fault)typeof(Fault).GetProperty(name)!.GetValue(null)!);

        var reply = await trader.PlaceMarketAsync("a-1");

        ((int)reply.Status, reply.Code).ShouldBe((status, code));
        _exchange.Orders.Count.ShouldBe(executions);
        var request = _exchange.Requests.ShouldHaveSingleItem();
        (request.Status, request.Code, request.Fault!.Name).ShouldBe((status, code, name));
    }

    [Fact]
    public async Task The_unknown_error_comes_without_a_code()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.ExecutedUnknown);

        var reply = await trader.PlaceMarketAsync("a-1");

        reply.Text("msg").ShouldBe("Unknown error, please check your request or try again later.");
        reply.Json.TryGetProperty("code", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_reset_connection_is_a_socket_error_to_the_client(bool onPort, bool executed)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Next(Order, executed ? Fault.ExecuteThenDrop : Fault.DropBeforeExecute);

        var failure = await Should.ThrowAsync<HttpRequestException>(() => trader.PlaceMarketAsync("a-1"));

        failure.HttpRequestError.ShouldBe(HttpRequestError.Unknown);
        failure.Message.ShouldBe("An error occurred while sending the request.");
        failure.InnerException.ShouldBeOfType<IOException>().InnerException.ShouldBeOfType<SocketException>().SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
        _exchange.Orders.Count.ShouldBe(executed ? 1 : 0);
        _exchange.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_connection_closed_in_good_order_is_an_early_end_to_the_client(bool onPort, bool executed)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Next(Order, executed ? Fault.ExecuteThenFin : Fault.FinBeforeExecute);

        var failure = await Should.ThrowAsync<HttpRequestException>(() => trader.PlaceMarketAsync("a-1"));

        failure.HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        failure.InnerException.ShouldBeOfType<HttpIOException>().HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        _exchange.Orders.Count.ShouldBe(executed ? 1 : 0);
        _exchange.Requests.Count.ShouldBe(1);
    }

    // The runtime itself sends a request without content again when the connection closes before the first byte: pinned here, since mutations must be sent so that it does not.
    [Theory]
    [InlineData(false, "POST", false, 4)]
    [InlineData(true, "POST", false, 4)]
    [InlineData(false, "POST", true, 1)]
    [InlineData(true, "POST", true, 1)]
    [InlineData(false, "DELETE", false, 4)]
    [InlineData(true, "DELETE", false, 4)]
    [InlineData(false, "GET", false, 4)]
    [InlineData(true, "GET", false, 4)]
    public async Task A_request_without_content_is_sent_four_times_when_the_connection_closes_early(bool onPort, string method, bool hasContent, int seen)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Plan = FaultPlan.Custom(_ => Fault.FinBeforeExecute);

        await Should.ThrowAsync<HttpRequestException>(() => trader.SendAsync(new HttpMethod(method), "/fapi/v1/order", hasContent ? new ByteArrayContent([]) : null));

        _exchange.Requests.Count.ShouldBe(seen);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_request_without_content_is_sent_once_when_the_connection_is_reset(bool onPort)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Plan = FaultPlan.Custom(_ => Fault.DropBeforeExecute);

        await Should.ThrowAsync<HttpRequestException>(() => trader.SendAsync(HttpMethod.Post, "/fapi/v1/order", content: null));

        _exchange.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Half_a_body_fails_the_reading_of_it(bool onPort)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Next(Order, Fault.HalfBody);

        var failure = await Should.ThrowAsync<HttpRequestException>(() => trader.PlaceMarketAsync("a-1"));

        failure.InnerException.ShouldBeOfType<HttpIOException>().HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        failure.StatusCode.ShouldBeNull();
        _exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Half_a_body_fails_in_the_stream_of_who_reads_it_himself(bool onPort)
    {
        await ConnectAsync(onPort);
        using var http = new HttpClient(onPort ? new SocketsHttpHandler() : _exchange.CreateHandler()) { BaseAddress = _server?.Address ?? SimulatedExchange.Address };
        _exchange.Faults.Next("GET /fapi/v1/exchangeInfo", Fault.HalfBody);

        using var response = await http.GetAsync("/fapi/v1/exchangeInfo", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        using var sink = new MemoryStream();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Should.ThrowAsync<HttpIOException>(() => stream.CopyToAsync(sink))).HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        sink.Length.ShouldBe(response.Content.Headers.ContentLength!.Value / 2);
    }

    [Fact]
    public async Task A_dripping_body_takes_its_length_in_seconds()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next("GET /fapi/v1/ping", Fault.Drip());

        var reply = await _time.RunAsync(() => trader.GetAsync("/fapi/v1/ping"));

        reply.Body.ShouldBe("{}");
        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_dripping_body_comes_byte_by_byte_on_a_port_as_manual_time_goes()
    {
        await ConnectAsync(onPort: true);
        using var http = new HttpClient { BaseAddress = _server!.Address };
        _exchange.Faults.Next("GET /fapi/v1/ping", Fault.Drip(TimeSpan.FromSeconds(3)));

        using var response = await http.GetAsync("/fapi/v1/ping", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[16];
        var first = stream.ReadAsync(buffer).AsTask();
        await ArmedAsync();
        first.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(3));

        (await first).ShouldBe(1);
        await ArmedAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        (await stream.ReadAsync(buffer)).ShouldBe(1);

        async Task ArmedAsync()
        {
            while (_time.ActiveTimers == 0)
            {
                await Task.Yield();
            }
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task Silence_lasts_until_the_client_gives_up(bool onPort, bool executed)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Next(Order, executed ? Fault.Silence : Fault.SilenceBeforeExecute);
        using var patience = new CancellationTokenSource();
        var sending = trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001", patience.Token);
        while (_exchange.Requests.Count == 0)
        {
            await Task.Yield();
        }

        sending.IsCompleted.ShouldBeFalse();
        await patience.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(() => sending)).CancellationToken.ShouldBe(patience.Token);
        _exchange.Orders.Count.ShouldBe(executed ? 1 : 0);
        (await trader.PlaceMarketAsync("next")).ShouldBeOk();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_server_being_disposed_or_not_the_next_request_works_after_each_fault(bool onPort)
    {
        var trader = await ConnectAsync(onPort);
        _exchange.Faults.Next(Order, Fault.ExecuteThenDrop, Fault.None, Fault.ExecuteThenFin, Fault.None, Fault.HalfBody);

        for (var i = 0; i < 6; i++)
        {
            if (i % 2 == 0 && i < 5)
            {
                await Should.ThrowAsync<HttpRequestException>(() => trader.PlaceMarketAsync("a"));
            }
            else
            {
                (await trader.PlaceMarketAsync("a")).ShouldBeOk();
            }
        }

        _exchange.Faults.Pending.ShouldBe(0);
        _exchange.ExecutionsOf("a").Count.ShouldBe(6);
    }

    [Theory]
    [InlineData(502, true)]
    [InlineData(504, false)]
    [InlineData(403, false)]
    public async Task A_page_of_html_may_hide_an_execution(int status, bool executed)
    {
        var trader = await ConnectAsync(onPort: true);
        _exchange.Faults.Next(Order, Fault.HtmlReply(status, executed));

        var reply = await trader.PlaceMarketAsync("a-1");

        (((int)reply.Status), reply.Headers["Content-Type"]).ShouldBe((status, "text/html"));
        reply.Body.ShouldStartWith("<html>");
        _exchange.Orders.Count.ShouldBe(executed ? 1 : 0);
    }

    [Fact]
    public async Task A_redirect_points_elsewhere()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.Redirect307("https://elsewhere.test/fapi/v1/order"));

        var reply = await trader.PlaceMarketAsync("a-1");

        (reply.Status, reply.Headers["Location"]).ShouldBe((HttpStatusCode.TemporaryRedirect, "https://elsewhere.test/fapi/v1/order"));
        _exchange.Orders.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4999, 0)]
    [InlineData(5000, 0)]
    [InlineData(5001, -5028)]
    public async Task A_late_request_is_executed_only_within_its_window(int late, int code)
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.LateAccept(TimeSpan.FromMilliseconds(late)));
        await Should.ThrowAsync<HttpRequestException>(() => trader.PlaceMarketAsync("a-1"));
        _exchange.Orders.ShouldBeEmpty();
        var due = _time.GetUtcNow().AddMilliseconds(late);

        _time.Advance(TimeSpan.FromSeconds(60));

        if (code == 0)
        {
            _exchange.ExecutionsOf("a-1").ShouldHaveSingleItem().Time.ShouldBe(due);
        }
        else
        {
            _exchange.Orders.ShouldBeEmpty();
        }

        _exchange.Requests.Single().Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_late_request_may_be_answered_with_a_timeout()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.LateAccept(TimeSpan.FromSeconds(1), Fault.ExecutedTimeout));

        (await trader.PlaceMarketAsync("a-1")).ShouldBeRefused(-1007, 408);
        (await trader.FindAsync("a-1")).ShouldBeRefused(-2013);
        _time.Advance(TimeSpan.FromSeconds(1));

        (await trader.FindAsync("a-1")).ShouldBeOk();
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, -5028)]
    public async Task A_slow_engine_answers_truly_after_its_delay(int seconds, int code)
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.SlowEngine(TimeSpan.FromSeconds(seconds)));

        var reply = await _time.RunAsync(() => trader.PlaceMarketAsync("a-1"));

        reply.Code.ShouldBe(code);
        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(seconds));
        _exchange.Orders.Count.ShouldBe(code == 0 ? 1 : 0);
    }

    [Theory]
    [InlineData(1000, "1")]
    [InlineData(1500, "2")]
    [InlineData(null, null)]
    public async Task A_429_asks_for_a_wait_and_who_does_not_listen_is_seen(int? milliseconds, string? header)
    {
        var trader = await ConnectAsync(onPort: true);
        _exchange.Faults.Next(Order, Fault.TooManyRequests(milliseconds is { } given ? TimeSpan.FromMilliseconds(given) : null));

        var refused = await trader.PlaceMarketAsync("a-1");

        refused.ShouldBeRefused(-1003, 429);
        refused.Headers.GetValueOrDefault("Retry-After").ShouldBe(header);
        (await trader.PlaceMarketAsync("a-1")).ShouldBeRefused(-1003, 429);
        _exchange.SentIntoHold.ShouldHaveSingleItem().Path.ShouldBe("/fapi/v1/order");
        _time.Advance(TimeSpan.FromMinutes(1));
        (await trader.PlaceMarketAsync("a-1")).ShouldBeOk();
        _exchange.SentIntoHold.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_Retry_After_of_nothing_means_the_rest_of_the_minute()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next("GET /fapi/v1/ping", Fault.TooManyRequests(TimeSpan.Zero));
        await trader.GetAsync("/fapi/v1/ping");

        _time.Advance(TimeSpan.FromSeconds(59));
        (await trader.GetAsync("/fapi/v1/ping")).ShouldBeRefused(-1003, 429);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await trader.GetAsync("/fapi/v1/ping")).ShouldBeOk();
    }

    [Fact]
    public async Task A_wait_that_is_not_enforced_is_only_counted()
    {
        _exchange.Options.EnforceRetryAfter = false;
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.TooManyRequests(TimeSpan.FromSeconds(1)));

        await trader.PlaceMarketAsync("a-1");

        (await trader.PlaceMarketAsync("a-1")).ShouldBeOk();
        _exchange.SentIntoHold.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ban_holds_until_it_ends(bool tells)
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next("GET /fapi/v1/time", Fault.Ban(TimeSpan.FromHours(1), tells));

        var banned = await trader.GetAsync("/fapi/v1/time");

        banned.ShouldBeRefused(-1003, 418);
        banned.Headers.GetValueOrDefault("Retry-After").ShouldBe(tells ? "3600" : null);
        banned.Text("msg").ShouldContain($"banned until {_time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()}.");
        _time.Advance(TimeSpan.FromMinutes(59));
        (await trader.PlaceMarketAsync("a-1")).ShouldBeRefused(-1003, 418);
        _time.Advance(TimeSpan.FromMinutes(1));
        (await trader.PlaceMarketAsync("a-1")).ShouldBeOk();
        _exchange.SentIntoHold.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_made_up_reply_does_not_hide_that_the_gate_refused()
    {
        var trader = await ConnectAsync(onPort: false);
        trader.Skew = TimeSpan.FromSeconds(9);
        _exchange.Faults.Next(Order, Fault.ExecutedTimeout);

        (await trader.PlaceMarketAsync("a-1")).ShouldBeRefused(-1021);
    }

    [Fact]
    public async Task What_the_engine_refused_is_hidden_by_a_made_up_reply()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Next(Order, Fault.ExecutedTimeout);

        (await trader.PlaceLimitAsync("a-1", timeInForce: "FOK")).ShouldBeRefused(-1007, 408);

        _exchange.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Faults_queue_by_endpoint_prefix_or_any_condition_before_the_plan()
    {
        var trader = await ConnectAsync(onPort: false);
        _exchange.Faults.Plan = FaultPlan.Custom(request => request.Path == "/fapi/v1/ping" ? Fault.RefuseWithCode(500, -1001, "plan") : null);
        _exchange.Faults
            .Next("GET /fapi/*", Fault.RefuseWithCode(500, -1001, "prefix"))
            .Next(request => request.ClientOrderId == "b" && request.Attempt == 2, Fault.RefuseWithCode(400, -2010, "second of b").WithHeader("X-Mark", "7"));

        (await trader.GetAsync("/fapi/v1/ping")).Text("msg").ShouldBe("prefix");
        (await trader.GetAsync("/fapi/v1/ping")).Text("msg").ShouldBe("plan");
        (await trader.PlaceMarketAsync("a")).ShouldBeOk();
        (await trader.PlaceMarketAsync("b")).ShouldBeOk();
        (await trader.PlaceMarketAsync("b")).Headers["X-Mark"].ShouldBe("7");
        _exchange.Faults.Clear();
        (await trader.GetAsync("/fapi/v1/ping")).ShouldBeOk();
        _exchange.Scoreboard.Faults.ShouldBe(new Dictionary<string, int> { ["RefuseWithCode"] = 3 });
        _exchange.Scoreboard.Codes.ShouldBe(new Dictionary<int, int> { [-1001] = 2, [-2010] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_faults_header_stands_in_for_the_exchanges_own()
    {
        var trader = await ConnectAsync(onPort: true);
        _exchange.Faults.Next("GET /fapi/v1/ping", Fault.None.WithHeader("X-MBX-USED-WEIGHT-1M", "2399"), Fault.Ban(TimeSpan.FromMinutes(2)).WithHeader("Retry-After", "0"));

        (await trader.GetAsync("/fapi/v1/ping")).Headers["x-mbx-used-weight-1m"].ShouldBe("2399");
        (await trader.GetAsync("/fapi/v1/ping")).Headers["Retry-After"].ShouldBe("0");
    }

    [Fact]
    public async Task A_request_cancelled_on_its_way_arrives_all_the_same()
    {
        _exchange.Options.Latency = TimeSpan.FromSeconds(2);
        var trader = await ConnectAsync(onPort: false);
        using var patience = new CancellationTokenSource();
        var sending = trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001", patience.Token);

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => sending);
        _exchange.Requests.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));

        _exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Latency_is_half_there_and_half_back()
    {
        _exchange.Options.Latency = TimeSpan.FromSeconds(2);
        var trader = await ConnectAsync(onPort: false);
        var start = _time.GetUtcNow();

        var reply = await _time.RunAsync(() => trader.GetAsync("/fapi/v1/time"));

        reply.Json.GetProperty("serverTime").GetInt64().ShouldBe(start.AddSeconds(1).ToUnixTimeMilliseconds());
        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(2));
    }

    private async Task<Trader> ConnectAsync(bool onPort)
    {
        if (onPort)
        {
            _server = await _exchange.ListenAsync();
        }

        return _trader = _server is null ? new Trader(_exchange, _time) : new Trader(new SocketsHttpHandler { AllowAutoRedirect = false }, _server.Address, _time);
    }
}
