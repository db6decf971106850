using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TradingBot;

/// <summary>What an earlier run left in doubt: it is settled, and told, before this run begins anything of its own.</summary>
internal sealed class EarlierRun(IHost host, TimeSpan patience)
{
    private const string Lead = ", left in doubt by an earlier run: ";

    /// <param name="log">Hears what became of each order.</param>
    /// <param name="stop">Wait no longer.</param>
    /// <exception cref="JournalException">The journal cannot be used.</exception>
    public async Task SettleAsync(ITradeLog log, CancellationToken stop)
    {
        // The search begins as soon as the host starts, and may end at once, or only while this run trades.
        var inDoubt = host.Services.GetRequiredService<IInDoubtOrders>();
        var began = TimeProvider.System.GetUtcNow();
        inDoubt.Settled += (_, settled) =>
        {
            if (settled.Order.Since < began)
            {
                log.Notice($"{settled.Order.ClientOrderId}{Lead}{settled.Execution}, {settled.Evidence}");
            }
        };
        await host.StartAsync(stop);
        try
        {
            await Task.WhenAll(inDoubt.List().Select(order => inDoubt.WaitAsync(order, stop))).WaitAsync(patience, TimeProvider.System, stop);
        }
        catch (Exception left) when (left is TimeoutException or OperationCanceledException)
        {
            log.Notice("Some are not settled yet; the search goes on meanwhile.");
        }
    }

    /// <summary>What such a line of another bot's output says; null where it is another line.</summary>
    public static (string ClientOrderId, ExecutionStatus Execution, string Line)? Read(string output)
    {
        // Before the line stands the time.
        var line = output.TrimStart()[output.TrimStart().Split(' ')[0].Length..].TrimStart();
        return line.Split(Lead, 2) is [var id, var rest] && Enum.TryParse<ExecutionStatus>(rest.Split(',')[0], out var execution) ? (id, execution, line) : null;
    }
}
