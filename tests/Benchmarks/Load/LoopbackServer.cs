using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Load;

/// <summary>Answers every GET on a loopback port with the same order, in bytes made beforehand: what is measured is the client.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const int LargestRequest = 1 << 14;
    private const string Order =
        """{"orderId":8000000001,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"load","price":"40000.00","avgPrice":"0.00","origQty":"0.001","executedQty":"0.000","side":"BUY","type":"LIMIT"}""";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _reply = Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Order.Length}\r\nDate: {TimeProvider.System.GetUtcNow():R}\r\nx-mbx-used-weight-1m: 1\r\n\r\n{Order}"));

    private readonly Task _accepting;

    public LoopbackServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog: 512);
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}"));
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
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
                        end = 0;
                        await socket.SendAsync(_reply);
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
