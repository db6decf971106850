using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>Key and signature go to the hosts they belong to, and nowhere else.</summary>
public sealed class KeyHostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Elsewhere =>
    [
        "https://evil.test", "https://fapi.test:444", "http://fapi.test", "https://fapi.test.evil.test", "http://fapi.binance.com", "https://fapi.binance.com:8443", "http://127.0.0.1:8080",
    ];

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public async Task No_key_goes_to_a_host_that_it_does_not_belong_to(string host)
    {
        using var exchange = Willing();
        using var client = new ProtectedClient(exchange);

        foreach (var (method, path) in new[] { (HttpMethod.Get, "/fapi/v3/balance"), (HttpMethod.Post, "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a"), (HttpMethod.Post, "/fapi/v1/listenKey"), (HttpMethod.Get, "/any/path?timestamp=0") })
        {
            using var request = new HttpRequestMessage(method, host + path);
            var told = await Told.HearAsync(client.Http.SendAsync(request, Token));

            told.Execution.ShouldBe(ExecutionStatus.NotExecuted, path);
            var error = told.Error.ShouldNotBeNull();
            error.Name.ShouldBe("KEY_NOT_FOR_HOST", path);
            error.Message.ShouldContain(new Uri(host).Host);
            error.Advice.ShouldContain("Hosts");
        }

        exchange.Seen.ShouldBeEmpty();
    }

    /// <summary>As clients written by hand do: among the headers that each request bears.</summary>
    [Theory]
    [InlineData(HandlingMode.Enforce)]
    [InlineData(HandlingMode.Observe)]
    public async Task Nor_does_it_where_it_stands_in_the_requests_own_header(HandlingMode mode)
    {
        using var exchange = Willing();
        using var client = new ProtectedClient(exchange, options => options.Mode = mode);
        client.Http.DefaultRequestHeaders.Add("X-MBX-APIKEY", "test-key");

        foreach (var host in Elsewhere)
        {
            foreach (var (method, path) in new[] { (HttpMethod.Get, "/fapi/v1/ticker/price"), (HttpMethod.Get, "/fapi/v1/exchangeInfo"), (HttpMethod.Get, "/any/path"), (HttpMethod.Post, "/any/hook"), (HttpMethod.Get, "/fapi/v3/balance") })
            {
                using var request = new HttpRequestMessage(method, host.Data + path);
                (await Told.HearAsync(client.Http.SendAsync(request, Token))).Error.ShouldNotBeNull(path).Name.ShouldBe("KEY_NOT_FOR_HOST", path);
            }
        }

        exchange.Seen.ShouldBeEmpty();
        (await Told.HearAsync(client.Http.GetAsync("/any/path", Token))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("https://fapi.test")]
    [InlineData("https://FAPI.test:443")]
    [InlineData("https://fapi.binance.com")]
    [InlineData("https://testnet.binancefuture.com")]
    [InlineData("https://proxy.example:8443")]
    [InlineData("https://other.example")]
    [InlineData("http://localhost:5000")]
    public async Task The_base_address_the_venues_hosts_and_those_named_are_signed_for(string host)
    {
        using var exchange = Willing();
        await using var services = Program(exchange, ["proxy.example:8443", "https://other.example/", "http://localhost:5000"]);
        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");

        (await Told.HearAsync(http.GetAsync(host + "/fapi/v3/balance", Token))).Status.ShouldBe(200);

        exchange.SeenAt("GET /fapi/v3/balance").ShouldHaveSingleItem().ApiKey.ShouldBe("test-key");
    }

    /// <summary>A typed client often sets it in its constructor, when the client is long made.</summary>
    [Fact]
    public async Task A_base_address_that_is_set_on_the_finished_client_counts()
    {
        using var exchange = Willing();
        using var client = new ProtectedClient(exchange);
        using var http = client.Another();
        http.BaseAddress = new Uri("https://late.test");

        (await Told.HearAsync(http.GetAsync("/fapi/v3/balance", Token))).Status.ShouldBe(200);
        (await Told.HearAsync(client.Http.GetAsync("https://later.test/fapi/v3/balance", Token))).Error.ShouldNotBeNull().Name.ShouldBe("KEY_NOT_FOR_HOST");
    }

    [Theory]
    [InlineData("", "is blank")]
    [InlineData("http://proxy.example", "https")]
    [InlineData("proxy.example/path", "is no host")]
    [InlineData("ftp://proxy.example", "is no host")]
    [InlineData("user@proxy.example", "is no host")]
    public async Task A_host_that_cannot_be_meant_is_refused_at_the_start(string host, string problem)
    {
        using var exchange = Willing();
        await using var services = Program(exchange, [host]);

        var refusal = Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient("futures"));

        refusal.Message.ShouldContain("Hosts:0");
        refusal.Message.ShouldContain(problem);
    }

    [Fact]
    public async Task What_needs_no_key_goes_anywhere()
    {
        using var exchange = Willing();
        using var client = new ProtectedClient(exchange);

        (await Told.HearAsync(client.Http.GetAsync("https://elsewhere.test/fapi/v1/time", Token))).Status.ShouldBe(200);

        exchange.Seen.ShouldAllBe(static seen => seen.ApiKey == null);
    }

    /// <summary>The limits, the time and every other question of this library go where the client trades.</summary>
    [Fact]
    public async Task A_public_query_to_a_foreign_host_brings_no_question_of_ours_there()
    {
        using var exchange = Willing();
        using var client = new ProtectedClient(exchange);

        await Told.HearAsync(client.Http.GetAsync("https://elsewhere.test/api/price", Token));
        await Told.HearAsync(client.Http.GetAsync("https://elsewhere.test/fapi/v3/balance", Token));

        exchange.Seen.Select(static seen => seen.Path).ShouldBe(["/api/price"]);
        client.Get<IInternalRequestSender>().Knows("futures", new Uri("https://elsewhere.test")).ShouldBeFalse();
    }

    private static ServiceProvider Program(ScriptedExchange exchange, string[] hosts)
    {
        var services = new ServiceCollection();
        services.AddHttpClient("futures", static http => http.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeErrorHandling()
            .AddExchangeSigning(options =>
            {
                (options.ApiKey, options.Secret) = ("test-key", "test-secret");
                foreach (var host in hosts)
                {
                    options.Hosts.Add(host);
                }
            })
            .ConfigurePrimaryHttpMessageHandler(() => exchange);
        return services.BuildServiceProvider();
    }

    private static ScriptedExchange Willing() => new ScriptedExchange()
        .On("GET /fapi/v3/balance", 200, "[]")
        .On("GET /api/price", 200, "{}")
        .On("GET /any/path", 200, "{}")
        .On("GET /fapi/v1/time", 200, """{"serverTime":1}""")
        .On("POST /fapi/v1/listenKey", 200, """{"listenKey":"x"}""")
        .On("POST /fapi/v1/order", 200, """{"orderId":1}""");
}
