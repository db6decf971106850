using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.WireMock.Tests;

/// <summary>The headline behaviours before a server that knows only what to reply, by its own log.</summary>
public sealed class HeadlineTests
{
    private const string Order = "/fapi/v1/order";
    private const string Balance = "/fapi/v3/balance";
    private const string Price = "/fapi/v1/ticker/price";
    private const string Ticker = """{"symbol":"BTCUSDT","price":"50000","time":1767225600000}""";
    private const string Market = Order + "?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=w1";
    private const string Busy = "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.";

    [Fact]
    public async Task A_parameter_error_fails_at_once_with_code_meaning_and_advice()
    {
        await using var exchange = new StubbedExchange();
        exchange.Reply(HttpMethod.Post, Order, static () => Stub.Refusal(400, -1121, "Invalid symbol."));

        using var response = await exchange.Http.PostAsync(Market, content: null);

        ((int)response.StatusCode).ShouldBe(400);
        var error = response.GetExchangeError().ShouldNotBeNull();
        (error.Code, error.Name, error.Message, error.Execution).ShouldBe((-1121, "BAD_SYMBOL", "Invalid symbol.", ExecutionStatus.NotExecuted));
        error.Advice.ShouldNotBeNullOrWhiteSpace();
        exchange.Seen(HttpMethod.Post, Order).ShouldHaveSingleItem().IsSignedWith(StubbedExchange.Secret).ShouldBeTrue();
        exchange.Seen(HttpMethod.Get, Order).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_told_1003_waits_as_Retry_After_says_and_keeps_all_others_waiting()
    {
        await using var exchange = new StubbedExchange();
        exchange.Reply(
            HttpMethod.Get,
            Price,
            static () => Stub.Refusal(429, -1003, "Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute.") with { RetryAfter = "1" },
            static () => Stub.Ok(Ticker));
        exchange.Reply(HttpMethod.Get, Balance, static () => Stub.Ok("[]"));

        var told = exchange.Http.GetAsync(Price + "?symbol=BTCUSDT");
        await UntilAsync(() => exchange.Seen(HttpMethod.Get, Price).Count == 1);
        using var other = await exchange.Http.GetAsync(Balance);
        using var response = await told;

        (await response.Content.ReadAsStringAsync()).ShouldBe(Ticker);
        other.IsSuccessStatusCode.ShouldBeTrue();
        var sent = exchange.Seen(HttpMethod.Get, Price);
        sent.Select(static request => request.Status).ShouldBe([429, 200]);
        (sent[1].At - sent[0].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_order_told_1008_backs_off_looks_for_it_and_then_succeeds()
    {
        await using var exchange = new StubbedExchange();
        exchange.Reply(
            HttpMethod.Post, Order, static () => Stub.Refusal(503, -1008, Busy), static () => Stub.Refusal(503, -1008, Busy), () => Stub.Ok(exchange.Order("w1")));
        exchange.Reply(HttpMethod.Get, Order, static () => Stub.Refusal(400, -2013, "Order does not exist."));

        using var response = await exchange.Http.PostAsync(Market, content: null);

        response.IsSuccessStatusCode.ShouldBeTrue();
        var sent = exchange.Seen(HttpMethod.Post, Order);
        sent.Select(static request => request.Status).ShouldBe([503, 503, 200]);
        sent.ShouldAllBe(static request => request.IsSignedWith(StubbedExchange.Secret));
        (sent[1].At - sent[0].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(200));
        exchange.Seen(HttpMethod.Get, Order).Count.ShouldBe(2, "a refusal for overload is believed, and looked after");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public async Task A_request_told_1021_measures_the_clock_and_is_stamped_and_signed_anew(int seconds)
    {
        await using var exchange = new StubbedExchange();
        exchange.Reply(HttpMethod.Post, Order, static () => Stub.Refusal(400, -1021, "Timestamp for this request is outside of the recvWindow."), () => Stub.Ok(exchange.Order("w1")));
        exchange.Ahead = TimeSpan.FromSeconds(seconds);

        using var response = await exchange.Http.PostAsync(Market, content: null);

        response.IsSuccessStatusCode.ShouldBeTrue();
        var sent = exchange.Seen(HttpMethod.Post, Order);
        sent.Select(static request => request.Status).ShouldBe([400, 200]);
        sent.ShouldAllBe(static request => request.IsSignedWith(StubbedExchange.Secret));
        (sent[1].Stamp - (sent[1].At + exchange.Ahead)).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(900), "that is the receive window");
        response.GetRecoveryReport().ShouldNotBeNull().Steps.ShouldContain(static step => step.Kind == RecoveryStepKind.ClockMeasured);
    }

    [Theory]
    [InlineData(503, -1006)]
    [InlineData(408, -1007)]
    public async Task An_order_of_unknown_outcome_is_found_and_answered_with_the_exchanges_own_words(int status, int code)
    {
        await using var exchange = new StubbedExchange();
        exchange.Reply(HttpMethod.Post, Order, () => Stub.Refusal(status, code, "Execution status unknown."));
        exchange.Reply(HttpMethod.Get, Order, () => Stub.Ok(exchange.Order("w1")));

        using var response = await exchange.Http.PostAsync(Market, content: null);

        ((int)response.StatusCode).ShouldBe(200);
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("clientOrderId").GetString().ShouldBe("w1");
        response.GetRecoveryReport().ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
        exchange.Seen(HttpMethod.Post, Order).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(503, -1006)]
    [InlineData(408, -1007)]
    public async Task An_order_of_unknown_outcome_that_is_not_there_is_proven_absent(int status, int code)
    {
        await using var exchange = new StubbedExchange();
        exchange.Reply(HttpMethod.Post, Order, () => Stub.Refusal(status, code, "Execution status unknown."));
        exchange.Reply(HttpMethod.Get, Order, static () => Stub.Refusal(400, -2013, "Order does not exist."));

        using var response = await exchange.Http.PostAsync(Market, content: null);

        var error = response.GetExchangeError().ShouldNotBeNull();
        (error.Code, error.Execution).ShouldBe((code, ExecutionStatus.NotExecuted));
        var placed = exchange.Seen(HttpMethod.Post, Order).ShouldHaveSingleItem();
        var asked = exchange.Seen(HttpMethod.Get, Order);
        asked.Count.ShouldBeGreaterThanOrEqualTo(3);
        // Both run from the stamp, which is made a moment before the order arrives.
        (asked[^1].At - placed.At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(1100 - 400), "the receive window and the margin");
    }

    [Theory]
    [InlineData("appsettings.json", 1)]
    [InlineData("appsettings.override.json", 3)]
    public async Task An_override_in_appsettings_changes_what_happens_next(string file, int attempts)
    {
        var configuration = new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddJsonFile(file).Build();
        await using var exchange = new StubbedExchange(configuration.GetSection("ExchangeErrorHandling"));
        exchange.Reply(HttpMethod.Get, Price, static () => Stub.Refusal(400, -1121, "Invalid symbol."));

        using var response = await exchange.Http.GetAsync(Price + "?symbol=BTCUSDT");

        response.GetExchangeError().ShouldNotBeNull().Code.ShouldBe(-1121);
        exchange.Seen(HttpMethod.Get, Price).Count.ShouldBe(attempts);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(deadline).ShouldBeLessThan(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }
    }
}
