namespace ExchangeResilience.Testing;

/// <summary>One instant: on the exchange's clock, which may step, and as time passed, which may not.</summary>
internal readonly record struct Moment(DateTimeOffset Now, TimeSpan Elapsed)
{
    public long Milliseconds => Now.ToUnixTimeMilliseconds();

    /// <summary>The instant that lies this much before.</summary>
    public Moment Before(TimeSpan span) => new(Now - span, Elapsed - span);
}
