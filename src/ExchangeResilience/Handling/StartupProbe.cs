using Microsoft.Extensions.Hosting;

namespace ExchangeResilience;

/// <summary>Builds every protected client's handlers when the host starts, so that a forbidden order of handlers stops the program and not the first trade.</summary>
internal sealed class StartupProbe(ExchangeClients clients, IHttpMessageHandlerFactory factory) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in clients.Names)
        {
            factory.CreateHandler(name);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
