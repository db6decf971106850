namespace ExchangeResilience.Tests.Policies;

public sealed class NamesTests
{
    private static readonly string[] Known = ["TotalTimeout", "AttemptTimeout", "Policies", "Mode", "MaxWait"];

    [Theory]
    [InlineData("Policys", "Policies")]
    [InlineData("policeis", "Policies")]
    [InlineData("Mod", "Mode")]
    [InlineData("Moed", "Mode")]
    [InlineData("TotalTimeOut1", "TotalTimeout")]
    [InlineData("AttemtTimout", "AttemptTimeout")]
    [InlineData("Retries", null)]
    [InlineData("", null)]
    [InlineData("x", null)]
    public void The_nearest_name_is_guessed_only_when_it_is_near(string typed, string? meant) =>
        Names.Nearest(typed, Known).ShouldBe(meant);

    [Fact]
    public void Without_a_near_name_all_are_offered() =>
        Names.Suggest("Retries", ["A", "B"]).ShouldBe("choose from A, B");

    [Fact]
    public void A_name_is_found_in_any_case_and_a_number_never()
    {
        Names.TryPick("backoff", Names.Of<RecoveryAction>(), out var picked).ShouldBeTrue();
        picked.ShouldBe("BackOff");
        Names.TryPick("1", Names.Of<RecoveryAction>(), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_text_too_long_to_be_meant_is_not_compared_letter_by_letter()
    {
        var text = new string('a', 100_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Names.Nearest(text, Known).ShouldBeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
    }
}
