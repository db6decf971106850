namespace ExchangeResilience.Tests.Claims;

/// <summary>A window whose bounds nobody chose: they may be read from a journal, or from what a caller signed.</summary>
public sealed class AttemptWindowTests
{
    [Theory]
    [InlineData(long.MaxValue, 0)]
    [InlineData(long.MaxValue - 1, 60_000)]
    [InlineData(1_767_225_600_000, long.MaxValue)]
    public void A_window_past_the_end_of_time_never_closes(long stamp, long recvWindow)
    {
        var window = new AttemptWindow(stamp, recvWindow);

        window.ClosesMs.ShouldBe(long.MaxValue);
        window.Covers(stamp).ShouldBeTrue();
        window.Overlaps(window).ShouldBeTrue();
    }

    [Fact]
    public void Nor_does_one_before_its_beginning_open_late()
    {
        var window = new AttemptWindow(long.MinValue, 5_000);

        window.OpensMs.ShouldBe(long.MinValue);
        window.ClosesMs.ShouldBe(long.MinValue + 5_000);
    }

    [Fact]
    public void A_loop_that_is_refused_every_second_leaves_one_trace_and_one_that_pauses_leaves_its_own()
    {
        ReadOnlySpan<long> stampsMs = [.. Enumerable.Range(0, 1_000).Select(static second => 1_000_000L + (second * 1_000)), 9_000_000];
        var attempts = new ClaimAttempts();
        foreach (var stampMs in stampsMs)
        {
            attempts.Open(() => new AttemptWindow(stampMs, 5_000));
            attempts.Close(mayHaveWorked: false);
            var next = new ClaimAttempts();
            next.Inherit(attempts);
            attempts = next;
        }

        attempts.Traces.ShouldBe([new AttemptWindow(1_000_000, 1_999_000, 5_000), new AttemptWindow(9_000_000, 5_000)]);
    }
}
