using System.Globalization;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Times and waits that cannot be meant.</summary>
public sealed class HostileTimeTests
{
    // What a hold is lengthened by, so that not all who wait come at once.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("""{"serverTime":-1}""")]
    [InlineData("""{"serverTime":0}""")]
    [InlineData("""{"serverTime":1790000000}""")]
    [InlineData("""{"serverTime":1790000000000000}""")]
    [InlineData("""{"serverTime":32503680000000}""")]
    [InlineData("""{"serverTime":9223372036854775807}""")]
    [InlineData("""{"serverTime":99999999999999999999999}""")]
    [InlineData("""{"serverTime":1.79e12}""")]
    [InlineData("""{"serverTime":"1790000000000"}""")]
    [InlineData("""{"serverTime":[1790000000000]}""")]
    [InlineData("""{"serverTime":null}""")]
    [InlineData("""{"data":{"serverTime":1790000000000}}""")]
    [InlineData("""[{"serverTime":1790000000000}]""")]
    [InlineData("""{"serverTime":""")]
    [InlineData("")]
    public async Task A_time_that_cannot_be_true_is_not_taken_and_proves_no_absence(string time)
    {
        await using var exchange = new HostileExchange(
            static () => RawAnswer.Reset,
            configure: static options =>
            {
                options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromMilliseconds(500);
                options.Policies["Transport"] = new ErrorPolicy { MaxAttempts = 1 };
            },
            time: _ => time);

        (await exchange.TellAsync("GET")).ShouldBe("throws CONNECTION_LOST NotExecuted");
        (await exchange.TellAsync("POST")).ShouldBe("throws CONNECTION_LOST Unknown");

        // Signed by the local clock all the same: a time endpoint that lies must not stop trading.
        foreach (var head in exchange.Server.HeadsOf(AskBalance).Concat(exchange.Server.HeadsOf(PlaceOrder)))
        {
            StampOf(head).ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(10));
        }

        (exchange.SeenOf("GET"), exchange.SeenOf("POST")).ShouldBe((1, 1));
        exchange.Server.HeadsOf(AskOrder).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_time_that_runs_backwards_proves_no_absence()
    {
        await using var exchange = new HostileExchange(
            static () => RawAnswer.Reset,
            configure: static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromMilliseconds(500),
            time: static asked => FormattableString.Invariant($"{{\"serverTime\":{TimeProvider.System.GetUtcNow().AddMinutes(-asked).ToUnixTimeMilliseconds()}}}"));

        (await exchange.TellAsync("POST")).ShouldBe("throws CONNECTION_LOST Unknown");

        exchange.SeenOf("POST").ShouldBe(1);
        exchange.Server.HeadsOf(AskTime).Count.ShouldBeGreaterThan(1);
    }

    // Just after the full minute, by the measured clock as well, so that what is left of the window is almost all of it.
    [Theory]
    [InlineData(429, "Retry-After: 999999999", 3 * 86_400)]
    [InlineData(429, "Retry-After: 9223372036854775807", 3 * 86_400)]
    [InlineData(429, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", 3 * 86_400)]
    [InlineData(418, "Retry-After: 999999999", 3 * 86_400)]
    [InlineData(503, "Retry-After: 999999999", 3 * 86_400)]
    [InlineData(429, "Retry-After: 99999999999999999999999999", 3 * 86_400)]
    [InlineData(429, "Retry-After: -5", 60)]
    [InlineData(429, "Retry-After: 0", 60)]
    [InlineData(429, "Retry-After: Mon, 01 Jan 0001 00:00:00 GMT", 60)]
    [InlineData(429, "Retry-After: never", 60)]
    [InlineData(429, "Retry-After: 5\r\nRetry-After: 999999999", 3 * 86_400)]
    [InlineData(418, "Retry-After: -5", 120)]
    [InlineData(200, "X-MBX-USED-WEIGHT-1M: 2147483647", 60)]
    [InlineData(200, "X-MBX-USED-WEIGHT-1M: 999999999999", 60)]
    [InlineData(200, "X-MBX-USED-WEIGHT-1D: 2147483647\r\nX-MBX-USED-WEIGHT-999D: 2147483647", 0)]
    [InlineData(200, "X-MBX-USED-WEIGHT-1M: -5", 0)]
    public async Task A_wait_without_measure_holds_calls_back_for_three_days_at_most_and_parks_none(int status, string header, int seconds)
    {
        var body = status == 503 ? """{"code":-1008,"msg":"Service Unavailable."}""" : "{}";
        var answer = new RawAnswer(
            FormattableString.Invariant($"HTTP/1.1 {status} X\r\nDate: Tue, 24 Nov 2026 12:00:02 GMT\r\n{header}\r\nContent-Length: {body.Length}\r\n\r\n{body}"), RawEnding.KeepAlive);
        await using var exchange = new HostileExchange(
            () => answer, configure: static options => options.MaxWait = TimeSpan.FromMilliseconds(1), time: static _ => """{"serverTime":1795521602000}""");
        var method = status == 503 ? "POST" : "GET";
        var target = HostileExchange.TargetOf(method);

        (await exchange.TellAsync(method)).ShouldStartWith(status.ToString(CultureInfo.InvariantCulture));
        using var next = new HttpRequestMessage(new HttpMethod(method), target.Replace("hostile", "next", StringComparison.Ordinal));
        if (seconds == 0)
        {
            (await HostileExchange.TellAsync(() => exchange.Http.SendAsync(next))).ShouldBe("200");
            return;
        }

        var held = await Should.ThrowAsync<ExchangeErrorException>(() => exchange.Http.SendAsync(next));

        held.Error.Name.ShouldBe("HELD_BACK");
        held.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        var wait = held.Error.RetryAfter.ShouldNotBeNull();
        wait.ShouldBeInRange(TimeSpan.FromSeconds(seconds - 5), TimeSpan.FromSeconds(seconds) + Margin);
        exchange.SeenOf(method).ShouldBe(1);
    }

    private static DateTimeOffset StampOf(string head)
    {
        var line = head[..head.IndexOf("\r\n", StringComparison.Ordinal)].Split(' ')[1];
        return DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(new RequestParameters(line[line.IndexOf('?', StringComparison.Ordinal)..], null)["timestamp"]!, CultureInfo.InvariantCulture));
    }
}
