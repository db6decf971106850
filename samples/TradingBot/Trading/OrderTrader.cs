using System.Text.Json;
using ExchangeResilience;

namespace TradingBot;

/// <summary>
/// Trades one intended order to its end, as a careful program does on top of the middleware: what provably did nothing is sent again,
/// what is unknown is asked again under the same one, and what the exchange will never take is let go.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="ids">The client order ids of this run.</param>
/// <param name="seed">Seeds the jitter of the pauses.</param>
/// <param name="patience">How long to go on without getting anywhere.</param>
/// <param name="time">The time.</param>
/// <param name="log">Hears how it goes.</param>
internal sealed class OrderTrader(FuturesClient client, OrderIds ids, int seed, Patience patience, TimeProvider time, ITradeLog log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <param name="number">Which order; its quantity is that many thousandths.</param>
    /// <param name="stop">Begin nothing new.</param>
    /// <param name="abort">End what has begun.</param>
    public async Task<Fate> TradeAsync(int number, CancellationToken stop, CancellationToken abort)
    {
        var jitter = new Random(unchecked((seed * 7919) + number));
        for (var tries = 1; ; tries++)
        {
            var order = NewOrder.Market("BTCUSDT", "BUY", number * 0.001m) with { ClientOrderId = ids.Of(number, tries) };
            var error = await PlaceAsync(order, number, jitter, stop, abort);
            Fate? fate = error switch
            {
                null or { Execution: ExecutionStatus.Executed } => Fate.Executed,
                { Execution: ExecutionStatus.Unknown } => Fate.Unknown,
                _ when ClearRejection.Holds(error, tries) => Fate.Rejected,
                _ when await WaitAsync(error, tries) => null,
                _ => Fate.NotExecuted,
            };
            if (fate is { } settled)
            {
                if (settled is Fate.Executed or Fate.Rejected)
                {
                    patience.Renew();
                }

                log.Settled(number, settled, tries, error?.ToString());
                return settled;
            }
        }

        async Task<bool> WaitAsync(ExchangeError error, int tries)
        {
            var wait = Pause(tries, jitter);
            if (error.RetryAt is { } retryAt)
            {
                if (!patience.TryHold(retryAt))
                {
                    return false;
                }

                var told = retryAt - time.GetUtcNow();
                wait = told > TimeSpan.Zero ? told + Pause(1, jitter) : wait;
            }

            if (patience.IsSpent || stop.IsCancellationRequested)
            {
                return false;
            }

            log.SentAgain(number, error, wait);
            return await SleepAsync(wait, stop);
        }
    }

    /// <summary>Null where the order was executed, else the error, whose execution is known unless patience or the run ended.</summary>
    private async Task<ExchangeError?> PlaceAsync(NewOrder order, int number, Random jitter, CancellationToken stop, CancellationToken abort)
    {
        for (var asked = 1; ; asked++)
        {
            ExchangeError error;
            try
            {
                await client.PlaceAsync(order, abort);
                return null;
            }
            catch (ExchangeErrorException failure)
            {
                error = failure.Error;
            }
            catch (JsonException)
            {
                // The middleware has seen the order's id in this reply; only the rest of it is unreadable.
                return null;
            }
#pragma warning disable CA1031 // Whatever broke on the way of an order leaves its outcome open, and must not end the other orders.
            catch (Exception failure)
            {
                error = Interrupted(failure);
            }
#pragma warning restore CA1031

            if (error.Execution != ExecutionStatus.Unknown || patience.IsSpent || stop.IsCancellationRequested)
            {
                return error;
            }

            // The same id once more does not send the order again: the call joins the search that is still going on.
            log.StillUnknown(number, error);
            if (!await SleepAsync(Pause(asked, jitter), stop))
            {
                return error;
            }
        }
    }

    /// <summary>HttpClient wraps what was thrown below it when it gives up by itself or is cancelled; what the middleware knows stands inside.</summary>
    private static ExchangeError Interrupted(Exception failure)
    {
        var execution = ExecutionStatus.Unknown;
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case ExchangeErrorException known:
                    return known.Error;
                case ExchangeOperationCanceledException cancelled:
                    execution = cancelled.Execution;
                    break;
                default:
                    break;
            }
        }

        return new ExchangeError
        {
            Code = 0,
            Name = failure is OperationCanceledException ? "CALL_ENDED" : "CALL_FAILED",
            Message = "",
            Category = ErrorCategory.Transport,
            Execution = execution,
            Advice = "Ask again with the same client order id.",
        };
    }

    private static TimeSpan Pause(int tries, Random jitter)
    {
        var exponential = FirstPause * Math.Pow(2, Math.Min(tries, 10) - 1);
        return (exponential < LongestPause ? exponential : LongestPause) * (0.5 + (jitter.NextDouble() / 2));
    }

    private async Task<bool> SleepAsync(TimeSpan wait, CancellationToken stop)
    {
        try
        {
            await Task.Delay(wait, time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
