namespace ExchangeResilience.Tests.Traffic;

public sealed class DateHeaderClockTests
{
    private readonly TrafficTestTime _time = new();
    private readonly ExchangeClock _clock;
    private readonly DateHeaderClock _estimate;

    public DateHeaderClockTests() => _estimate = new DateHeaderClock(_clock = new ExchangeClock("live", _time));

    private long Now => _estimate.At(_time.GetTimestamp());

    [Fact]
    public void Until_a_reply_came_the_wall_clock_serves() => Now.ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds() - 100);

    [Theory]
    [InlineData(-7200)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(7200)]
    public void The_first_date_replaces_it_whatever_it_said(int seconds)
    {
        var date = Wall(seconds * 1000);

        _estimate.Learn(date, _time.GetTimestamp()).ShouldBeTrue();
        _time.StepWallClock(TimeSpan.FromDays(1));

        Now.ShouldBe(date - 100);
    }

    [Fact]
    public void It_keeps_the_best_bound_and_never_runs_ahead_of_the_exchange()
    {
        var random = new Random(5);
        const long Offset = 123_456;
        var worst = 0L;
        for (var i = 0; i < 5000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(400)));
            var stamped = Wall(Offset) / 1000 * 1000;
            _time.Advance(TimeSpan.FromMilliseconds(20 + random.Next(30)));
            _estimate.Learn(stamped, _time.GetTimestamp());
            var behind = Wall(Offset) - Now;
            behind.ShouldBeGreaterThan(0);
            worst = i < 50 ? 0 : Math.Max(worst, behind);
        }

        worst.ShouldBeLessThan(400);
    }

    [Fact]
    public void Several_dates_in_a_row_far_behind_the_estimate_correct_it_and_one_does_not()
    {
        Learn(3_600_000).ShouldBeTrue();
        Learn(3_580_000).ShouldBeFalse();

        Learn(0).ShouldBeFalse();
        Learn(0).ShouldBeFalse();
        Learn(3_600_000).ShouldBeFalse();
        Learn(0).ShouldBeFalse();
        Learn(0).ShouldBeFalse();
        Learn(0).ShouldBeTrue();

        Now.ShouldBe(Wall(0) - 100);
    }

    [Fact]
    public void Several_dates_in_a_row_far_ahead_of_the_estimate_correct_it_and_one_does_not()
    {
        Learn(0).ShouldBeTrue();

        Learn(3_600_000).ShouldBeFalse();
        Learn(0);
        Learn(3_600_000).ShouldBeFalse();
        Learn(3_600_000).ShouldBeFalse();
        Now.ShouldBe(Wall(0) - 100);
        Learn(3_600_000).ShouldBeTrue();

        Now.ShouldBe(Wall(3_600_000) - 100);
    }

    [Fact]
    public void A_correction_is_told_from_a_bound_that_comes_closer()
    {
        int Corrections() => _estimate.InstantAt(_time.GetTimestamp()).Corrections;
        Corrections().ShouldBe(0);
        Learn(3_600_000);
        Corrections().ShouldBe(1, "the wall clock was a guess");
        Learn(3_600_900);
        Corrections().ShouldBe(1);
        Learn(0);
        Learn(0);
        Learn(0);
        Corrections().ShouldBe(2);
    }

    [Fact]
    public async Task Where_the_clock_is_measured_a_date_moves_it_no_further_than_the_measurement_can_be_wrong()
    {
        Learn(7_200_000);
        await MeasureAsync(offset: 0, roundTrip: 40);
        Now.ShouldBe(Wall(-20 - 100), "the earliest that it can be");

        Learn(30_000).ShouldBeFalse();
        Learn(1_000).ShouldBeFalse();
        Learn(-1_000).ShouldBeFalse();
        Learn(-3_600_000).ShouldBeFalse();
        Now.ShouldBe(Wall(-20 - 100));

        Learn(15).ShouldBeTrue();
        Learn(22).ShouldBeFalse();
        Now.ShouldBe(Wall(15 - 100));
    }

    [Theory]
    [InlineData(30_000)]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public async Task Several_dates_that_contradict_a_measurement_have_it_measured_anew_once_it_is_a_minute_old_and_move_nothing(int offset)
    {
        await MeasureAsync(offset: 0, roundTrip: 0);
        for (var i = 0; i < 9; i++)
        {
            Learn(offset).ShouldBeFalse();
        }

        _clock.IsContradicted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        Learn(offset);
        Learn(0);
        Learn(offset);
        Learn(offset);
        _clock.IsContradicted.ShouldBeFalse();
        Learn(offset).ShouldBeFalse();
        _clock.IsContradicted.ShouldBeTrue();
        Now.ShouldBeInRange(Wall(-120), Wall(-100));

        await MeasureAsync(offset, roundTrip: 0);
        _clock.IsContradicted.ShouldBeFalse();
        Now.ShouldBe(Wall(offset - 100));
    }

    [Fact]
    public void Contradictions_that_do_not_agree_with_each_other_correct_nothing()
    {
        Learn(0);
        for (var i = 1; i < 9; i++)
        {
            Learn(i * 10_000).ShouldBeFalse();
        }

        Now.ShouldBe(Wall(-100));
    }

    [Fact]
    public async Task A_measurement_that_moves_the_time_is_a_correction_and_one_that_fits_is_none()
    {
        int Corrections() => _estimate.InstantAt(_time.GetTimestamp()).Corrections;
        await MeasureAsync(offset: 5_000, roundTrip: 20);
        Corrections().ShouldBe(1, "the wall clock was a guess");
        await MeasureAsync(offset: 5_010, roundTrip: 20);
        Corrections().ShouldBe(1);
        await MeasureAsync(offset: 7_000, roundTrip: 20);
        Corrections().ShouldBe(2);
        await MeasureAsync(offset: 5_000, roundTrip: 20);
        Corrections().ShouldBe(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(59_999)]
    [InlineData(86_400_000)]
    public void The_timestamp_of_an_instant_is_one_at_which_it_is_reached_and_little_later(int milliseconds)
    {
        var target = Now + milliseconds;

        var at = _estimate.TimestampOf(target);

        (_estimate.At(at) - target).ShouldBeInRange(0, 2);
    }

    [Theory]
    [InlineData("Sun, 01 Mar 2026 12:00:20 GMT", 1_772_366_420_000)]
    [InlineData("yesterday", null)]
    [InlineData("", null)]
    [InlineData("0", null)]
    public void A_date_is_read_as_http_writes_it(string text, long? expected)
    {
        _estimate.Observe(text, out var moved).ShouldBe(expected);
        moved.ShouldBe(expected is not null);
        _estimate.Observe(new string(text.AsSpan()), out moved).ShouldBe(expected);
        moved.ShouldBeFalse();
    }

    // The exchange reads its clock midway.
    private Task MeasureAsync(long offset, int roundTrip)
    {
        var sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(roundTrip));
        var sample = new ClockSample(Wall(offset - (roundTrip / 2)), sent, _time.GetTimestamp());
        return _clock.SynchroniseAsync(_ => Task.FromResult(sample), _clock.Generation, TestContext.Current.CancellationToken);
    }

    private bool Learn(long offset) => _estimate.Learn(Wall(offset), _time.GetTimestamp());

    private long Wall(long offset) => _time.GetUtcNow().ToUnixTimeMilliseconds() + offset;
}
