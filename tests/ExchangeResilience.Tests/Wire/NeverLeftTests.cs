using System.Net;
using System.Net.Sockets;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Roads that end before the exchange. An order that cannot have left is told so at once, and leaves no doubt.</summary>
[Trait("Speed", "Slow")]
public sealed class NeverLeftTests
{
    private static readonly Uri Nowhere = new("https://fapi.example.test");

    public static TheoryData<SocketError, int> DeadNetworks => new MatrixTheoryData<SocketError, int>(
        [SocketError.ConnectionRefused, SocketError.NetworkUnreachable, SocketError.HostUnreachable, SocketError.NetworkDown, SocketError.TimedOut, SocketError.AddressNotAvailable, SocketError.HostNotFound],
        [1, 2]);

    [Theory]
    [MemberData(nameof(DeadNetworks))]
    public async Task A_network_that_leads_nowhere_is_no_doubt(SocketError error, int version)
    {
        using var primary = new SocketsHttpHandler { ConnectCallback = (_, _) => throw new SocketException((int)error) };

        (await TellAsync(primary, version)).ShouldBe("throws CONNECTION_REFUSED NotExecuted");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_connection_that_nobody_answers_is_no_doubt(int version)
    {
        using var primary = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromMilliseconds(100), ConnectCallback = NeverAsync };

        (await TellAsync(primary, version)).ShouldBe("throws CONNECTION_REFUSED NotExecuted");
    }

