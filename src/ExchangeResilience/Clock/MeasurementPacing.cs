namespace ExchangeResilience;

/// <summary>When to measure again after measurements that said too little. A road that stays slow gives nothing better, and is asked ever more rarely.</summary>
internal sealed class MeasurementPacing(TimeProvider time)
{
    // What may be further off puts stamps late by a good part of the receive window.
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private const int MostDoublings = 20;

    private int _triesInVain;
    private long _triedAt;

    public static bool SaysTooLittle(ClockMeasurement measurement) => measurement.Uncertainty > Enough;

    /// <summary>The best of several samples was taken.</summary>
    public void Note(ClockMeasurement best)
    {
        Volatile.Write(ref _triedAt, time.GetTimestamp());
        Volatile.Write(ref _triesInVain, SaysTooLittle(best) ? Math.Min(_triesInVain + 1, MostDoublings) : 0);
    }

    /// <summary>Whether another try is worth its questions: at once after one that said enough, else after 10 s, then ever later up to the interval.</summary>
    public bool MayTry(TimeSpan interval)
    {
        var tries = Volatile.Read(ref _triesInVain);
        var pause = tries == 0 ? TimeSpan.Zero : FirstPause * (1 << (tries - 1));
        return time.GetElapsedTime(Volatile.Read(ref _triedAt)) >= TimeSpan.Min(pause, interval);
    }
}
