using Microsoft.Extensions.Logging;

namespace ExchangeResilience.PostgreSql;

/// <summary>Whether the store can be reached. Said once when it is lost, and once when it is back.</summary>
internal sealed class StoreCondition(TimeProvider time, RandomSource random, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Loss? _loss;

    /// <summary>Why it cannot be reached; null while it can.</summary>
    public string? Fault => Volatile.Read(ref _loss)?.Fault;

    /// <summary>Since when, by the local wall clock.</summary>
    public DateTimeOffset? Since => Volatile.Read(ref _loss)?.Since;

    public void Lost(string fault)
    {
        lock (_lock)
        {
            var isNew = _loss is null;
            _loss = _loss is { } earlier ? earlier with { Fault = fault } : new Loss(fault, time.GetUtcNow(), time.GetTimestamp());
            if (!isNew)
            {
                return;
            }

            _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        PostgreSqlLog.Away(logger, fault);
    }

    public void Found()
    {
        if (Volatile.Read(ref _loss) is null)
        {
            return;
        }

        Loss? ended;
        lock (_lock)
        {
            (ended, _loss) = (_loss, null);
            _found.TrySetResult();
        }

        if (ended is not null)
        {
            PostgreSqlLog.WorksAgain(logger, time.GetElapsedTime(ended.StartedAt).TotalSeconds);
        }
    }

    /// <summary>Waits before the next try, longer each time; ends early when somebody else has found the store. False where the program ends.</summary>
    public async Task<bool> PauseAsync(int attempt)
    {
        Task found;
        lock (_lock)
        {
            found = _loss is null ? Task.CompletedTask : _found.Task;
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

    // Not disposed: whoever waits while the program ends must find a token that says so.
    public void Dispose() => _stop.Cancel();

    private sealed record Loss(string Fault, DateTimeOffset Since, long StartedAt);
}
