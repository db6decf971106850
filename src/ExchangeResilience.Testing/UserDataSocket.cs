using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience.Testing;

/// <summary>A connection of the server that has become a WebSocket: events go out, and what the client sends goes unread.</summary>
internal sealed class UserDataSocket(Socket socket)
{
    // The constant of RFC 6455.
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static readonly TimeSpan PingInterval = TimeSpan.FromMinutes(3);

    /// <summary>The listen key of an address: the end of the path, or a parameter, as in the exchange's older and newer addresses.</summary>
    public static string? ListenKeyOf(WireRequest request) => request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["ws", var key] => key,
        ["private", "ws", var key] => key,
        ["private", "ws"] => Parameters.Parse(request.Query, [], out _)["listenKey"],
        _ => null,
    };

    public static byte[] Accept(string key)
    {
#pragma warning disable CA5350 // The protocol's handshake names SHA-1; nothing is kept secret by it.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350
        return Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
    }

    public async Task RunAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        using var stream = new NetworkStream(socket, ownsSocket: false);
        using var web = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = PingInterval });
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = ReceiveAsync(web, gone);
        try
        {
            await foreach (var payload in events.WithCancellation(gone.Token).ConfigureAwait(false))
            {
                await web.SendAsync(payload, WebSocketMessageType.Text, endOfMessage: true, gone.Token).ConfigureAwait(false);
            }

            await web.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, gone.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // The client went away, or the server stops.
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await receiving.ConfigureAwait(false);
        }
    }

    /// <summary>Reads until the client closes, and says so.</summary>
    private static async Task ReceiveAsync(WebSocket web, CancellationTokenSource gone)
    {
        try
        {
            var ignored = new byte[1024];
            while ((await web.ReceiveAsync(ignored.AsMemory(), gone.Token).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
                // Subscriptions are made by the address alone.
            }

            await web.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, gone.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or InvalidOperationException)
        {
            // There is no client left to answer.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }
}
