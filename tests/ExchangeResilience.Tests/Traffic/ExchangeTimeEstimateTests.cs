namespace ExchangeResilience.Tests.Traffic;

public sealed class ExchangeTimeEstimateTests
{
    private readonly TrafficTestTime _time = new();
    private readonly ExchangeTimeEstimate _estimate;

    public ExchangeTimeEstimateTests() => _estimate = new ExchangeTimeEstimate(_time);

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

    private bool Learn(long offset) => _estimate.Learn(Wall(offset), _time.GetTimestamp());

    private long Wall(long offset) => _time.GetUtcNow().ToUnixTimeMilliseconds() + offset;
}
