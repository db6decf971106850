namespace ExchangeResilience.Tests.Policies;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("00:00:05", 5_000)]
    [InlineData("0:0:5", 5_000)]
    [InlineData("00:00:00.250", 250)]
    [InlineData("01:02:03.004", 3_723_004)]
    [InlineData("24:00:00", 86_400_000)]
    [InlineData("100:00:00", 360_000_000)]
    [InlineData("1.00:00:00", 86_400_000)]
    [InlineData("1.02:00:00", 93_600_000)]
    [InlineData("500ms", 500)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData(" 5 S ", 5_000)]
    [InlineData("0s", 0)]
    public void Durations_are_read_with_their_unit(string text, double milliseconds)
    {
        DurationText.TryParse(text, out var value).ShouldBeTrue();
        value.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("5d")]
    [InlineData("-5s")]
    [InlineData("s")]
    [InlineData("00:05")]
    [InlineData("00:60:00")]
    [InlineData("00:00:60")]
    [InlineData("-00:00:05")]
    [InlineData("1.24:00:00")]
    [InlineData("1.1.00:00:00")]
    [InlineData("00:00:05:00")]
    [InlineData("1e3s")]
    [InlineData("1,5s")]
    [InlineData("999999999999h")]
    [InlineData("9999999999999999999999999999999s")]
    public void What_is_no_duration_is_refused(string text) => DurationText.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(250, "250ms")]
    [InlineData(1_500, "1500ms")]
    [InlineData(5_000, "5s")]
    [InlineData(90_000, "90s")]
    [InlineData(300_000, "5m")]
    [InlineData(86_400_000, "24h")]
    public void A_duration_is_written_so_that_it_can_be_read_back(double milliseconds, string text)
    {
        var value = TimeSpan.FromMilliseconds(milliseconds);
        DurationText.Format(value).ShouldBe(text);
        DurationText.TryParse(text, out var again).ShouldBeTrue();
        again.ShouldBe(value);
    }

    [Fact]
    public void A_fraction_of_a_millisecond_is_written_in_full() =>
        DurationText.Format(TimeSpan.FromTicks(15_001)).ShouldBe("00:00:00.0015001");
}
