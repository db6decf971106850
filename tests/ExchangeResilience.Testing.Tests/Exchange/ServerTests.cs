using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ExchangeResilience.Testing.Tests.Exchange;

/// <summary>The port, spoken to byte by byte.</summary>
public sealed class ServerTests
{
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_reply_is_plain_HTTP()
    {
        await using var server = await new SimulatedExchange(time: _time).ListenAsync();

        (await TalkAsync(server, "GET /fapi/v1/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).ShouldBe(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\nConnection: close\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-mbx-used-weight-1m: 1\r\n\r\n{\"serverTime\":1767225600000}");
    }

    [Fact]
    public async Task One_connection_serves_many_requests_even_sent_at_once()
    {
        var exchange = new SimulatedExchange(time: _time);
        await using var server = await exchange.ListenAsync();

        var replies = await TalkAsync(server, "GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n\r\nGET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n\r\nGET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        replies.Split("HTTP/1.1 200 OK").Length.ShouldBe(4);
        exchange.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_body_in_chunks_is_put_together()
    {
        var exchange = new SimulatedExchange(time: _time);
        await using var server = await exchange.ListenAsync();

        await TalkAsync(server, "POST /fapi/v1/listenKey HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n");

        exchange.Requests.Single().Body.ShouldBe("a=1&b=2");
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET /fapi/v1/ping HTTP/1.1\r\nContent-Length: many\r\n\r\n")]
    [InlineData("POST /fapi/v1/ping HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("POST /fapi/v1/ping HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")]
    public async Task What_is_not_HTTP_closes_the_connection_and_harms_nothing(string bytes)
    {
        var exchange = new SimulatedExchange(time: _time);
        await using var server = await exchange.ListenAsync();

        (await TalkAsync(server, bytes, finish: true)).ShouldBe("");

        exchange.Requests.ShouldBeEmpty();
        (await TalkAsync(server, "GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).ShouldEndWith("{}");
    }

    [Fact]
    public async Task Disposing_ends_silent_connections_and_frees_the_port()
    {
        var exchange = new SimulatedExchange(time: _time);
        exchange.Faults.Next("GET /fapi/v1/ping", Fault.Silence);
        var server = await exchange.ListenAsync();
        var silent = TalkAsync(server, "GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n");
        while (exchange.Requests.Count == 0)
        {
            await Task.Yield();
        }

        await server.DisposeAsync();

        (await silent).ShouldBe("");
        await using var again = await exchange.ListenAsync(server.Address.Port);
        again.Address.ShouldBe(server.Address);
    }

    [Fact]
    public async Task Two_servers_share_one_exchange()
    {
        var exchange = new SimulatedExchange(time: _time);
        await using var first = await exchange.ListenAsync();
        await using var second = await exchange.ListenAsync();
        using var a = new Trader(new SocketsHttpHandler(), first.Address, _time);
        using var b = new Trader(new SocketsHttpHandler(), second.Address, _time);

        await a.PlaceMarketAsync("a-1");

        (await b.FindAsync("a-1")).ShouldBeOk();
    }

    [Fact]
    public async Task Manual_time_drives_work_that_waits_for_sockets_given_a_quiet_time()
    {
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { Latency = TimeSpan.FromSeconds(4) }, _time);
        await using var server = await exchange.ListenAsync();
        using var trader = new Trader(new SocketsHttpHandler(), server.Address, _time);
        _time.QuietTime = TimeSpan.FromMilliseconds(50);

        (await _time.RunAsync(() => trader.GetAsync("/fapi/v1/ping"))).ShouldBeOk();

        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(4));
    }

    private static async Task<string> TalkAsync(SimulatedExchangeServer server, string bytes, bool finish = false)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Address.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes(bytes));
        if (finish)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        var received = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            received.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return received.ToString();
    }
}
