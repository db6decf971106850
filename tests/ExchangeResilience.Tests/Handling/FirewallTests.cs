using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Handling;

/// <summary>A firewall's 403 is about one request until another, different one meets it too.</summary>
public sealed class FirewallTests
{
    private const string Page = "<html><head><title>403 ERROR</title></head>Request blocked.</html>";
    private const string Cancelled = """{"orderId":1,"clientOrderId":"a","symbol":"BTCUSDT","status":"CANCELED"}""";

    [Theory]
    [InlineData(Page)]
    [InlineData("Forbidden")]
    [InlineData("")]
    [InlineData("{\"code\":0,\"msg\":\"Forbidden\"}")]
    public async Task One_odd_request_refused_however_often_stops_nobody_else(string body)
    {
        using var world = new World(new ScriptedExchange().On("GET /fapi/v1//openInterest", 403, body));

        foreach (var symbol in new[] { "BTCUSDT", "ETHUSDT", "BTCUSDT" })
        {
            var told = await world.SendAsync("GET", $"/fapi/v1//openInterest?symbol={symbol}");
            told.Error.ShouldNotBeNull().ShouldSatisfyAllConditions(
                error => (error.Name, error.Category, error.Execution).ShouldBe(("HTTP_403_FIREWALL", ErrorCategory.Blocked, ExecutionStatus.NotExecuted)),
                error => error.Advice.ShouldContain("GET /fapi/v1//openInterest"),
                error => error.RetryAt.ShouldBeNull());
        }

        await world.PassesAsync();
    }

    [Fact]
    public async Task Two_paths_that_no_table_lists_are_odd_both()
    {
        using var world = new World(new ScriptedExchange().On("GET /fapi/v1//openInterest", 403, Page).On("GET /fapi/v1//depth", 403, Page));

        await world.SendAsync("GET", "/fapi/v1//openInterest");
        await world.SendAsync("GET", "/fapi/v1//depth");

        await world.PassesAsync();
    }

    [Theory]
    [InlineData("/fapi/v1/depth?symbol=BTCUSDT", "/fapi/v1/premiumIndex")]
    [InlineData("/fapi/v1//openInterest", "/fapi/v1/depth?symbol=BTCUSDT")]
    public async Task Two_different_requests_refused_speak_of_the_address(string one, string other)
    {
        using var world = new World(new ScriptedExchange().On($"GET {one.Split('?')[0]}", 403, Page).On($"GET {other.Split('?')[0]}", 403, Page));

        (await world.SendAsync("GET", one)).Error!.RetryAt.ShouldBeNull();
        var told = await world.SendAsync("GET", other);

        (told.Error.ShouldNotBeNull().RetryAt.ShouldNotBeNull() - world.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
        (await world.SendAsync("DELETE", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")).Error!.Name.ShouldBe("HELD_BACK");
        world.Exchange.SeenAt("DELETE /fapi/v1/order").ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_refusals_far_apart_have_nothing_to_do_with_each_other()
    {
        using var world = new World(new ScriptedExchange().On("GET /fapi/v1/depth", 403, Page).On("GET /fapi/v1/premiumIndex", 403, Page));

        await world.SendAsync("GET", "/fapi/v1/depth?symbol=BTCUSDT");
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));
        await world.SendAsync("GET", "/fapi/v1/premiumIndex");

        await world.PassesAsync();
    }

    [Fact]
    public async Task A_row_for_the_status_still_rules()
    {
        using var world = new World(
            new ScriptedExchange().On("GET /fapi/v1/depth", 403, Page).On("GET /fapi/v1/premiumIndex", 403, Page),
            static options => options.Policies["Http403"] = new ErrorPolicy { Action = RecoveryAction.FailFast });

        await world.SendAsync("GET", "/fapi/v1/depth?symbol=BTCUSDT");
        await world.SendAsync("GET", "/fapi/v1/premiumIndex");

        await world.PassesAsync();
    }

    [Fact]
    public async Task A_country_that_is_not_served_is_told_as_a_restriction_and_holds_nothing()
    {
        const string Country = "<H1>403 ERROR</H1> The Amazon CloudFront distribution is configured to block access from your country.";
        using var world = new World(new ScriptedExchange().On("GET /fapi/v1/premiumIndex", 403, Country).On("GET /fapi/v1/depth", 403, Country));

        await world.SendAsync("GET", "/fapi/v1/depth?symbol=BTCUSDT");
        var told = await world.SendAsync("GET", "/fapi/v1/premiumIndex");

        told.Error.ShouldNotBeNull().ShouldSatisfyAllConditions(
            error => error.Category.ShouldBe(ErrorCategory.Restricted),
            error => error.RetryAt.ShouldBeNull());
        world.Exchange.SeenAt("GET /fapi/v1/premiumIndex").Count().ShouldBe(1);
        await world.PassesAsync();
    }

    [Fact]
    public async Task What_looks_like_a_secret_in_a_path_is_not_shown()
    {
        var key = new string('k', 64);
        using var world = new World(new ScriptedExchange().On($"GET /fapi/v1/stream/{key}", 403, Page));

        var told = await world.SendAsync("GET", $"/fapi/v1/stream/{key}?signature=abc");

        told.Error.ShouldNotBeNull().Advice.ShouldContain("GET /fapi/v1/stream/***");
        told.Error.Advice.ShouldNotContain(key);
        told.Error.Advice.ShouldNotContain("abc");
    }

    private sealed class World : IDisposable
    {
        private readonly ProtectedClient _client;

        public World(ScriptedExchange exchange, Action<ExchangeErrorHandlingOptions>? configure = null)
        {
            Exchange = exchange
                .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{Time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
                .On("DELETE /fapi/v1/order", 200, Cancelled);
            _client = new ProtectedClient(Exchange, configure, Time);
        }

        public ManualTimeProvider Time { get; } = new();

        public ScriptedExchange Exchange { get; }

        public Task<Told> SendAsync(string method, string target) => Time.RunAsync(async () =>
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            return await Told.HearAsync(_client.Http.SendAsync(request));
        });

        /// <summary>A cancel leaves at once.</summary>
        public async Task PassesAsync()
        {
            var start = Time.GetUtcNow();
            (await SendAsync("DELETE", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")).Execution.ShouldBe(ExecutionStatus.Executed);
            (Time.GetUtcNow() - start).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        }

        public void Dispose() => _client.Dispose();
    }
}
