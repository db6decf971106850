using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Policies;

/// <summary>A row that changes nothing is in order, and its author is told.</summary>
public sealed class IdleRowsTests
{
    private const string GiveAction = "give Action as well, such as Retry, or remove the row";

    [Theory]
    [InlineData("Default", null, $"Policies:Default: MaxAttempts without effect, since nothing it selects is sent again; {GiveAction}")]
    [InlineData("-1121", RecoveryAction.FailFast, $"Policies:-1121: MaxAttempts without effect, since nothing it selects is sent again; {GiveAction}")]
    [InlineData("-103", RecoveryAction.Retry, "Policies:-103: selects no code that is known; did you mean '-1003'?")]
    [InlineData("-70000..-70100", RecoveryAction.Retry, "Policies:-70000..-70100: selects no code that is known; keep it if the exchange has such a code by now")]
    public void A_row_that_changes_nothing_is_told_of_at_the_start_with_the_remedy(string selector, RecoveryAction? action, string told)
    {
        var line = LinesOf((selector, new ErrorPolicy { Action = action, MaxAttempts = 3 })).ShouldHaveSingleItem();

        line.Level.ShouldBe(LogLevel.Warning);
        line.Text.Trim().ShouldBe($"Client 'futures': policies without effect. {told}");
    }

    [Theory]
    [InlineData("-1003", null)]
    [InlineData("Http503", null)]
    [InlineData("-1121", RecoveryAction.Retry)]
    [InlineData("-4000..-4999", RecoveryAction.Retry)]
    public void A_row_that_some_error_meets_says_nothing(string selector, RecoveryAction? action) =>
        LinesOf((selector, new ErrorPolicy { Action = action, MaxAttempts = 3 })).ShouldBeEmpty();

    [Fact]
    public void Attempts_of_a_wider_row_that_a_narrower_one_retries_by_have_an_effect() =>
        LinesOf(("InvalidParameter", new ErrorPolicy { MaxAttempts = 3 }), ("-1121", new ErrorPolicy { Action = RecoveryAction.Retry })).ShouldBeEmpty();

    [Fact]
    public void All_are_told_of_in_one_line() =>
        LinesOf(("Default", new ErrorPolicy { BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(2) }), ("-103", new ErrorPolicy { Action = RecoveryAction.FailFast }))
            .ShouldHaveSingleItem().Text.Split(" | ").Length.ShouldBe(2);

    private static List<LogLine> LinesOf(params (string Selector, ErrorPolicy Policy)[] rows)
    {
        using var log = new CollectedLog();
        using var world = new SimulatedFixture(
            options =>
            {
                foreach (var (selector, policy) in rows)
                {
                    options.Policies[selector] = policy;
                }
            },
            builder => builder.Services.AddLogging(log.Register));
        world.Http.Timeout.ShouldBeGreaterThan(TimeSpan.Zero);
        return [.. log.Of("PoliciesWithoutEffect")];
    }
}
