using System.Net;
using System.Net.Sockets;
using System.Text;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>The wire between one process and the exchange. Cut, nothing passes in either direction; what has left arrives.</summary>
internal sealed class Cable(World world, SimulatedProcess process, string address) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _exchange = new(world.Exchange.CreateHandler(address));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (process.IsDead)
        {
            return await Never<HttpResponseMessage>.Ends;
        }

        if (world.Outage is { } and not OutageKind.Portal)
        {
            throw Unsent(request);
        }

        // As a transport does, once; what reads it further down finds it here.
        if (request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken);
        }

        if (world.Outage == OutageKind.Portal)
        {
            return AnswerInstead(request);
        }

        world.Wire.NoteSend(process, address, request);
        world.Stream?.NoteSend(request);
        try
        {
            var response = await _exchange.SendAsync(request, cancellationToken);
            if (process.IsDead)
            {
                return await Never<HttpResponseMessage>.Ends;
            }

            if (world.Intermediary.Pass(request, response))
            {
                world.Wire.NoteReply(request);
            }

            world.Log.Add($"{process}: {request.Method} {request.RequestUri!.AbsolutePath} is answered {(int)response.StatusCode}");
            return response;
        }
        catch (Exception) when (process.IsDead)
        {
            return await Never<HttpResponseMessage>.Ends;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _exchange.Dispose();
        }

        base.Dispose(disposing);
    }

    private HttpResponseMessage AnswerInstead(HttpRequestMessage request)
    {
        NoteUnsent(request);
        world.Wire.NoteAnswered(request);
        world.Wire.NoteReply(request);
        return new HttpResponseMessage { Content = new StringContent(request.Method == HttpMethod.Get ? "<html>Sign in</html>" : "{}", Encoding.UTF8, "application/json"), RequestMessage = request };
    }

    private HttpRequestException Unsent(HttpRequestMessage request)
    {
        NoteUnsent(request);
        return world.Outage switch
        {
            OutageKind.NoName => new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known", new SocketException((int)SocketError.HostNotFound)),
            OutageKind.ProxyRefuses => new HttpRequestException(HttpRequestError.ProxyTunnelError, "The proxy tunnel request to proxy failed with status code '407'.", statusCode: HttpStatusCode.ProxyAuthenticationRequired),
            OutageKind.NetworkUnreachable => Unconnected(SocketError.NetworkUnreachable),
            OutageKind.HostUnreachable => Unconnected(SocketError.HostUnreachable),
            _ => Unconnected(SocketError.ConnectionRefused),
        };
    }

    private static HttpRequestException Unconnected(SocketError why) => new(HttpRequestError.ConnectionError, "Connection failed", new SocketException((int)why));

    private void NoteUnsent(HttpRequestMessage request) => world.Log.Add($"{process}: {request.Method} {request.RequestUri!.AbsolutePath} does not leave: {world.Outage}");
}

/// <summary>What a dead process waits for.</summary>
internal static class Never<T>
{
    public static Task<T> Ends => new TaskCompletionSource<T>().Task;
}
