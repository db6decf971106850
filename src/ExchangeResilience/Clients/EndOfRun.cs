using Microsoft.Extensions.Hosting;

namespace ExchangeResilience;

/// <summary>Logs what ends with the program: a stop of new orders, which is kept in memory alone, and the search for orders in doubt.</summary>
internal sealed class EndOfRun(ExchangeServices services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        services.Halt.NoteEnd();
        var inDoubt = services.Claims.InDoubt.ToLookup(static claim => claim.IsInJournal);
        if (inDoubt[true].ToList() is { Count: > 0 } kept)
        {
            Log.LeftInDoubt(services.Logger, kept.Count, NamedOrders.Of(kept));
        }

        if (inDoubt[false].ToList() is { Count: > 0 } lost)
        {
            Log.LeftWithoutJournal(services.Logger, lost.Count, NamedOrders.Of(lost));
        }

        return Task.CompletedTask;
    }
}
