using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ExchangeResilience.Tests.Wire;

/// <summary>What a scripted server does with one request: bytes to send, and how the connection ends.</summary>
internal sealed record RawAnswer(string Bytes, RawEnding Ending)
{
    public static RawAnswer Fin { get; } = new("", RawEnding.Fin);

    public static RawAnswer Reset { get; } = new("", RawEnding.Reset);

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

/// <summary>A server of sockets alone, with no HTTP library between the test and the bytes. It keeps the head of each request as it came.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, RawAnswer> _answer;
    private readonly Lock _lock = new();
    private readonly List<string> _heads = [];
    private readonly List<Task> _running = [];

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

    public IReadOnlyList<string> HeadsOf(string endpoint)
    {
        lock (_lock)
        {
            return [.. _heads.Where(head => head.StartsWith(endpoint + "?", StringComparison.Ordinal) || head.StartsWith(endpoint + " ", StringComparison.Ordinal))];
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

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                lock (_lock)
                {
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
        using (socket)
        {
            try
            {
                while (await ReadHeadAsync(socket) is { } head)
                {
                    lock (_lock)
                    {
                        _heads.Add(head);
                    }

                    var answer = _answer(head[..head.IndexOf("\r\n", StringComparison.Ordinal)]);
                    await socket.SendAsync(Encoding.ASCII.GetBytes(answer.Bytes), _stop.Token);
                    switch (answer.Ending)
                    {
                        case RawEnding.Fin:
                            socket.Shutdown(SocketShutdown.Both);
                            return;
                        case RawEnding.Reset:
                            socket.LingerState = new LingerOption(enable: true, seconds: 0);
                            socket.Close();
                            return;
                        case RawEnding.Silence:
                            await ReadHeadAsync(socket);
                            return;
                    }
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client has gone, or the test is over.
            }
        }
    }

    /// <summary>Requests of these tests have no body, so one ends where its head does. Null once the client has closed.</summary>
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

            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            if (text.ToString() is var head && head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                return head;
            }
        }
    }
}
