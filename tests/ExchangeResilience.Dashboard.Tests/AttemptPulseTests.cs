namespace ExchangeResilience.Dashboard.Tests;

/// <summary>What is counted of attempts.</summary>
public sealed class AttemptPulseTests
{
    [Fact]
    public void Lengths_are_told_to_within_six_percent()
    {
        foreach (var microseconds in (double[])[0, 1, 7, 8, 9, 100, 999, 1_000, 65_535, 65_536, 250_000, 9_999_999, 100_000_000])
        {
            var pulse = new AttemptPulse();
            pulse.Add(TimeSpan.FromMicroseconds(microseconds), 0, succeeded: true);

            pulse.Read().Within(0.99)!.Value.TotalMicroseconds.ShouldBe(microseconds, 0.51 + (microseconds * 0.0625));
        }
    }

    [Fact]
    public void Shares_are_told_of_what_came_since()
    {
        var pulse = new AttemptPulse();
        pulse.Read().Within(0.5).ShouldBeNull();
        for (var i = 0; i < 1000; i++)
        {
            pulse.Add(TimeSpan.FromHours(2), 1, succeeded: false);
        }

        var before = pulse.Read();
        for (var i = 0; i < 100; i++)
        {
            pulse.Add(TimeSpan.FromMilliseconds(i < 99 ? 10 : 500), i % 2, succeeded: i > 0);
        }

        var since = pulse.Read().Since(before);

        (since.Requests, since.Orders, since.Failed).ShouldBe((100, 50, 1));
        since.Within(0.5)!.Value.TotalMilliseconds.ShouldBe(10, 0.7);
        since.Within(0.99)!.Value.TotalMilliseconds.ShouldBe(10, 0.7);
        since.Within(1)!.Value.TotalMilliseconds.ShouldBe(500, 35);
    }
}
