using Microsoft.Extensions.Hosting;

namespace ExchangeResilience;

/// <summary>Builds every protected client's handlers when the host starts, so that a forbidden order of handlers stops the program and not the first trade.</summary>
internal sealed class HandlerWarmup(ExchangeClients clients, SigningRegistry signing, IHttpMessageHandlerFactory factory) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in clients.Names.Union(signing.Names, StringComparer.Ordinal))
        {
            factory.CreateHandler(name);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
