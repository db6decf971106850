using System.Net;
using System.Net.Sockets;
using System.Text;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>
/// Connections that end at every stage, gracefully and not, for an order and for a query, on a fresh connection and on one used before. An order leaves once,
/// whatever the transport would do by itself; a query is asked up to four times over by the transport after a FIN, which cannot be told from outside.
/// </summary>
public sealed class BrokenConnectionTests
{
    private const string Order = """{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"hostile","status":"NEW"}""";

    [Theory]
    [InlineData("before the request", "FIN", "fresh", "throws CONNECTION_LOST NotExecuted", 1)]
    [InlineData("before the request", "RST", "fresh", "throws CONNECTION_LOST NotExecuted | 200 at last", 1)]
    [InlineData("before the request", "FIN", "pooled", "200", 1)]
    [InlineData("before the request", "RST", "pooled", "200", 1)]
    [InlineData("within the request", "FIN", "fresh", "throws CONNECTION_LOST NotExecuted", 1)]
    [InlineData("within the request", "RST", "fresh", "throws CONNECTION_LOST NotExecuted", 1)]
    [InlineData("within the request", "FIN", "pooled", "throws CONNECTION_LOST NotExecuted", 1)]
    [InlineData("within the request", "RST", "pooled", "throws CONNECTION_LOST NotExecuted", 1)]
    [InlineData("after the request", "FIN", "fresh", "200 by evidence", 1)]
    [InlineData("after the request", "RST", "fresh", "200 by evidence", 1)]
    [InlineData("after the request", "FIN", "pooled", "200 by evidence", 1)]
    [InlineData("after the request", "RST", "pooled", "200 by evidence", 1)]
    [InlineData("within the head", "FIN", "fresh", "200 by evidence", 1)]
    [InlineData("within the head", "RST", "fresh", "200 by evidence", 1)]
    [InlineData("within the head", "FIN", "pooled", "200 by evidence", 1)]
    [InlineData("within the head", "RST", "pooled", "200 by evidence", 1)]
    [InlineData("within the body", "FIN", "fresh", "200 by evidence", 1)]
    [InlineData("within the body", "RST", "fresh", "200 by evidence", 1)]
    [InlineData("within the body", "FIN", "pooled", "200 by evidence", 1)]
    [InlineData("within the body", "RST", "pooled", "200 by evidence", 1)]
    public async Task An_order_leaves_once_and_its_truth_is_found(string stage, string ending, string connection, string told, int times)
    {
        await using var exchange = Exchange(stage, ending, connection);
        await exchange.WarmUpAsync();
        Break(exchange, stage, ending, connection, breaks: 1);

        // Long enough not to fit into the sockets' buffers, so that it is cut while it is being sent.
        using var form = stage == "within the request" ? new StringContent("pad=" + new string('x', 1_000_000), Encoding.ASCII, "application/x-www-form-urlencoded") : null;
        var heard = await exchange.TellAsync("POST", form);
        told.Split(" | ").ShouldContain(heard, "a reset may come before or after the transport has begun to send");

        (exchange.SeenOf("POST") + exchange.Server.Interrupted).ShouldBe(heard == "200 at last" ? times + 1 : times);
        exchange.InDoubt.List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("before the request", "FIN", "fresh", "throws CONNECTION_LOST NotExecuted", 8)]
    [InlineData("before the request", "RST", "fresh", "throws CONNECTION_LOST NotExecuted | throws CONNECTION_REFUSED NotExecuted", 2)]
    [InlineData("before the request", "FIN", "pooled", "200", 1)]
    [InlineData("before the request", "RST", "pooled", "200", 1)]
    [InlineData("within the request", "FIN", "fresh", "throws CONNECTION_LOST NotExecuted", 8)]
    [InlineData("within the request", "RST", "fresh", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("within the request", "FIN", "pooled", "throws CONNECTION_LOST NotExecuted", 8)]
    [InlineData("within the request", "RST", "pooled", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("after the request", "FIN", "fresh", "throws CONNECTION_LOST NotExecuted", 8)]
    [InlineData("after the request", "RST", "fresh", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("after the request", "FIN", "pooled", "throws CONNECTION_LOST NotExecuted", 8)]
    [InlineData("after the request", "RST", "pooled", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("within the head", "FIN", "fresh", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("within the head", "RST", "fresh", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("within the head", "FIN", "pooled", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("within the head", "RST", "pooled", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("within the body", "FIN", "fresh", "throws HttpRequestException ResponseEnded", 1)]
    [InlineData("within the body", "RST", "fresh", "throws HttpRequestException Unknown", 1)]
    [InlineData("within the body", "FIN", "pooled", "throws HttpRequestException ResponseEnded", 1)]
    [InlineData("within the body", "RST", "pooled", "throws HttpRequestException Unknown", 1)]
    public async Task A_query_is_asked_again_as_often_as_its_row_says(string stage, string ending, string connection, string told, int times)
    {
        const int Always = 100;
        await using var exchange = Exchange(stage, ending, connection);
        await exchange.WarmUpAsync();
        Break(exchange, stage, ending, connection, Always);

        var query = stage == "within the request" ? $"{Balance}?pad={new string('x', 30_000)}" : Balance;
        told.Split(" | ").ShouldContain(await HostileExchange.TellAsync(() => exchange.Http.GetAsync(query)));

        (exchange.SeenOf("GET") + exchange.Server.Interrupted).ShouldBe(times);
    }

    [Theory]
    [InlineData("FIN")]
    [InlineData("RST")]
    public async Task A_query_whose_connection_broke_before_the_reply_succeeds_on_another(string ending)
    {
        await using var exchange = Exchange("before the request", ending, "fresh");
        await exchange.WarmUpAsync();
        Break(exchange, "before the request", ending, "fresh", breaks: 1);

        // After a FIN the transport asks again by itself, so that there is nothing to report.
        (await exchange.TellAsync("GET")).ShouldBe(ending == "FIN" ? "200" : "200 at last");

        exchange.SeenOf("GET").ShouldBe(1);
    }

    /// <summary>.NET asks the socket for its peer outside everything that wraps exceptions, and a peer that has reset the connection is none.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_connection_reset_as_it_came_about_is_no_doubt(string method)
    {
        var resets = 0;
        using var primary = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, cancellationToken) => Interlocked.Decrement(ref resets) >= 0
                ? await ConnectToResetAsync(cancellationToken)
                : await ConnectAsync(context.DnsEndPoint, cancellationToken),
        };
        await using var exchange = new HostileExchange(static () => RawAnswer.Json(200, Order), executes: true, primary: primary);
        await exchange.WarmUpAsync();

        resets = 1;
        (await exchange.TellAsync(method)).ShouldBe("200 at last");

        exchange.SeenOf(method).ShouldBe(1);
        exchange.InDoubt.List().ShouldBeEmpty();
    }

    private static async Task<Stream> ConnectAsync(EndPoint peer, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(peer, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<Stream> ConnectToResetAsync(CancellationToken cancellationToken)
    {
        using var door = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        door.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        door.Listen();
        var stream = (NetworkStream)await ConnectAsync(door.LocalEndPoint!, cancellationToken);
        using (var peer = await door.AcceptAsync(cancellationToken))
        {
            peer.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        // Readable once the reset has arrived.
        stream.Socket.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead).ShouldBeTrue();
        return stream;
    }

    private static RawEnding EndingOf(string ending) => ending == "FIN" ? RawEnding.Fin : RawEnding.Reset;

    private static HostileExchange Exchange(string stage, string ending, string connection)
    {
        var answer = stage switch
        {
            "after the request" => new RawAnswer("", EndingOf(ending)),
            "within the head" => new RawAnswer("HTTP/1.1 200 X\r\nContent-Le", EndingOf(ending)),
            "within the body" => RawAnswer.CutOff(200, Order, EndingOf(ending)),
            _ => RawAnswer.Json(200, Order),
        };
        return new HostileExchange(() => answer, executes: true, primary: new SocketsHttpHandler
        {
            // One connection serves all, or each serves one.
            MaxConnectionsPerServer = connection == "pooled" ? 1 : int.MaxValue,
            PooledConnectionLifetime = connection == "pooled" ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
        });
    }

    private static void Break(HostileExchange exchange, string stage, string ending, string connection, int breaks)
    {
        switch (stage, connection)
        {
            case ("before the request", "pooled"):
                exchange.Server.CloseIdle(EndingOf(ending));
                break;
            case ("before the request", _):
                exchange.Server.Interrupt(afterBytes: 0, EndingOf(ending), breaks);
                break;
            case ("within the request", _):
                exchange.Server.Interrupt(afterBytes: 1000, EndingOf(ending), breaks);
                break;
        }
    }
}
