using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Attempts;

/// <summary>The end of an attempt, whose source serves one attempt after the other.</summary>
public sealed class AttemptTimeoutTests
{
    [Fact]
    public void The_token_ends_when_the_time_is_up()
    {
        var time = new ManualTimeProvider();
        using var timeout = AttemptTimeout.Take(time);
        timeout.Start(TimeSpan.FromSeconds(10), CancellationToken.None);

        time.Advance(TimeSpan.FromMilliseconds(9_999));
        timeout.Token.IsCancellationRequested.ShouldBeFalse();

        time.Advance(TimeSpan.FromMilliseconds(1));
        timeout.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void Only_the_first_start_counts()
    {
        var time = new ManualTimeProvider();
        using var timeout = AttemptTimeout.Take(time);
        timeout.Start(TimeSpan.FromSeconds(10), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(9));

        timeout.Start(TimeSpan.FromSeconds(10), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(1));

        timeout.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void A_caller_who_cancels_ends_the_attempt_under_way_and_none_that_comes_after()
    {
        using var caller = new CancellationTokenSource();
        var first = AttemptTimeout.Take(TimeProvider.System);
        first.Start(TimeSpan.FromMinutes(1), caller.Token);
        var token = first.Token;
        first.Dispose();
        caller.Cancel();

        token.IsCancellationRequested.ShouldBeFalse();

        using var second = AttemptTimeout.Take(TimeProvider.System);
        second.Start(TimeSpan.FromMinutes(1), CancellationToken.None);
        second.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public void A_source_that_has_ended_is_not_used_again()
    {
        using var caller = new CancellationTokenSource();
        caller.Cancel();
        for (var round = 0; round < 10; round++)
        {
            using var timeout = AttemptTimeout.Take(TimeProvider.System);
            timeout.Token.IsCancellationRequested.ShouldBeFalse();
            timeout.Start(TimeSpan.FromMinutes(1), caller.Token);
            timeout.Token.IsCancellationRequested.ShouldBeTrue();
        }
    }

    [Fact]
    public void Callbacks_of_the_attempt_before_are_gone()
    {
        var called = 0;
        using (var first = AttemptTimeout.Take(TimeProvider.System))
        {
            first.Token.Register(() => called++);
        }

        using var caller = new CancellationTokenSource();
        var taken = Enumerable.Range(0, 100).Select(static _ => AttemptTimeout.Take(TimeProvider.System)).ToList();
        taken.ForEach(timeout => timeout.Start(TimeSpan.FromMinutes(1), caller.Token));
        caller.Cancel();
        taken.ForEach(static timeout => timeout.Dispose());

        called.ShouldBe(0);
    }
}
