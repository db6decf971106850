namespace ExchangeResilience;

/// <summary>Ends an attempt after its time, or when the caller cancels.</summary>
internal sealed class AttemptTimeout : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _caller;

    public AttemptTimeout(TimeProvider time, TimeSpan timeout, CancellationToken caller)
    {
        _source = new CancellationTokenSource(timeout, time);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
