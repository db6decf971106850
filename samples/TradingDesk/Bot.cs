using System.Globalization;
using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Hosting;

namespace TradingDesk;

/// <summary>Buys, sells back what it may, looks at orders and prices, at the pace of the slider. What fails it counts; what to do about it is not its business.</summary>
internal sealed class Bot(FuturesClient client, Troublemaker troublemaker, SimulatedExchange exchange, TimeProvider time) : BackgroundService
{
    private const int MostAtOnce = 64;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    private readonly string _run = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    private long _begun;
    private long _done;
    private long _notExecuted;
    private long _unknown;
    private int _underWay;

    public Tally Tally => new(Volatile.Read(ref _begun), Volatile.Read(ref _done), Volatile.Read(ref _notExecuted), Volatile.Read(ref _unknown));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var turn = 1; ; turn++)
            {
                var rate = troublemaker.Current.Rate;
                if (rate > 0 && Volatile.Read(ref _underWay) < MostAtOnce)
                {
                    _ = TakeTurnAsync(turn, stoppingToken);
                }

                if (turn % 100 == 0)
                {
                    exchange.Forget(Remembered);
                }

                await Task.Delay(TimeSpan.FromSeconds(rate > 0 ? 1 / Math.Max(rate, .2) : .25), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is under way ends with the same token.
        }
    }

    private async Task TakeTurnAsync(int turn, CancellationToken stop)
    {
        // Whatever happens is this turn's own.
        await Task.Yield();
        Interlocked.Increment(ref _begun);
        Interlocked.Increment(ref _underWay);
        try
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"desk-{_run}-{turn}");
            await ((turn % 4) switch
            {
                0 => client.GetPriceAsync(FuturesClient.Symbol, stop),
                3 when turn > 8 => client.ReduceAsync(id, 0.001m, stop),
                _ => client.BuyAsync(id, 0.001m * ((turn % 5) + 2), stop),
            });
            Interlocked.Increment(ref _done);
        }
        catch (ExchangeErrorException failed)
        {
            Interlocked.Increment(ref (failed.Error.Execution == ExecutionStatus.Unknown ? ref _unknown : ref _notExecuted));
        }
        catch (OperationCanceledException)
        {
            // The desk closes, or HttpClient gave up: what it was about stays with the middleware.
        }
        catch (HttpRequestException)
        {
            Interlocked.Increment(ref _notExecuted);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
