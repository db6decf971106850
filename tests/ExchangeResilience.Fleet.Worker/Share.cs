using System.Globalization;
using System.Text;

namespace ExchangeResilience.Fleet.Worker;

/// <summary>One member's share of the orders: those of its slot, and some of its neighbour's, which both then place under one id.</summary>
internal sealed class Share(ExchangeClient exchange, string file, int slot, int slots, int orders)
{
    private const int SharedEvery = 20;

    public async Task TradeAsync(int parallel)
    {
        var done = File.Exists(file) ? File.ReadLines(file).ToHashSet(StringComparer.Ordinal) : [];

        // Unbuffered: each line is one write, whole or not at all.
        await using var ledger = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var mine = Enumerable.Range(0, orders).Where(number => number % slots == slot || (number % SharedEvery == 0 && (number + 1) % slots == slot));
        await Parallel.ForEachAsync(mine.Where(number => !done.Contains(IdOf(number))), new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (number, stop) =>
        {
            var outcome = await exchange.BuyAsync(IdOf(number), number + 1);
            while (outcome.Execution != ExecutionStatus.Executed)
            {
                await Task.Delay(outcome.Pause, TimeProvider.System, stop);
                outcome = await exchange.BuyAsync(IdOf(number), number + 1);
            }

            lock (ledger)
            {
                ledger.Write(Encoding.UTF8.GetBytes(IdOf(number) + "\n"));
            }
        });
    }

    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"f-{number}");
}
