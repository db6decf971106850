using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Everything for which .NET's own transport sends a request again, made of real sockets: a mutation leaves once for each attempt of the middleware.</summary>
[Trait("Speed", "Slow")]
public sealed class SendOnceTests
{
    private const string Order = """{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"hostile","status":"NEW"}""";

    public static TheoryData<string> WaysToExpect => ["default headers", "the message", "unvalidated", "in capitals", "a handler above", "a handler below"];

    /// <summary>With this header the content waits, and what has not begun its content is sent again after a FIN.</summary>
    [Theory]
    [MemberData(nameof(WaysToExpect))]
    public async Task An_order_expects_no_100_whoever_wants_it_to(string way)
    {
        await using var exchange = new HostileExchange(static () => RawAnswer.Fin, executes: true, inner: client =>
        {
            if (way == "a handler below")
            {
                client.AddHttpMessageHandler(static () => new Expecting());
            }
            else if (way == "a handler above")
            {
                client.ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Insert(0, new Expecting()));
            }
        }, configure: static options => options.TrustedInnerHandlers.Add(typeof(Expecting).FullName!));
        exchange.Http.DefaultRequestHeaders.ExpectContinue = way == "default headers" ? true : null;
        await exchange.WarmUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, HostileExchange.TargetOf("POST"));
        switch (way)
        {
            case "the message":
                request.Headers.Expect.Add(new NameValueWithParametersHeaderValue("100-continue"));
                break;
            case "unvalidated":
                request.Headers.TryAddWithoutValidation("Expect", "100-continue").ShouldBeTrue();
                break;
            case "in capitals":
                request.Headers.TryAddWithoutValidation("EXPECT", "100-CONTINUE").ShouldBeTrue();
                break;
        }

        (await HostileExchange.TellAsync(() => exchange.Http.SendAsync(request))).ShouldBe("200 by evidence");

        exchange.Server.HeadsOf(PlaceOrder).ShouldHaveSingleItem().ShouldNotContain("expect", Case.Insensitive);
    }

    [Fact]
    public async Task The_transport_alone_sends_an_order_four_times_when_an_http2_peer_refuses_it()
    {
        var executed = 0;
        var peer = new RefusingPeer("REFUSED_STREAM", () => executed++);
        await using var server = new RawServer(static _ => RawAnswer.Fin) { Http2 = peer.ServeAsync };
        using var http = new HttpClient { BaseAddress = server.Address };
        using var request = ByHttp2(HttpVersionPolicy.RequestVersionExact);
        request.Content = new ByteArrayContent([1]);

        await Should.ThrowAsync<HttpRequestException>(() => http.SendAsync(request));

        executed.ShouldBe(4, "or this suite would prove nothing");
    }

    /// <summary>The peer says that it has not looked at the stream, and lies.</summary>
    [Theory]
    [InlineData("REFUSED_STREAM", HttpVersionPolicy.RequestVersionExact)]
    [InlineData("GOAWAY", HttpVersionPolicy.RequestVersionExact)]
    [InlineData("GOAWAY", HttpVersionPolicy.RequestVersionOrHigher)]
    [InlineData("HTTP_1_1_REQUIRED", HttpVersionPolicy.RequestVersionExact)]
    public async Task An_order_that_an_http2_peer_refuses_leaves_once(string refusal, HttpVersionPolicy policy)
    {
        HostileExchange? exchange = null;
        var peer = new RefusingPeer(refusal, () => exchange!.Execute());
        await using (exchange = new HostileExchange(static () => RawAnswer.Json(200, Order), http2: peer.ServeAsync))
        {
            await exchange.WarmUpAsync();
            using var request = ByHttp2(policy);

            (await HostileExchange.TellAsync(() => exchange.Http.SendAsync(request))).ShouldBe("200 by evidence");

            (peer.Heads, exchange.SeenOf("POST")).ShouldBe((1, 0), "neither whole, nor its head, nor by HTTP/1.1");
            request.Headers.ShouldBeEmpty();
        }
    }

    /// <summary>.NET connects anew to send again, and its last error then names no sending at all.</summary>
    [Fact]
    public async Task A_connection_refused_after_a_first_sending_is_no_proof()
    {
        HostileExchange? exchange = null;
        var (peer, refuses) = (new RefusingPeer("GOAWAY", () => exchange!.Execute()), 0);
        using var primary = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                if (context.InitialRequestMessage.Method == HttpMethod.Post && refuses++ == 1)
                {
                    throw new SocketException((int)SocketError.ConnectionRefused);
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        await using (exchange = new HostileExchange(static () => RawAnswer.Json(200, Order), primary: primary, http2: peer.ServeAsync))
        {
            await exchange.WarmUpAsync();
            using var request = ByHttp2(HttpVersionPolicy.RequestVersionExact);

            (await HostileExchange.TellAsync(() => exchange.Http.SendAsync(request))).ShouldBe("200 by evidence");

            (peer.Heads, refuses).ShouldBe((1, 2));
        }
    }

    /// <summary>A refusal for lack of credentials is certain, so the middleware sends again.</summary>
    [Theory]
    [InlineData(401, "Basic realm=x")]
    [InlineData(401, "Digest realm=\"x\", nonce=\"y\"")]
    [InlineData(407, "Basic realm=x")]
    public async Task A_demand_for_credentials_is_answered_by_the_middleware_and_not_by_the_transport(int status, string scheme)
    {
        var demands = 1;
        var demand = new RawAnswer(FormattableString.Invariant($"HTTP/1.1 {status} X\r\n{(status == 401 ? "WWW" : "Proxy")}-Authenticate: {scheme}\r\nContent-Length: 0\r\n\r\n"), RawEnding.KeepAlive);
        var proxy = new LateProxy { Credentials = new NetworkCredential("user", "word") };
        await using var exchange = new HostileExchange(
            () => demands-- > 0 ? demand : RawAnswer.Json(200, Order),
            primary: new SocketsHttpHandler { Credentials = new NetworkCredential("user", "word"), Proxy = proxy, UseProxy = status == 407 });
        proxy.Address = exchange.Server.Address;
        await exchange.WarmUpAsync();

        (await exchange.TellAsync("POST")).ShouldBe("200 at last");

        var heads = exchange.Server.HeadsOf(PlaceOrder);
        heads.Count.ShouldBe(2);
        heads.Select(static head => head.Contains("Authorization:", StringComparison.Ordinal)).ShouldBe([false, true]);
        exchange.InDoubt.List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(401)]
    [InlineData(407)]
    public async Task Credentials_that_are_never_accepted_end_as_not_executed(int status)
    {
        var demand = new RawAnswer(FormattableString.Invariant($"HTTP/1.1 {status} X\r\n{(status == 401 ? "WWW" : "Proxy")}-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"), RawEnding.KeepAlive);
        var proxy = new LateProxy { Credentials = new NetworkCredential("user", "wrong") };
        await using var exchange = new HostileExchange(() => demand, primary: new SocketsHttpHandler { Credentials = proxy.Credentials, Proxy = proxy, UseProxy = status == 407 });
        proxy.Address = exchange.Server.Address;
        await exchange.WarmUpAsync();

        (await exchange.TellAsync("POST")).ShouldBe("throws PROXY_REFUSED NotExecuted");

        exchange.SeenOf("POST").ShouldBe(2, "MaxAttempts");
    }

    private static HttpRequestMessage ByHttp2(HttpVersionPolicy policy) => new(HttpMethod.Post, HostileExchange.TargetOf("POST")) { Version = HttpVersion.Version20, VersionPolicy = policy };

    private sealed class Expecting : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = true;
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>A proxy whose address is known only once it listens.</summary>
internal sealed class LateProxy : IWebProxy
{
    public Uri? Address { get; set; }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) => Address;

    public bool IsBypassed(Uri host) => Address is null;
}
