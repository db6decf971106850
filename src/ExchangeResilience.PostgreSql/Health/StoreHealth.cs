using Microsoft.Extensions.Logging;

namespace ExchangeResilience.PostgreSql;

/// <summary>Whether the store can be reached. Logged once when it is lost, and once when it is back.</summary>
internal sealed class StoreHealth(TimeProvider time, RandomSource random, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _never = new TaskCompletionSource().Task;
    private readonly string?[] _faults = new string?[Enum.GetValues<StorePart>().Length];
    private TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _there = new();
    private Loss? _loss;

    /// <summary>Ends when the store is lost; one that has not ended is given once it is back.</summary>
    public CancellationToken WhileThere => Volatile.Read(ref _there).Token;

    /// <summary>Why it cannot be reached; null while it can.</summary>
    public string? Fault => Volatile.Read(ref _loss)?.Fault;

    /// <summary>Since when, by the local wall clock.</summary>
    public DateTimeOffset? Since => Volatile.Read(ref _loss)?.Since;

    public void MarkUnavailable(StorePart part, string fault)
    {
        CancellationTokenSource there;
        lock (_lock)
        {
            there = _there;
            _faults[(int)part] = fault;
            var isNew = _loss is null;
            _loss = _loss is { } earlier ? earlier with { Fault = fault } : new Loss(fault, time.GetUtcNow(), time.GetTimestamp());
            if (!isNew)
            {
                return;
            }
        }

        _ = there.CancelAsync();
        PostgreSqlLog.Away(logger, fault);
    }

    /// <summary>One part works. What can be written to can be read as well; that it can be read does not mean that it can be written to.</summary>
    public void MarkAvailable(StorePart part)
    {
        if (Volatile.Read(ref _loss) is null)
        {
            return;
        }

        Loss? ended;
        lock (_lock)
        {
            _faults[(int)part] = null;
            _faults[(int)StorePart.Heartbeat] = null;
            var remaining = Array.Find(_faults, static fault => fault is not null);
            ended = remaining is null ? _loss : null;
            _loss = remaining is null ? null : _loss! with { Fault = remaining };
            if (remaining is null)
            {
                _there = new();
            }

            _found.TrySetResult();
            _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (ended is not null)
        {
            PostgreSqlLog.WorksAgain(logger, time.GetElapsedTime(ended.StartedAt).TotalSeconds);
        }
    }

    /// <summary>Waits before the next try, longer each time. False where the program ends.</summary>
    /// <param name="attempt">How often it has failed.</param>
    /// <param name="endsEarly">Whether it ends when another part has found the store.</param>
    public async Task<bool> PauseAsync(int attempt, bool endsEarly = true)
    {
        Task found;
        lock (_lock)
        {
            found = endsEarly ? _found.Task : _never;
        }

        var longest = FirstPause * Math.Pow(2, Math.Min(attempt, 10));
        var pause = (longest < LongestPause ? longest : LongestPause) * (0.5 + (random.Next() / 2));
        try
        {
            await found.WaitAsync(pause, time, _stop.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Time for the next try.
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }

        return !_stop.IsCancellationRequested;
    }

    // Not disposed: what waits while the program ends must find a cancelled token.
    public void Dispose() => _stop.Cancel();

    private sealed record Loss(string Fault, DateTimeOffset Since, long StartedAt);
}
