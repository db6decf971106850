namespace ExchangeResilience.Tests.Concurrency;

/// <summary>The search itself, on a register that holds one number.</summary>
public sealed class LinearizabilityTests
{
    [Fact]
    public void What_one_thread_does_is_explained_by_its_order() =>
        IsExplained(Written(1, 1, 2), Seen(1, 3, 4), Written(2, 5, 6), Seen(2, 7, 8)).ShouldBeTrue();

    [Fact]
    public void What_was_written_before_must_be_seen() => IsExplained(Written(1, 1, 2), Seen(0, 3, 4)).ShouldBeFalse();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_is_written_meanwhile_may_be_seen_or_not(int seen) => IsExplained(Written(1, 1, 4), Seen(seen, 2, 3)).ShouldBeTrue();

    [Fact]
    public void What_was_seen_once_cannot_be_unseen() => IsExplained(Written(1, 1, 8), Seen(1, 2, 3), Seen(0, 4, 5)).ShouldBeFalse();

    [Fact]
    public void Two_who_write_at_once_have_one_order_for_everybody()
    {
        IsExplained(Written(1, 1, 4), Written(2, 2, 3), Seen(1, 5, 6), Seen(1, 7, 8)).ShouldBeTrue();
        IsExplained(Written(1, 1, 4), Written(2, 2, 3), Seen(1, 5, 6), Seen(2, 7, 8)).ShouldBeFalse();
    }

    private static bool IsExplained(params Call<(bool Writes, int Value)>[] calls) =>
        Linearizability.Explains(calls, 0, static (held, call) => call.Writes ? [call.Value] : call.Value == held ? [held] : Array.Empty<int>());

    private static Call<(bool, int)> Written(int value, long began, long ended) => new(0, (true, value), began, ended);

    private static Call<(bool, int)> Seen(int value, long began, long ended) => new(0, (false, value), began, ended);
}
