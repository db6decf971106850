using System.Collections.Concurrent;
using System.Globalization;

namespace ExchangeResilience.Goodput;

/// <summary>Sends one request in a client's own way. True where the exchange served it.</summary>
/// <param name="method">GET, POST or DELETE.</param>
/// <param name="pathAndQuery">What is asked for.</param>
internal delegate Task<bool> SendCall(HttpMethod method, string pathAndQuery);

/// <summary>
/// Programs that together want three times what the exchange allows. Once a second, 60 place an order, where 20 a second are allowed, 20 cancel one of those, and 100 ask a price:
/// a weight of 120 where 40 a second are allowed. Each waits for its answer before it asks again.
/// </summary>
internal sealed class Callers(TimeProvider time, SendCall send)
{
    private const int Placing = 60;
    private const int Cancelling = 20;
    private const int Asking = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly long _began = time.GetTimestamp();
    private readonly ConcurrentQueue<string> _open = new();
    private int _calls;
    private int _served;

    /// <summary>How many calls were made.</summary>
    public int Calls => _calls;

    /// <summary>How many of them were served.</summary>
    public int Served => _served;

    private TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>Lets all of them call until the time is up, and waits for the last answers.</summary>
    public Task RunAsync(TimeSpan length) => Task.WhenAll(
    [
        .. Repeat(Placing, length, PlaceAsync),
        .. Repeat(Cancelling, length, (_, _) => CancelAsync()),
        .. Repeat(Asking, length, (_, _) => CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=BTCUSDT")),
    ]);

    private IEnumerable<Task> Repeat(int callers, TimeSpan length, Func<int, int, Task> act) =>
        Enumerable.Range(0, callers).Select(caller => RepeatAsync(Pause * caller / callers, length, turn => act(caller, turn)));

    private async Task RepeatAsync(TimeSpan first, TimeSpan length, Func<int, Task> act)
    {
        var due = first;
        for (var turn = 0; due < length; turn++)
        {
            var early = due - Elapsed;
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, time, CancellationToken.None);
            }

            await act(turn);
            due = due + Pause > Elapsed ? due + Pause : Elapsed;
        }
    }

    private async Task PlaceAsync(int caller, int turn)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"c{caller}-{turn}");
        if (await CallAsync(HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=40000&quantity=0.001&newClientOrderId={id}"))
        {
            _open.Enqueue(id);
        }
    }

    private async Task CancelAsync()
    {
        if (_open.TryDequeue(out var id))
        {
            await CallAsync(HttpMethod.Delete, $"/fapi/v1/order?symbol=BTCUSDT&origClientOrderId={id}");
        }
    }

    private async Task<bool> CallAsync(HttpMethod method, string pathAndQuery)
    {
        Interlocked.Increment(ref _calls);
        var served = await send(method, pathAndQuery);
        if (served)
        {
            Interlocked.Increment(ref _served);
        }

        return served;
    }
}
