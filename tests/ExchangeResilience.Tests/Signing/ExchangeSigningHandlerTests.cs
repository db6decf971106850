using System.Net;
using System.Text;

namespace ExchangeResilience.Tests;

public sealed class ExchangeSigningHandlerTests : IDisposable
{
    private const string ApiKey = "configured-key";
    private const string OrderAddress = "https://fapi.example/fapi/v1/order";

    private readonly ClockTestTime _time = new();
    private readonly ExchangeClock _clock;
    private readonly Wire _wire = new();
    private EndpointSecurity _security = EndpointSecurity.Signature;

    public ExchangeSigningHandlerTests() => _clock = new ExchangeClock("live", _time);

    public void Dispose() => _wire.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long StampMs => _clock.StampMs;

    [Fact]
    public async Task A_query_is_signed_on_the_wire_and_nothing_stays_on_the_message()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, OrderAddress + "?symbol=BTCUSDT");

        using var response = await SendAsync(request);

        _wire.Query.ShouldBe($"?symbol=BTCUSDT&recvWindow=5000&timestamp={StampMs}&signature=S");
        _wire.Key.ShouldBe(ApiKey);
        _wire.Body.ShouldBeNull();
        request.RequestUri!.ToString().ShouldBe(OrderAddress + "?symbol=BTCUSDT");
        request.Headers.ShouldBeEmpty();
        response.RequestMessage.ShouldBeSameAs(request);
    }

    [Fact]
    public async Task A_form_is_signed_in_the_body_keeps_its_headers_and_comes_back()
    {
        var content = new FormUrlEncodedContent([new("symbol", "测试USDT"), new("side", "BUY")]);
        content.Headers.Add("X-Of-The-Caller", "kept");
        using var request = new HttpRequestMessage(HttpMethod.Post, OrderAddress) { Content = content };

        using var response = await SendAsync(request);

        _wire.Query.ShouldBe("");
        _wire.Body.ShouldBe($"symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&recvWindow=5000&timestamp={StampMs}&signature=S");
        _wire.ContentHeaders.ShouldBe(
            [$"Content-Length: {_wire.Body!.Length}", "Content-Type: application/x-www-form-urlencoded", "X-Of-The-Caller: kept"],
            ignoreOrder: true);
        request.Content.ShouldBeSameAs(content);
    }

    [Fact]
    public async Task Each_sending_is_stamped_afresh_even_of_a_body_that_can_be_read_only_once()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("symbol=BTCUSDT"));
        var content = new StreamContent(stream);
        content.Headers.ContentType = new("application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, OrderAddress) { Content = content };

        for (var i = 0; i < 3; i++)
        {
            using var response = await SendAsync(request);
            _wire.Body.ShouldBe($"symbol=BTCUSDT&recvWindow=5000&timestamp={StampMs}&signature=S");
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_mutation_never_leaves_without_content()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, OrderAddress + "?symbol=BTCUSDT");

        using var response = await SendAsync(request);

        _wire.Body.ShouldBe("");
        request.Content.ShouldBeNull();
    }

    [Fact]
    public async Task Content_the_exchange_takes_no_parameters_from_goes_as_it_is()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, OrderAddress + "?a=1") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };

        using var response = await SendAsync(request);

        _wire.Body.ShouldBe("{}");
        _wire.Query.ShouldBe($"?a=1&recvWindow=5000&timestamp={StampMs}&signature=S");
    }

    [Fact]
    public async Task The_message_is_restored_when_sending_fails()
    {
        var content = new FormUrlEncodedContent([new("symbol", "BTCUSDT")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, OrderAddress) { Content = content };
        _wire.Failure = new HttpRequestException("reset");

        await Should.ThrowAsync<HttpRequestException>(SendAsync(request));

        request.Content.ShouldBeSameAs(content);
        request.RequestUri!.ToString().ShouldBe(OrderAddress);
        request.Headers.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attempt_learns_its_stamp_window_and_generation()
    {
        await _clock.SynchroniseAsync(_ => Task.FromResult(new ClockSample(1_800_000_000_000, _time.GetTimestamp(), _time.GetTimestamp())), 0, Token);
        var attempt = new AttemptStamp { NoStampAfterMs = 1_800_000_000_000 };
        using var request = Attempt(attempt, "?recvWindow=700");

        using var response = await SendAsync(request);

        attempt.Stamped.ShouldBeTrue();
        attempt.StampMs.ShouldBe(1_800_000_000_000);
        attempt.RecvWindowMs.ShouldBe(700);
        attempt.ClockGeneration.ShouldBe(1);
        _wire.Query.ShouldBe("?recvWindow=700&timestamp=1800000000000&signature=S");
    }

    [Fact]
    public async Task An_attempt_past_its_bound_is_neither_stamped_nor_sent()
    {
        var attempt = new AttemptStamp { NoStampAfterMs = StampMs };
        using var request = Attempt(attempt);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await Should.ThrowAsync<StampRefusedException>(SendAsync(request));

        attempt.Stamped.ShouldBeFalse();
        _wire.Sent.ShouldBe(0);
        request.RequestUri!.ToString().ShouldBe(OrderAddress);
    }

    [Fact]
    public async Task An_attempt_is_good_for_one_sending()
    {
        using var request = Attempt(new AttemptStamp());
        using var response = await SendAsync(request);

        await Should.ThrowAsync<StampRefusedException>(SendAsync(request));

        _wire.Sent.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_of_another_key_is_not_touched()
    {
        const string address = OrderAddress + "?symbol=BTCUSDT&timestamp=1&signature=theirs";
        var attempt = new AttemptStamp();
        using var request = Attempt(attempt, "?symbol=BTCUSDT&timestamp=1&signature=theirs");
        request.Headers.Add("X-MBX-APIKEY", "another-key");

        using var response = await SendAsync(request);

        _wire.Query.ShouldBe(new Uri(address).Query);
        _wire.Key.ShouldBe("another-key");
        _wire.Body.ShouldBeNull();
        attempt.Stamped.ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_signed_with_the_same_key_is_signed_afresh_and_keeps_its_header()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, OrderAddress + "?symbol=BTCUSDT&timestamp=1&signature=old");
        request.Headers.Add("x-mbx-apikey", ApiKey);

        using var response = await SendAsync(request);

        _wire.Query.ShouldBe($"?symbol=BTCUSDT&recvWindow=5000&timestamp={StampMs}&signature=S");
        _wire.Key.ShouldBe(ApiKey);
        request.Headers.GetValues("X-MBX-APIKEY").ShouldBe([ApiKey]);
    }

    [Theory]
    [InlineData(EndpointSecurity.Public, null)]
    [InlineData(EndpointSecurity.Key, ApiKey)]
    internal async Task Only_what_the_venue_wants_signed_is_signed(EndpointSecurity security, string? key)
    {
        _security = security;
        using var request = new HttpRequestMessage(HttpMethod.Get, OrderAddress + "?a=1");

        using var response = await SendAsync(request);

        _wire.Query.ShouldBe("?a=1");
        _wire.Key.ShouldBe(key);
        request.Headers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_credentials_everything_passes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, OrderAddress + "?a=1");

        using var response = await SendAsync(request, credentials: null);

        _wire.Query.ShouldBe("?a=1");
        _wire.Key.ShouldBeNull();
    }

    [Fact]
    public async Task A_form_that_is_no_utf8_is_refused_instead_of_changed()
    {
        var content = new ByteArrayContent([(byte)'a', (byte)'=', 0xFF]);
        content.Headers.ContentType = new("application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, OrderAddress) { Content = content };

        await Should.ThrowAsync<ArgumentException>(SendAsync(request));

        _wire.Sent.ShouldBe(0);
    }

    [Fact]
    public void Synchronous_sending_is_refused()
    {
        using var invoker = Invoker(Credentials());
        using var request = new HttpRequestMessage(HttpMethod.Get, OrderAddress);

        Should.Throw<NotSupportedException>(() => invoker.Send(request, Token));
    }

    private static SigningCredentials Credentials() => new(ApiKey, new FixedSigner());

    private static HttpRequestMessage Attempt(AttemptStamp attempt, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, OrderAddress + query);
        request.Options.Set(AttemptStamp.Key, attempt);
        return request;
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => SendAsync(request, Credentials());

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, SigningCredentials? credentials)
    {
        using var invoker = Invoker(credentials);
        return await invoker.SendAsync(request, Token);
    }

    private HttpMessageInvoker Invoker(SigningCredentials? credentials) =>
        new(new ExchangeSigningHandler(() => credentials, TimeSpan.FromSeconds(5), _ => _clock, (_, _) => _security) { InnerHandler = _wire }, disposeHandler: false);

    private sealed class FixedSigner : IExchangeSigner
    {
        public string Sign(ReadOnlySpan<byte> payload) => "S";
    }

    /// <summary>What stands at the end of the chain, and notes what would be sent.</summary>
    private sealed class Wire : HttpMessageHandler
    {
        public int Sent { get; private set; }

        public string? Query { get; private set; }

        public string? Key { get; private set; }

        public string? Body { get; private set; }

        public List<string> ContentHeaders { get; } = [];

        public Exception? Failure { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent++;
            Query = request.RequestUri!.Query;
            Key = request.Headers.TryGetValues("X-MBX-APIKEY", out var keys) ? keys.Single() : null;
            Body = null;
            if (request.Content is { } content)
            {
                using var bytes = new MemoryStream();
                await content.CopyToAsync(bytes, cancellationToken);
                Body = Encoding.UTF8.GetString(bytes.ToArray());
                _ = content.Headers.ContentLength;
                ContentHeaders.AddRange(content.Headers.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"));
            }

            return Failure is null ? new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request } : throw Failure;
        }
    }
}
