using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ExchangeResilience.Testing;

/// <summary>One connection of the server: HTTP/1.1 with keep-alive, one request after another. What is not HTTP closes it.</summary>
internal sealed class ServerConnection(ServedExchange exchange, TimeProvider time, Socket socket)
{
    private const int LargestRequest = 1 << 16;

    private readonly byte[] _buffer = new byte[LargestRequest];
    private int _start;
    private int _end;

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await ReadRequestAsync(cancellationToken).ConfigureAwait(false) is { } request)
        {
            if (request.WebSocketKey is { } key)
            {
                await StreamAsync(request.Wire, key, cancellationToken).ConfigureAwait(false);
                return;
            }

            var delivery = await exchange.ServeAsync(request.Wire).ConfigureAwait(false);
            if (!await DeliverAsync(delivery, request.KeepAlive, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Becomes a user data stream, where the listen key is one.</summary>
    private async Task StreamAsync(WireRequest request, string key, CancellationToken cancellationToken)
    {
        if (UserDataSocket.ListenKeyOf(request) is not { } listenKey || exchange.Subscribe(listenKey) is not { } events)
        {
            var refused = Replies.Of(Refusal.BadListenKey, retryAfter: null);
            await SendAsync((byte[])[.. Head(refused, keepAlive: false), .. refused.Body], cancellationToken).ConfigureAwait(false);
            return;
        }

        await SendAsync(UserDataSocket.Accept(key), cancellationToken).ConfigureAwait(false);
        await new UserDataSocket(socket).RunAsync(events, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends the reply the way the fault wants it. False once the connection is done with.</summary>
    private async Task<bool> DeliverAsync(Delivery delivery, bool keepAlive, CancellationToken cancellationToken)
    {
        switch (delivery.Ending)
        {
            case FaultEnding.Reset:
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Close();
                return false;

            case FaultEnding.Fin:
                socket.Shutdown(SocketShutdown.Both);
                return false;

            case FaultEnding.Silence:
                await WaitForCloseAsync(cancellationToken).ConfigureAwait(false);
                return false;

            case FaultEnding.HalfBody:
                await SendAsync(Head(delivery.Reply, keepAlive), cancellationToken).ConfigureAwait(false);
                await SendAsync(delivery.Reply.Body.AsMemory(0, delivery.Reply.Body.Length / 2), cancellationToken).ConfigureAwait(false);
                socket.Shutdown(SocketShutdown.Both);
                return false;

            case FaultEnding.Drip:
                await SendAsync(Head(delivery.Reply, keepAlive), cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < delivery.Reply.Body.Length; i++)
                {
                    await Task.Delay(delivery.Interval, time, cancellationToken).ConfigureAwait(false);
                    await SendAsync(delivery.Reply.Body.AsMemory(i, 1), cancellationToken).ConfigureAwait(false);
                }

                return keepAlive;

            default:
                delivery.OnSent();
                await SendAsync((byte[])[.. Head(delivery.Reply, keepAlive), .. delivery.Reply.Body], cancellationToken).ConfigureAwait(false);
                return keepAlive;
        }
    }

    private static byte[] Head(WireReply reply, bool keepAlive)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} {(HttpStatusCode)reply.Status}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Type: {reply.ContentType}\r\nContent-Length: {reply.Body.Length}\r\nConnection: {(keepAlive ? "keep-alive" : "close")}\r\n");
        foreach (var (name, value) in reply.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
        }
    }

    private async Task WaitForCloseAsync(CancellationToken cancellationToken)
    {
        var ignored = new byte[256];
        while (await socket.ReceiveAsync(ignored, cancellationToken).ConfigureAwait(false) > 0)
        {
            // What a client still sends into the silence goes unread.
        }
    }

    private async Task<(WireRequest Wire, bool KeepAlive, string? WebSocketKey)?> ReadRequestAsync(CancellationToken cancellationToken)
    {
        if (await ReadToAsync("\r\n\r\n", cancellationToken).ConfigureAwait(false) is not { } head)
        {
            return null;
        }

        var lines = head.Split("\r\n");
        var headers = lines.Skip(1)
            .Select(static line => line.Split(':', 2))
            .Where(static pair => pair.Length == 2)
            .ToLookup(static pair => pair[0].Trim(), static pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = headers["Transfer-Encoding"].Any(static value => value.Contains("chunked", StringComparison.OrdinalIgnoreCase)) ? await ReadChunksAsync(cancellationToken).ConfigureAwait(false)
            : int.TryParse(headers["Content-Length"].FirstOrDefault("0"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? await ReadBytesAsync(length, cancellationToken).ConfigureAwait(false)
            : null;
        if (body is null || lines[0].Split(' ') is not [var method, var target, _])
        {
            return null;
        }

        var question = target.IndexOf('?', StringComparison.Ordinal);
        var wire = new WireRequest(
            method,
            question < 0 ? target : target[..question],
            question < 0 ? "" : target[(question + 1)..],
            body,
            headers["X-MBX-APIKEY"].Any() ? string.Join(',', headers["X-MBX-APIKEY"]) : null,
            "127.0.0.1");
        var upgrade = headers["Upgrade"].Contains("websocket", StringComparer.OrdinalIgnoreCase) ? headers["Sec-WebSocket-Key"].FirstOrDefault() : null;
        return (wire, !headers["Connection"].Contains("close", StringComparer.OrdinalIgnoreCase), upgrade);
    }

    /// <summary>What comes before a delimiter, which is passed over too; null if the client closes before it.</summary>
    private async Task<string?> ReadToAsync(string delimiter, CancellationToken cancellationToken)
    {
        int length;
        while ((length = Unread.IndexOf(Encoding.ASCII.GetBytes(delimiter))) < 0)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }

        var text = Encoding.Latin1.GetString(Unread[..length]);
        _start += length + delimiter.Length;
        return text;
    }

    private async Task<byte[]?> ReadBytesAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }

        var bytes = Unread[..count].ToArray();
        _start += count;
        return bytes;
    }

    private async Task<byte[]?> ReadChunksAsync(CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = await ReadToAsync("\r\n", cancellationToken).ConfigureAwait(false);
            if (!int.TryParse(line?.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size is < 0 or > LargestRequest
                || await ReadBytesAsync(size + 2, cancellationToken).ConfigureAwait(false) is not { } chunk)
            {
                return null;
            }

            if (size == 0)
            {
                return body.ToArray();
            }

            body.Write(chunk, 0, size);
        }
    }

    /// <summary>Receives more. False if the client closed, or sends more than is taken.</summary>
    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Unread.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            return false;
        }

        var received = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += received;
        return received > 0;
    }
}
