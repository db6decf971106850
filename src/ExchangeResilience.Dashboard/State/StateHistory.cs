namespace ExchangeResilience.Dashboard;

/// <summary>
/// The last quarter of an hour of what is drawn over time, so that a page opened in trouble shows how it came about. Looks every two seconds, beside the calls: of them each attempt
/// that leaves is counted, and nothing else.
/// </summary>
internal sealed class StateHistory : IDisposable
{
    public const int Kept = 450;

    private const int LooksInMinute = 30;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly ExchangeStatus _status;
    private readonly Queue<SampleView> _samples = new(Kept);
    private readonly Dictionary<(int Code, string Name), long> _counted = [];
    private readonly AttemptPulse _pulse;
    private readonly Queue<AttemptPulse.Counts> _minute = new(LooksInMinute + 1);
    private readonly ITimer _timer;
    private long _number;

    public StateHistory(ExchangeStatus status, CancellationToken stopping)
    {
        _status = status;
        _pulse = status.Watch();
        _timer = status.Time.CreateTimer(static state => ((StateHistory)state!).Look(), this, TimeSpan.Zero, Interval);
        stopping.UnsafeRegister(static state => ((StateHistory)state!).Dispose(), this);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>The samples after a number that are still kept, oldest first.</summary>
    public IReadOnlyList<SampleView> After(long number)
    {
        lock (_lock)
        {
            return number >= _number ? [] : [.. _samples.Where(sample => sample.Number > number)];
        }
    }

    private void Look()
    {
        var clocks = _status.Clocks().Where(static clock => clock.IsSynchronised)
            .Select(static clock => new ClockSampleView(clock.Environment, (long)Math.Round(clock.Offset.TotalMilliseconds), (long)Math.Ceiling(clock.Uncertainty.TotalMilliseconds)));
        var weights = _status.Lanes().Where(static lane => lane.Lane == TrafficLane.Ip)
            .SelectMany(static lane => lane.Usage.Where(static window => window.Interval == RateLimitWindow.Weight.Length).Select(window => new WeightSampleView(lane.Environment, lane.Scope, window.Used, window.Limit)));
        var counts = _status.Decisions.Counts();
        lock (_lock)
        {
            var errors = new List<ErrorSampleView>();
            foreach (var count in counts)
            {
                var more = count.Count - _counted.GetValueOrDefault((count.Code, count.Name));
                if (more > 0)
                {
                    errors.Add(new ErrorSampleView(count.Code, count.Name, more));
                    _counted[(count.Code, count.Name)] = count.Count;
                }
            }

            var trade = LookAtTrade();
            if (_samples.Count == Kept)
            {
                _samples.Dequeue();
            }

            _samples.Enqueue(new SampleView(++_number, _status.Time.GetUtcNow(), [.. clocks], [.. weights], errors, trade));
        }
    }

    /// <summary>What has left since the last look, and how long replies took in the last minute: in two seconds there may be too few to tell.</summary>
    private TradeSampleView LookAtTrade()
    {
        var now = _pulse.Read();
        var latest = now.Since(_minute.Count == 0 ? now : _minute.Last());
        _minute.Enqueue(now);
        if (_minute.Count > LooksInMinute + 1)
        {
            _minute.Dequeue();
        }

        var minute = now.Since(_minute.Peek());
        return new TradeSampleView(latest.Requests, latest.Orders, latest.Failed, Milliseconds(minute.Within(0.5)), Milliseconds(minute.Within(0.99)));
    }

    private static double? Milliseconds(TimeSpan? length) => length is { } known ? Math.Round(known.TotalMilliseconds, 2) : null;
}
