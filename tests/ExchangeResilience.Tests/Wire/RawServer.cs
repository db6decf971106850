using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace ExchangeResilience.Tests.Wire;

/// <summary>What a scripted server does with one request: bytes to send, and how the connection ends.</summary>
internal sealed record RawAnswer(string Bytes, RawEnding Ending)
{
    public static RawAnswer Fin { get; } = new("", RawEnding.Fin);

    public static RawAnswer Reset { get; } = new("", RawEnding.Reset);

    /// <summary>What follows the bytes, piece by piece. It may have no end.</summary>
    public IEnumerable<byte[]> Tail { get; init; } = [];

    /// <summary>How long the server waits before each piece of the tail.</summary>
    public TimeSpan Pause { get; init; }

    public static RawAnswer Json(int status, string body) => new(Head(status, body.Length) + body, RawEnding.KeepAlive);

    /// <summary>The head promises more than the connection delivers before it ends.</summary>
    public static RawAnswer CutOff(int status, string body, RawEnding ending) => new(Head(status, body.Length) + body[..(body.Length / 2)], ending);

    private static string Head(int status, int length) =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
}

internal enum RawEnding
{
    KeepAlive,
    Fin,
    Reset,
    Silence,
}

/// <summary>
/// A server of sockets alone, with no HTTP library between the test and the bytes. It keeps the head of each request as it came, but for the host before the path, with
/// which a proxy is asked.
/// </summary>
internal sealed partial class RawServer : IAsyncDisposable
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, RawAnswer> _answer;
    private readonly Lock _lock = new();
    private readonly List<string> _heads = [];
    private readonly List<Task> _running = [];
    private readonly HashSet<Socket> _open = [];
    private (int AfterBytes, RawEnding Ending, int Times) _interruption;
    private int _connections;
    private int _interrupted;
    private long _sent;

    /// <param name="answer">Gives the answer to a request by its first line, such as <c>POST /fapi/v1/order?... HTTP/1.1</c>.</param>
    public RawServer(Func<string, RawAnswer> answer)
    {
        _answer = answer;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}"));
        _running.Add(AcceptAsync());
    }

    public Uri Address { get; }

    /// <summary>Serves the connections on which HTTP/2 is spoken, from behind the preface.</summary>
    public Func<Stream, Task>? Http2 { get; init; }

    /// <summary>How many connections came about.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many requests were interrupted.</summary>
    public int Interrupted => Volatile.Read(ref _interrupted);

    /// <summary>How many bytes of tails the clients' side took.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public IReadOnlyList<string> HeadsOf(string endpoint)
    {
        lock (_lock)
        {
            return [.. _heads.Where(head => head.StartsWith(endpoint + "?", StringComparison.Ordinal) || head.StartsWith(endpoint + " ", StringComparison.Ordinal))];
        }
    }

    /// <summary>Ends the next connections in the middle of a request, of which no more than some bytes are looked at; with none, as soon as they are accepted.</summary>
    public void Interrupt(int afterBytes, RawEnding ending, int times)
    {
        lock (_lock)
        {
            _interruption = (afterBytes, ending, times);
        }
    }

    /// <summary>Closes the connections that wait for a request.</summary>
    public void CloseIdle(RawEnding ending)
    {
        lock (_lock)
        {
            foreach (var socket in _open)
            {
                if (ending == RawEnding.Fin)
                {
                    socket.Shutdown(SocketShutdown.Send);
                }
                else
                {
                    Abort(socket);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Task[] running;
        lock (_lock)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _stop.Dispose();
    }

    [GeneratedRegex("^(?<method>[A-Z]+) http://[^/ ]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AskedOfAProxy();

    private static void Abort(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                lock (_lock)
                {
                    _open.Add(socket);
                    _running.Add(ServeAsync(socket));
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            var goesOn = !await IsInterruptedAsync(socket, received: 0);
            while (goesOn && await ReadHeadAsync(socket) is { } head)
            {
                if (head.StartsWith(Preface, StringComparison.Ordinal))
                {
                    await using var stream = new NetworkStream(socket);
                    await Http2!(new Http2Pipe(Encoding.Latin1.GetBytes(head[Preface.Length..]), stream));
                    return;
                }

                lock (_lock)
                {
                    _heads.Add(head);
                }

                goesOn = await AnswerAsync(socket, _answer(head[..head.IndexOf("\r\n", StringComparison.Ordinal)]));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(socket);
            }

            socket.Dispose();
        }
    }

    private async Task<bool> AnswerAsync(Socket socket, RawAnswer answer)
    {
        await socket.SendAsync(Encoding.Latin1.GetBytes(answer.Bytes), _stop.Token);
        foreach (var piece in answer.Tail)
        {
            if (answer.Pause > TimeSpan.Zero)
            {
                await Task.Delay(answer.Pause, TimeProvider.System, _stop.Token);
            }

            Interlocked.Add(ref _sent, await socket.SendAsync(piece, _stop.Token));
        }

        await EndAsync(socket, answer.Ending);
        return answer.Ending == RawEnding.KeepAlive;
    }

    private async Task EndAsync(Socket socket, RawEnding ending)
    {
        switch (ending)
        {
            case RawEnding.Reset:
                Abort(socket);
                break;

            // A socket closed over bytes that nobody has read sends RST, not FIN.
            case RawEnding.Fin:
                socket.Shutdown(SocketShutdown.Send);
                await DrainAsync(socket);
                break;

            case RawEnding.Silence:
                await DrainAsync(socket);
                break;
        }
    }

    private async Task DrainAsync(Socket socket)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, _stop.Token) > 0)
        {
        }
    }

    private async Task<bool> IsInterruptedAsync(Socket socket, int received)
    {
        RawEnding ending;
        lock (_lock)
        {
            if (_interruption.Times == 0 || (received == 0) != (_interruption.AfterBytes == 0) || received < _interruption.AfterBytes)
            {
                return false;
            }

            _interruption.Times--;
            _interrupted++;
            ending = _interruption.Ending;
        }

        await EndAsync(socket, ending);
        return true;
    }

    /// <summary>Requests of these tests have no body, so one ends where its head does. Null once the client has closed, or was closed.</summary>
    private async Task<string?> ReadHeadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, _stop.Token);
            if (count == 0)
            {
                return null;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            if (await IsInterruptedAsync(socket, text.Length))
            {
                return null;
            }

            if (text.ToString() is var head && (head.EndsWith("\r\n\r\n", StringComparison.Ordinal) || head.StartsWith(Preface, StringComparison.Ordinal)))
            {
                return AskedOfAProxy().Replace(head, "${method} ");
            }
        }
    }
}
