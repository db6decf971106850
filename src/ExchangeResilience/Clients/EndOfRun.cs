using Microsoft.Extensions.Hosting;

namespace ExchangeResilience;

/// <summary>Logs what ends with the program: a stop of new orders, which is kept in memory alone, and the search for orders in doubt.</summary>
internal sealed class EndOfRun(ExchangeServices services) : IHostedService
{
    private const int MostShown = 10;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        services.Halt.NoteEnd();
        var inDoubt = services.Claims.InDoubt.ToLookup(static claim => claim.IsInJournal);
        if (inDoubt[true].ToList() is { Count: > 0 } kept)
        {
            Log.LeftInDoubt(services.Logger, kept.Count, Names(kept));
        }

        if (inDoubt[false].ToList() is { Count: > 0 } lost)
        {
            Log.LeftWithoutJournal(services.Logger, lost.Count, Names(lost));
        }

        return Task.CompletedTask;
    }

    private static string Names(List<Claim> claims) =>
        string.Join(", ", claims.Take(MostShown).Select(NameOf).Concat(claims.Count > MostShown ? ["..."] : []));

    private static string NameOf(Claim claim) => claim.Operation.Symbol is { } symbol ? $"{claim.Operation} {symbol} {claim.Key.Id}" : $"{claim.Operation} {claim.Key.Id}";
}
