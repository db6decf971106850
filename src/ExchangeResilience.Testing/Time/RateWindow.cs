namespace ExchangeResilience.Testing;

/// <summary>A count that starts again at every full interval of the exchange's clock.</summary>
internal sealed class RateWindow(TimeSpan length)
{
    private long _window;

    public int Used { get; private set; }

    /// <summary>How long until the present window ends.</summary>
    public TimeSpan Left(Moment moment) => TimeSpan.FromTicks(length.Ticks - (moment.Now.UtcTicks % length.Ticks));

    /// <summary>Turns to the window of this moment.</summary>
    public RateWindow At(Moment moment)
    {
        var window = moment.Now.UtcTicks / length.Ticks;
        if (window != _window)
        {
            _window = window;
            Used = 0;
        }

        return this;
    }

    public void Add(int amount) => Used += amount;
}