    /// <summary>One connection is tried at a time, and those who wait for it end with their own time.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Nor_is_the_wait_for_one_that_does_not_come_about_in_the_attempts_time(int version)
    {
        using var primary = new SocketsHttpHandler { MaxConnectionsPerServer = 1, ConnectCallback = NeverAsync };
        await using var services = Services(primary);
        using var http = Client(services, version);

        var told = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => HostileExchange.TellAsync(() => http.PostAsync(SimulatedFixture.Market($"o-{number}"), content: null))));

        told.ShouldAllBe(static words => words == "throws CONNECTION_REFUSED NotExecuted");
        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Nor_is_the_wait_for_a_connection_that_others_use()
    {
        using var primary = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        await using var exchange = new HostileExchange(static () => new RawAnswer("", RawEnding.Silence), primary: primary, configure: static options => options.AttemptTimeout = TimeSpan.FromMilliseconds(300));
        await exchange.WarmUpAsync();
        using var other = new HttpClient(primary, disposeHandler: false);
        using var end = new CancellationTokenSource();
        var occupied = other.GetAsync(new Uri(exchange.Server.Address, Balance), end.Token);

        (await exchange.TellAsync("POST")).ShouldBe("throws CONNECTION_REFUSED NotExecuted");

        exchange.SeenOf("POST").ShouldBe(0);
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => occupied);
    }

    [Theory]
    [InlineData("FIN")]
    [InlineData("RST")]
    [InlineData("no TLS")]
    [InlineData("silence")]
    [InlineData("silence, older handler")]
    public async Task A_handshake_that_fails_is_no_doubt(string failure)
    {
        await using var server = new DeafServer(failure);
        using HttpMessageHandler primary = failure == "silence, older handler" ? new HttpClientHandler() : new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromMilliseconds(200) };

        (await TellAsync(primary, version: 1, new UriBuilder(server.Address) { Scheme = "https" }.Uri)).ShouldBe("throws CONNECTION_REFUSED NotExecuted");
    }

    [Theory]
    [InlineData(407, 1)]
    [InlineData(407, 2)]
    [InlineData(403, 1)]
    [InlineData(502, 1)]
    [InlineData(502, 2)]
    public async Task A_proxy_that_makes_no_tunnel_passes_no_order(int status, int version)
    {
        await using var proxy = new RawServer(_ => new RawAnswer(FormattableString.Invariant($"HTTP/1.1 {status} X\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"), RawEnding.KeepAlive));
        using var primary = new SocketsHttpHandler { Proxy = new WebProxy(proxy.Address) };

        (await TellAsync(primary, version)).ShouldBe("throws PROXY_REFUSED NotExecuted");
    }

    [Theory]
    [InlineData("FIN")]
    [InlineData("RST")]
    [InlineData("silence")]
    public async Task A_proxy_that_hangs_up_passes_no_order(string failure)
    {
        await using var proxy = new DeafServer(failure);
        using var primary = new SocketsHttpHandler { Proxy = new WebProxy(proxy.Address), ConnectTimeout = TimeSpan.FromMilliseconds(200) };

        (await TellAsync(primary, version: 1)).ShouldBe("throws CONNECTION_REFUSED NotExecuted");
    }

    [Fact]
    public async Task A_proxy_that_asks_for_credentials_nobody_has_is_told_at_once()
    {
        var proxy = new LateProxy();
        await using var exchange = new HostileExchange(
            static () => new RawAnswer("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", RawEnding.KeepAlive), primary: new SocketsHttpHandler { Proxy = proxy });
        proxy.Address = exchange.Server.Address;
        await exchange.WarmUpAsync();

        (await exchange.TellAsync("POST")).ShouldBe("407 HTTP_407_PROXY_CREDENTIALS NotExecuted");

        exchange.SeenOf("POST").ShouldBe(1);
    }

    /// <summary>.NET keeps the head back until it writes the content; however long it is, nothing of it is on the wire before.</summary>
    [Fact]
    public async Task The_transport_sends_nothing_before_it_asks_for_the_content()
    {
        await using var server = new DeafServer("FIN");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "?" + new string('x', 60_000)));
        request.Headers.TryAddWithoutValidation("X-Long", new string('x', 60_000)).ShouldBeTrue();
        request.Content = new Broken();

        await Should.ThrowAsync<FormatException>(() => http.SendAsync(request));

        (await server.FirstRead).ShouldBe(0, "or an attempt whose content was not begun may have left");
    }

    private static async ValueTask<Stream> NeverAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException();
    }

    private static async Task<string> TellAsync(HttpMessageHandler primary, int version, Uri? address = null)
    {
        await using var services = Services(primary, address);
        using var http = Client(services, version);
        var told = await HostileExchange.TellAsync(() => http.PostAsync(HostileExchange.TargetOf("POST"), content: null));
        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
        return told;
    }

    private static ServiceProvider Services(HttpMessageHandler primary, Uri? address = null) => WireFixture.Build(
        address ?? Nowhere,
        static options =>
        {
            options.AttemptTimeout = TimeSpan.FromMilliseconds(400);

            // What is in doubt after all is told soon.
            options.TotalTimeout = TimeSpan.FromSeconds(5);
            options.Policies["Transport"] = new ErrorPolicy { MaxAttempts = 2, BaseDelay = TimeSpan.FromMilliseconds(1) };
        },
        inner: client => client.ConfigurePrimaryHttpMessageHandler(() => primary));

    private static HttpClient Client(ServiceProvider services, int version)
    {
        var http = services.GetRequiredService<FuturesClient>().Http;
        http.DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0);
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return http;
    }

    private sealed class Broken : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new FormatException();

        protected override bool TryComputeLength(out long length)
        {
            length = 1;
            return true;
        }
    }

    /// <summary>Reads once from each connection, and then does to it what the test says.</summary>
    private sealed class DeafServer : IAsyncDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly TaskCompletionSource<int> _firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _stop = new();
        private readonly List<Socket> _silent = [];
        private readonly Task _accepting;

        public DeafServer(string failure)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            Address = new UriBuilder("http", "127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port).Uri;
            _accepting = AcceptAsync(failure);
        }

        public Uri Address { get; }

        /// <summary>How many bytes the first connection brought at first.</summary>
        public Task<int> FirstRead => _firstRead.Task;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _silent.ForEach(static socket => socket.Dispose());
            _stop.Dispose();
        }

        private async Task AcceptAsync(string failure)
        {
            try
            {
                while (true)
                {
                    var socket = await _listener.AcceptAsync(_stop.Token);
                    _silent.Add(socket);
                    _firstRead.TrySetResult(await socket.ReceiveAsync(new byte[4096], _stop.Token));
                    switch (failure)
                    {
                        case "FIN":
                            socket.Shutdown(SocketShutdown.Send);
                            break;
                        case "RST":
                            socket.LingerState = new LingerOption(enable: true, seconds: 0);
                            socket.Close();
                            break;
                        case "no TLS":
                            await socket.SendAsync("HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                            break;
                    }
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
