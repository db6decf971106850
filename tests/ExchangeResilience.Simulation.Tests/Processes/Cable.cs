using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>The wire between one process and the exchange. Cut, nothing passes in either direction; what has left arrives.</summary>
internal sealed class Cable(World world, SimulatedProcess process) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _exchange = new(world.Exchange.CreateHandler());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (process.IsDead)
        {
            return await Never<HttpResponseMessage>.Ends;
        }

        world.Wire.NoteSend(process, request);
        try
        {
            var response = await _exchange.SendAsync(request, cancellationToken);
            return process.IsDead ? await Never<HttpResponseMessage>.Ends : response;
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
}

/// <summary>What a dead process waits for.</summary>
internal static class Never<T>
{
    public static Task<T> Ends { get; } = new TaskCompletionSource<T>().Task;
}
