using System.Buffers.Binary;

namespace ExchangeResilience.Tests.Wire;

/// <summary>The other end of HTTP/2 connections, made of frames: it takes each request whole, executes it, and refuses to have seen it.</summary>
internal sealed class RefusingPeer(string refusal, Action execute)
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const byte EndOfStream = 1;
    private const byte Acknowledged = 1;

    private int _heads;

    /// <summary>How many heads of requests came.</summary>
    public int Heads => Volatile.Read(ref _heads);

    public async Task ServeAsync(Stream connection)
    {
        // Whoever refused is not hung up on; a connection that nothing comes over any more is let go.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await ServeAsync(connection, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It is.
        }
    }

    private async Task ServeAsync(Stream connection, CancellationToken cancellationToken)
    {
        await SendAsync(connection, Settings, flags: 0, stream: 0, []);
        var frame = new byte[9];
        while (await connection.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false, cancellationToken) == frame.Length)
        {
            var payload = new byte[(frame[0] << 16) | (frame[1] << 8) | frame[2]];
            await connection.ReadExactlyAsync(payload, cancellationToken);
            var (type, flags, stream) = (frame[3], frame[4], BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(5)));
            if (type == Settings && (flags & Acknowledged) == 0)
            {
                await SendAsync(connection, Settings, Acknowledged, stream: 0, []);
            }

            if (type == Headers)
            {
                Interlocked.Increment(ref _heads);
            }

            if (type is Data or Headers && (flags & EndOfStream) != 0)
            {
                execute();
                await RefuseAsync(connection, stream);
            }
        }
    }

    private Task RefuseAsync(Stream connection, int stream) => refusal switch
    {
        // The last stream that was looked at: none.
        "GOAWAY" => SendAsync(connection, GoAway, flags: 0, stream: 0, new byte[8]),
        "REFUSED_STREAM" => SendAsync(connection, Reset, flags: 0, stream, [0, 0, 0, 7]),
        "HTTP_1_1_REQUIRED" => SendAsync(connection, Reset, flags: 0, stream, [0, 0, 0, 13]),
        _ => throw new InvalidOperationException(refusal),
    };

    private static async Task SendAsync(Stream connection, byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[2], frame[3], frame[4]) = ((byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await connection.WriteAsync(frame);
    }
}
