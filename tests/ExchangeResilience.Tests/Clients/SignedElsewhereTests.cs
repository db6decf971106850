using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A client whose requests are signed before they enter, by a library that this one has no keys of: each goes as it came, and its doubt is handled by what it bears.</summary>
public sealed class SignedElsewhereTests : IDisposable
{
    private const string Buy = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001";

    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly CollectedLog _log = new();
    private readonly ProtectedClient _client;

    public SignedElsewhereTests()
    {
        _exchange = new SimulatedExchange(new SimulatedExchangeOptions(), _time);
        _client = new ProtectedClient(_exchange.CreateHandler(), time: _time, signed: false, outer: builder => builder.Services.AddLogging(_log.Register));
    }

    public void Dispose()
    {
        _client.Dispose();
        _log.Dispose();
    }

    public static TheoryData<string> Orders => ["query", "form", "batch", "batch form", "algo"];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task An_order_without_an_id_goes_as_it_was_signed(string kind)
    {
        using var request = Order(kind);
        var query = request.RequestUri!.OriginalString.Split('?').ElementAtOrDefault(1) ?? "";
        var form = request.Content is null ? "" : await request.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var told = await SendAsync(request);

        told.Error.ShouldBeNull();
        told.Status.ShouldBe(200);
        (request.RequestUri!.OriginalString.Split('?').ElementAtOrDefault(1) ?? "").ShouldBe(query);
        (request.Content is null ? "" : await request.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe(form);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task The_same_bytes_sent_again_while_the_first_are_in_doubt_do_not_leave(string kind)
    {
        using var request = Order(kind);
        _exchange.Faults.Next($"POST {request.RequestUri!.OriginalString.Split('?')[0]}", Fault.ExecuteThenDrop);
        (await SendAsync(request)).Execution.ShouldBe(ExecutionStatus.Unknown);
        var began = _time.Elapsed;

        using var copy = Copy(request);
        var told = await SendAsync(copy);

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        _exchange.Requests.Count(static each => each.Method == "POST").ShouldBe(1);
        _time.Elapsed.ShouldBe(began);
    }

    [Fact]
    public async Task The_same_bytes_sent_again_after_a_success_are_told_that_success()
    {
        using var request = Order("query");
        var first = await SendAsync(request);

        using var copy = Copy(request);
        var told = await SendAsync(copy);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldBe(first.Body);
        _exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_equal_orders_that_were_signed_apart_are_two_orders()
    {
        using var first = Order("query");
        await SendAsync(first);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        using var second = Order("query");
        await SendAsync(second);

        _exchange.Orders.Count.ShouldBe(2);
    }

    /// <summary>As the page on other clients and the start-up log say.</summary>
    [Fact]
    public async Task Without_an_id_an_order_is_known_by_its_signature_alone_and_is_in_no_journal()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        using var client = Program(world);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        (await SendAsync(client, HttpMethod.Post, Buy, world)).Execution.ShouldBe(ExecutionStatus.Unknown);

        // The library stamps and signs it anew.
        var equal = await SendAsync(client, HttpMethod.Post, Buy, world);
        equal.Execution.ShouldBe(ExecutionStatus.Unknown);
        equal.Error.ShouldNotBeNull().Name.ShouldBe("EQUAL_ORDER_IN_DOUBT");

        // What the application's own query shows bears another name.
        (await SendAsync(client, HttpMethod.Get, "/fapi/v1/allOrders?symbol=BTCUSDT", world)).Status.ShouldBe(200);
        var order = client.Get<IInDoubtOrders>().List().ShouldHaveSingleItem();
        world.Journal.Entries.ShouldBeEmpty();

        // One with an id is written down, though the exchange cannot be asked about it.
        (await SendAsync(client, HttpMethod.Post, Buy + "&newClientOrderId=a", world)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Journal.Entries.ShouldHaveSingleItem().Key.Id.ShouldBe("a");

        client.Get<IInDoubtOrders>().Settle(order, ExecutionStatus.Executed, "ann", "seen on the site").ShouldBeTrue();
        var told = _log.Of("NoCredentials").Last().Text;
        told.ShouldContain("it stays unknown until the application settles it, an equal one is refused meanwhile, and it is not in the journal, so a restart loses it");
        told.ShouldContain("add AddExchangeSigning()");
    }

    [Fact]
    public async Task Without_an_id_an_order_in_doubt_is_forgotten_by_a_restart()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        using (var first = Program(world))
        {
            world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
            (await SendAsync(first, HttpMethod.Post, Buy, world)).Execution.ShouldBe(ExecutionStatus.Unknown);
        }

        using var later = Program(world);
        (await SendAsync(later, HttpMethod.Post, Buy, world)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(2);
        later.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_keys_the_same_order_again_is_refused_at_once_as_unknown()
    {
        _exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        using var first = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time);
        (await SendAsync(first)).Execution.ShouldBe(ExecutionStatus.Unknown);
        var began = _time.Elapsed;

        using var again = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time);
        var told = await SendAsync(again);

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        _time.Elapsed.ShouldBe(began);
        _exchange.ExecutionsOf("a").Count.ShouldBe(1);
        _log.Lines.ShouldNotContain(static line => line.Text.Contains("the exchange is asked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_keys_whoever_waits_for_an_order_in_flight_is_told_with_its_sender()
    {
        _exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var (first, second, ended) = await _time.RunAsync(async () =>
        {
            using var one = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time);
            using var two = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time);
            var sender = Told.HearAsync(_client.Http.SendAsync(one, TestContext.Current.CancellationToken));
            var joined = Told.HearAsync(_client.Http.SendAsync(two, TestContext.Current.CancellationToken));
            return (await sender, await joined, _time.Elapsed);
        });

        first.Execution.ShouldBe(ExecutionStatus.Unknown);
        second.Execution.ShouldBe(ExecutionStatus.Unknown);
        ended.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("POST", Buy + "&newClientOrderId=b")]
    [InlineData("DELETE", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("GET", "/fapi/v3/balance")]
    [InlineData("GET", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    public async Task What_a_hold_would_keep_beyond_its_own_window_fails_at_once_and_says_when(string method, string path)
    {
        _exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromSeconds(12)));

        var (told, waited, seen) = await _time.RunAsync(async () =>
        {
            var query = Told.HearAsync(_client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT", TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
            var began = _time.Elapsed;
            using var request = SelfSigned.Query(new HttpMethod(method), path, _time);
            request.SetSendBefore(TimeSpan.FromSeconds(25));
            var told = await Told.HearAsync(_client.Http.SendAsync(request, TestContext.Current.CancellationToken));
            var result = (told, _time.Elapsed - began, _exchange.Requests.Count(each => $"{each.Method} {each.Path}" == $"{method} {path.Split('?')[0]}"));
            await query;
            return result;
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        var error = told.Error.ShouldNotBeNull();
        error.Name.ShouldBe("SIGNED_WINDOW_OVER");
        error.RetryAt.ShouldNotBeNull();
        error.Advice.ShouldContain("recvWindow");
        waited.ShouldBe(TimeSpan.Zero);
        seen.ShouldBe(0);
    }

    /// <summary>Where it has none that can be read, the exchange's default is the longest that is certain.</summary>
    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("0", false)]
    [InlineData("5s", false)]
    [InlineData("-1", true)]
    [InlineData("5000.5", true)]
    public async Task A_window_that_is_missing_or_cannot_be_read_is_no_longer_than_the_exchanges_own(string? window, bool isForm)
    {
        _exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.TooManyRequests(TimeSpan.FromSeconds(8)));

        var (told, waited) = await _time.RunAsync(async () =>
        {
            var query = Told.HearAsync(_client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT", TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
            var began = _time.Elapsed;
            var parts = (Buy + "&newClientOrderId=a").Split('?');
            using var request = isForm ? SelfSigned.Form(HttpMethod.Post, parts[0], parts[1], _time, window: window) : SelfSigned.Query(HttpMethod.Post, string.Join('?', parts), _time, window: window);
            request.SetSendBefore(TimeSpan.FromSeconds(25));
            var told = await Told.HearAsync(_client.Http.SendAsync(request, TestContext.Current.CancellationToken));
            var result = (told, _time.Elapsed - began);
            await query;
            return result;
        });

        told.Error.ShouldNotBeNull().Name.ShouldBe("SIGNED_WINDOW_OVER");
        told.Error.RetryAt.ShouldNotBeNull();
        waited.ShouldBe(TimeSpan.Zero);
        _exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_comes_after_its_own_window_is_not_sent()
    {
        (await _time.RunAsync(() => Told.HearAsync(_client.Http.GetAsync("/fapi/v1/time", TestContext.Current.CancellationToken)))).Status.ShouldBe(200);
        var seen = _exchange.Requests.Count;

        using var request = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time, stampMs: _time.GetUtcNow().ToUnixTimeMilliseconds() - 8_000);
        var told = await SendAsync(request);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("SIGNED_WINDOW_OVER");
        _exchange.Requests.Count.ShouldBe(seen);
    }

    [Fact]
    public async Task A_stamp_that_is_no_time_is_the_exchanges_to_refuse()
    {
        (await _time.RunAsync(() => Told.HearAsync(_client.Http.GetAsync("/fapi/v1/time", TestContext.Current.CancellationToken)))).Status.ShouldBe(200);
        using var request = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time, stampMs: 1_000_000 * _time.GetUtcNow().ToUnixTimeMilliseconds());

        var told = await SendAsync(request);

        told.Error.ShouldNotBeNull().Code.ShouldBe(-1100);
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task A_hold_that_ends_within_the_window_is_waited_for()
    {
        _exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.TooManyRequests(TimeSpan.FromSeconds(1)));
        using var request = SelfSigned.Query(HttpMethod.Post, Buy + "&newClientOrderId=a", _time);

        var told = await _time.RunAsync(async () =>
        {
            var query = Told.HearAsync(_client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT", TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
            var order = await Told.HearAsync(_client.Http.SendAsync(request, TestContext.Current.CancellationToken));
            await query;
            return order;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
    }

    private Task<Told> SendAsync(HttpRequestMessage request) => _time.RunAsync(() => Told.HearAsync(_client.Http.SendAsync(request, TestContext.Current.CancellationToken)));

    private static async Task<Told> SendAsync(ProtectedClient client, HttpMethod method, string path, JournalledWorld world)
    {
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        using var request = SelfSigned.Query(method, path, world.Time);
        return await world.Time.RunAsync(() => Told.HearAsync(client.Http.SendAsync(request, TestContext.Current.CancellationToken)));
    }

    private ProtectedClient Program(JournalledWorld world) =>
        new(world.Exchange.CreateHandler(), JournalledWorld.Hurried, world.Time, signed: false, outer: builder => builder.Services.AddSingleton<IOrderJournal>(world.Journal).AddLogging(_log.Register));

    private HttpRequestMessage Order(string kind) => kind switch
    {
        "query" => SelfSigned.Query(HttpMethod.Post, Buy, _time),
        "form" => SelfSigned.Form(HttpMethod.Post, "/fapi/v1/order", Buy.Split('?')[1], _time),
        "batch" => SelfSigned.Query(HttpMethod.Post, $"/fapi/v1/batchOrders?batchOrders={Batch}", _time),
        "batch form" => SelfSigned.Form(HttpMethod.Post, "/fapi/v1/batchOrders", $"batchOrders={Batch}", _time),
        _ => SelfSigned.Query(HttpMethod.Post, "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&triggerPrice=90000&quantity=0.001", _time),
    };

    private static string Batch => Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001"},{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.002"}]""");

    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content };
        copy.Headers.Add("X-MBX-APIKEY", request.Headers.GetValues("X-MBX-APIKEY"));
        return copy;
    }
}
