namespace ExchangeResilience.Testing;

/// <summary>The exchange's clock: the wall clock of its <see cref="TimeProvider"/>, and how far it is off it.</summary>
public sealed class ExchangeClock
{
    private readonly TimeProvider _time;
    private readonly long _began;
    private long _skewTicks;

    internal ExchangeClock(TimeProvider time)
    {
        _time = time;
        _began = time.GetTimestamp();
    }

    /// <summary>The time at the exchange.</summary>
    public DateTimeOffset Now => _time.GetUtcNow() + Skew;

    /// <summary>How far the exchange's clock is ahead of the provider's wall clock; negative when it is behind. Defaults to zero.</summary>
    public TimeSpan Skew
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _skewTicks));
        set => Interlocked.Exchange(ref _skewTicks, value.Ticks);
    }

    /// <summary>Moves the exchange's clock alone.</summary>
    /// <param name="step">How far; negative steps it back.</param>
    public void Step(TimeSpan step) => Interlocked.Add(ref _skewTicks, step.Ticks);

    internal Moment Read() => new(Now, _time.GetElapsedTime(_began));
}
