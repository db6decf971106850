using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Load;

/// <summary>Answers every GET on a loopback port with the same order, in bytes made once a second, and the exchange's time where that is asked for: what is measured is the client.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const int LargestRequest = 1 << 14;
    private const string Order =
        """{"orderId":8000000001,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"load","price":"40000.00","avgPrice":"0.00","origQty":"0.001","executedQty":"0.000","side":"BUY","type":"LIMIT"}""";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private byte[] _reply = ReplyOf(Order);
    private long _replyEnds;

    private readonly Task _accepting;

    public LoopbackServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog: 512);
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}"));
        _accepting = AcceptAsync();
    }

    public const string Verb = "load-exchange";

    public Uri Address { get; }

    /// <summary>Says its address and serves until it is told to stop, or its parent is gone.</summary>
    public static async Task<int> RunAsync()
    {
        await using var server = new LoopbackServer();
        await Console.Out.WriteLineAsync(server.Address.ToString());

        // On a thread of its own: the console's reader has no way to wait without keeping one.
        await Task.Factory.StartNew(Console.In.ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private static byte[] Time() => ReplyOf($$"""{"serverTime":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}""");

    private static byte[] ReplyOf(string body) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nDate: {TimeProvider.System.GetUtcNow():R}\r\nx-mbx-used-weight-1m: 1\r\n\r\n{body}"));

    private byte[] Reply()
    {
        if (Environment.TickCount64 >= Volatile.Read(ref _replyEnds))
        {
            Volatile.Write(ref _reply, ReplyOf(Order));
            Volatile.Write(ref _replyEnds, Environment.TickCount64 + 500);
        }

        return Volatile.Read(ref _reply);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The bench is over; its clients close the connections.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var buffer = new byte[LargestRequest];
            var end = 0;
            try
            {
                while (true)
                {
                    var received = await socket.ReceiveAsync(buffer.AsMemory(end));
                    if (received == 0)
                    {
                        return;
                    }

                    // One request after another comes on a connection, without a body.
                    end += received;
                    if (buffer.AsSpan(0, end).EndsWith("\r\n\r\n"u8))
                    {
                        var asksTime = buffer.AsSpan(0, end).StartsWith("GET /fapi/v1/time"u8);
                        end = 0;
                        await socket.SendAsync(asksTime ? Time() : Reply());
                    }
                }
            }
            catch (SocketException)
            {
                // Its client is gone.
            }
        }
    }
}
