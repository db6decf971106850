using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>Ends an attempt after its time, or when the caller cancels. It starts only where there is something to wait for.</summary>
internal sealed class AttemptTimeout : IDisposable
{
    // As many as calls at one time in a busy program; a source costs some 300 bytes with its timer.
    private const int MostSpares = 1024;
    private static readonly ConcurrentQueue<AttemptTimeout> Spares = new();

    private readonly bool _isReusable;
    private readonly CancellationTokenSource _source;
    private CancellationTokenRegistration _caller;
    private bool _isStarted;

    private AttemptTimeout(TimeProvider time)
    {
        // A source can be wound back only if its timer is the system's own.
        _isReusable = ReferenceEquals(time, TimeProvider.System);
        _source = _isReusable ? new CancellationTokenSource() : new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    public CancellationToken Token => _source.Token;

    public static AttemptTimeout Take(TimeProvider time) =>
        ReferenceEquals(time, TimeProvider.System) && Spares.TryDequeue(out var spare) ? spare : new AttemptTimeout(time);

    /// <summary>From now on the token ends with the time or with the caller. Only the first start counts.</summary>
    public void Start(TimeSpan timeout, CancellationToken caller)
    {
        if (_isStarted)
        {
            return;
        }

        _isStarted = true;
        _source.CancelAfter(timeout);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Starts with the time that an attempt of the call has.</summary>
    public void Start(Call call) => Start(Of(call), call.CancellationToken);

    public void Dispose()
    {
        _caller.Dispose();
        if (_isReusable && Spares.Count < MostSpares && _source.TryReset())
        {
            _caller = default;
            _isStarted = false;
            Spares.Enqueue(this);
            return;
        }

        _source.Dispose();
    }

    private static TimeSpan Of(Call call) => call.Options.Mode == HandlingMode.Observe && !call.IsOwnQuestion
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.Min(call.Options.AttemptTimeout, call.TotalLeft);
}
