using System.Globalization;
using ExchangeResilience;

namespace Benchmarks.Soak;

/// <summary>
/// Callers at full speed: half of them ask, half of them trade (orders with an id and without, batches, amendments, cancels). One call in two hundred is cancelled
/// while it is under way. Each call has a client of its own, as typed clients do, so that they move on to the handlers the factory makes anew.
/// </summary>
internal sealed class SoakCallers(IHttpClientFactory clients, int callers)
{
    private const int TurnsPerCancellation = 200;
    private static readonly TimeSpan CancelledAfter = TimeSpan.FromMilliseconds(2);

    private volatile TaskCompletionSource? _pause;
    private volatile bool _stopped;
    private Task[] _work = [];
    private long _calls;
    private long _unknown;
    private int _active;

    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Calls that ended without knowing what became of them.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    public void Start() => _work = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(() => RepeatAsync(caller)))];

    /// <summary>Lets no new call begin, and those under way end if they do so soon: what they hold for a moment is not what is measured.</summary>
    public async Task PauseAsync(TimeSpan patience)
    {
        _pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var since = TimeProvider.System.GetTimestamp();
        while (Volatile.Read(ref _active) > 0 && TimeProvider.System.GetElapsedTime(since) < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    public void Resume()
    {
        var pause = _pause;
        _pause = null;
        pause?.SetResult();
    }

    public Task StopAsync()
    {
        _stopped = true;
        return Task.WhenAll(_work);
    }

    private async Task RepeatAsync(int caller)
    {
        for (var turn = 0; !_stopped; turn++)
        {
            if (_pause is { } pause)
            {
                await pause.Task;
            }

            Interlocked.Increment(ref _active);
            try
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"s{caller}-{turn}");
                await (caller % 2 == 0 ? AskAsync(id, turn) : TradeAsync(id, turn));
            }
            finally
            {
                Interlocked.Decrement(ref _active);
            }
        }
    }

    private Task AskAsync(string id, int turn) => (turn % 3) switch
    {
        0 => CallAsync(HttpMethod.Get, $"/fapi/v1/order?symbol=BTCUSDT&origClientOrderId={id}", turn),
        1 => CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=BTCUSDT", turn),
        _ => CallAsync(HttpMethod.Get, "/fapi/v2/balance", turn),
    };

    private async Task TradeAsync(string id, int turn)
    {
        switch (turn % 4)
        {
            case 0:
                await CallAsync(HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}", turn);
                break;
            case 1:
                // Given an id by the middleware. The quantity tells it from its neighbours: an equal order that is in doubt would stand in its way.
                await CallAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol=ETHUSDT&side=SELL&type=MARKET&quantity={0.01m + (0.001m * (turn % 9973))}"), turn);
                break;
            case 2:
                var batch = Uri.EscapeDataString($$"""[{"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"0.01","newClientOrderId":"{{id}}a"},{"symbol":"ETHUSDT","side":"SELL","type":"MARKET","quantity":"0.01","newClientOrderId":"{{id}}b"}]""");
                await CallAsync(HttpMethod.Post, $"/fapi/v1/batchOrders?batchOrders={batch}", turn);
                break;
            default:
                await CallAsync(HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=40000&quantity=0.001&newClientOrderId={id}", turn);
                await CallAsync(HttpMethod.Put, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.002&price=40100&origClientOrderId={id}", turn);
                await CallAsync(HttpMethod.Delete, $"/fapi/v1/order?symbol=BTCUSDT&origClientOrderId={id}", turn);
                break;
        }
    }

    private async Task CallAsync(HttpMethod method, string pathAndQuery, int turn)
    {
        Interlocked.Increment(ref _calls);
        using var cancelled = turn % TurnsPerCancellation == 0 ? new CancellationTokenSource(CancelledAfter, TimeProvider.System) : null;
        using var http = clients.CreateClient(SoakBench.ClientName);
        using var request = new HttpRequestMessage(method, pathAndQuery);
        try
        {
            using var response = await http.SendAsync(request, cancelled?.Token ?? CancellationToken.None);
        }
        catch (Exception failed) when (failed is OperationCanceledException or ExchangeErrorException { Error.Execution: ExecutionStatus.Unknown })
        {
            // Whoever was cancelled does not hear the verdict: it is kept for a while, and then forgotten.
            Interlocked.Increment(ref _unknown);
        }
        catch (HttpRequestException)
        {
            // Not executed, or a query whose reply broke off: the next call is another one.
        }
    }
}
