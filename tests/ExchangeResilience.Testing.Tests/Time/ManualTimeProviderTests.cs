namespace ExchangeResilience.Testing.Tests.Time;

public sealed class ManualTimeProviderTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ManualTimeProvider _time = new(Start);

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        _time.GetUtcNow().ShouldBe(Start);
        var stamp = _time.GetTimestamp();

        _time.Advance(TimeSpan.FromSeconds(90));

        _time.GetUtcNow().ShouldBe(Start.AddSeconds(90));
        _time.GetElapsedTime(stamp).ShouldBe(TimeSpan.FromSeconds(90));
        _time.Elapsed.ShouldBe(TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void Advancing_backwards_is_refused() => Should.Throw<ArgumentOutOfRangeException>(() => _time.Advance(TimeSpan.FromTicks(-1)));

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void A_step_of_the_wall_clock_leaves_the_monotonic_clock_and_the_timers_alone(int seconds)
    {
        var fired = 0;
        using var timer = _time.CreateTimer(_ => fired++, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

        _time.StepWallClock(TimeSpan.FromSeconds(seconds));

        _time.GetUtcNow().ShouldBe(Start.AddSeconds(seconds));
        _time.Elapsed.ShouldBe(TimeSpan.Zero);
        fired.ShouldBe(0);
        _time.NextDue.ShouldBe(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Timers_fire_by_due_time_then_creation_and_see_the_instant_they_were_due()
    {
        var seen = new List<(string Name, DateTimeOffset Wall, TimeSpan Monotonic)>();
        using var c = Timer("c", 2);
        using var a = Timer("a", 1);
        using var d = Timer("d", 2);
        using var b = Timer("b", 1);
        using var late = Timer("late", 4);

        _time.Advance(TimeSpan.FromSeconds(3));

        seen.ShouldBe([("a", Start.AddSeconds(1), At(1)), ("b", Start.AddSeconds(1), At(1)), ("c", Start.AddSeconds(2), At(2)), ("d", Start.AddSeconds(2), At(2))]);
        _time.ActiveTimers.ShouldBe(1);
        _time.NextDue.ShouldBe(At(1));

        ITimer Timer(string name, int seconds) =>
            _time.CreateTimer(_ => seen.Add((name, _time.GetUtcNow(), _time.Elapsed)), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);

        static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
    }

    [Fact]
    public void A_timer_armed_by_a_callback_fires_within_the_same_advance()
    {
        var fired = new List<TimeSpan>();
        ITimer? second = null;
        using var first = _time.CreateTimer(
            _ => second = _time.CreateTimer(_ => fired.Add(_time.Elapsed), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(5));

        fired.ShouldBe([TimeSpan.FromSeconds(2)]);
        second!.Dispose();
    }

    [Fact]
    public void A_periodic_timer_fires_once_for_each_period_until_it_is_disposed()
    {
        var fired = new List<TimeSpan>();
        var timer = _time.CreateTimer(_ => fired.Add(_time.Elapsed), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(6));
        timer.Dispose();
        _time.Advance(TimeSpan.FromSeconds(6));

        fired.ShouldBe([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)]);
        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).ShouldBeFalse();
        _time.ActiveTimers.ShouldBe(0);
        _time.NextDue.ShouldBeNull();
    }

    [Fact]
    public void A_changed_timer_fires_at_its_new_time_alone()
    {
        var fired = new List<TimeSpan>();
        using var timer = _time.CreateTimer(_ => fired.Add(_time.Elapsed), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        timer.Change(TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(10));

        fired.ShouldBe([TimeSpan.FromSeconds(3)]);
    }

    [Fact]
    public void A_timer_of_no_delay_fires_when_nothing_is_advanced()
    {
        var fired = 0;
        using var timer = _time.CreateTimer(_ => fired++, null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        fired.ShouldBe(0);
        _time.Advance(TimeSpan.Zero);

        fired.ShouldBe(1);
    }

    [Fact]
    public async Task Delays_cancellations_and_periodic_timers_follow_it()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(2), _time, CancellationToken.None);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(3), _time);
        using var periodic = new PeriodicTimer(TimeSpan.FromSeconds(4), _time);
        var tick = periodic.WaitForNextTickAsync(CancellationToken.None).AsTask();

        _time.Advance(TimeSpan.FromSeconds(2));
        (delay.IsCompleted, cancellation.IsCancellationRequested, tick.IsCompleted).ShouldBe((true, false, false));
        _time.Advance(TimeSpan.FromSeconds(1));
        (cancellation.IsCancellationRequested, tick.IsCompleted).ShouldBe((true, false));
        _time.Advance(TimeSpan.FromSeconds(1));
        (await tick).ShouldBeTrue();
    }

    [Fact]
    public async Task A_callback_sees_the_ambient_values_of_whoever_made_its_timer()
    {
        var ambient = new AsyncLocal<string> { Value = "maker" };
        string? seen = null;
        using var timer = _time.CreateTimer(_ => seen = ambient.Value, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        await Task.Run(() =>
        {
            ambient.Value = "advancer";
            _time.Advance(TimeSpan.FromSeconds(1));
        });

        seen.ShouldBe("maker");
    }

    [Fact]
    public async Task It_may_be_used_from_many_threads()
    {
        var fired = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                _time.CreateTimer(_ => Interlocked.Increment(ref fired), null, TimeSpan.FromMilliseconds(i % 7), Timeout.InfiniteTimeSpan);
                _time.Advance(TimeSpan.FromMilliseconds(worker));
                _ = _time.GetUtcNow();
            }
        })));

        _time.Advance(TimeSpan.FromSeconds(1));

        fired.ShouldBe(4000);
        _time.ActiveTimers.ShouldBe(0);
    }
}
