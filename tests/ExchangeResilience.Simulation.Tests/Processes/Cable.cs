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

        if (world.Outage is { } outage)
        {
            return FailUnsent(outage, request);
        }

        world.Wire.NoteSend(process, request);
        world.Stream?.NoteSend(request);
        try
        {
            var response = await _exchange.SendAsync(request, cancellationToken);
            if (process.IsDead)
            {
                return await Never<HttpResponseMessage>.Ends;
            }

            world.Wire.NoteReply(request);
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

    private HttpResponseMessage FailUnsent(OutageKind outage, HttpRequestMessage request)
    {
        world.Log.Add($"{process}: {request.Method} {request.RequestUri!.AbsolutePath} does not leave: {outage}");
        if (outage == OutageKind.Portal)
        {
            world.Wire.NoteAnswered(request);
            return new HttpResponseMessage { Content = new StringContent(request.Method == HttpMethod.Get ? "<html>Sign in</html>" : "{}", Encoding.UTF8, "application/json"), RequestMessage = request };
        }

        throw outage switch
        {
            OutageKind.NoName => new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known", new SocketException((int)SocketError.HostNotFound)),
            OutageKind.ProxyRefuses => new HttpRequestException(HttpRequestError.ProxyTunnelError, "The proxy tunnel request to proxy failed with status code '407'.", statusCode: HttpStatusCode.ProxyAuthenticationRequired),
            _ => new HttpRequestException(HttpRequestError.ConnectionError, "Connection failed", new SocketException((int)SocketErrorOf(outage))),
        };
    }

    private static SocketError SocketErrorOf(OutageKind outage) => outage switch
    {
        OutageKind.NetworkUnreachable => SocketError.NetworkUnreachable,
        OutageKind.HostUnreachable => SocketError.HostUnreachable,
        _ => SocketError.ConnectionRefused,
    };
}

/// <summary>What a dead process waits for.</summary>
internal static class Never<T>
{
    public static Task<T> Ends { get; } = new TaskCompletionSource<T>().Task;
}
