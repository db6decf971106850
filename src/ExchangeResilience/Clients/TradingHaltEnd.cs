using Microsoft.Extensions.Hosting;

namespace ExchangeResilience;

/// <summary>A stop of new orders is kept in memory alone: a program that ends while one is in force logs that its next start trades.</summary>
internal sealed class TradingHaltEnd(ExchangeServices services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        services.Halt.NoteEnd();
        return Task.CompletedTask;
    }
}
