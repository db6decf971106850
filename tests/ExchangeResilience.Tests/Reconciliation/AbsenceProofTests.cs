namespace ExchangeResilience.Tests.Reconciliation;

public sealed class AbsenceProofTests
{
    private const long Deadline = 100_000;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(4);
    private static readonly ReconciliationOptions Options = new() { SettleMargin = TimeSpan.FromMilliseconds(500) };

    [Fact]
    public void An_answer_asked_before_the_last_window_closed_never_counts()
    {
        var proof = new AbsenceProof(Deadline, Options, static () => TimeSpan.Zero);

        proof.Add(Deadline).ShouldBeFalse();

        proof.Answers.ShouldBe(0);
    }

    [Fact]
    public void The_last_answer_counts_only_after_the_settle_margin()
    {
        var proof = new AbsenceProof(Deadline, Options, static () => TimeSpan.Zero);

        proof.Add(Deadline + 1).ShouldBeFalse();
        proof.Add(Deadline + 250).ShouldBeFalse();
        proof.Add(Deadline + 500).ShouldBeFalse();
        proof.Add(Deadline + 501).ShouldBeTrue();
    }

    [Theory]
    [InlineData(490, 510, 11)]
    [InlineData(500, 505, 1)]
    [InlineData(900, 905, 250)]
    public void An_answer_that_counted_is_followed_by_a_short_pause_though_our_clock_runs_ahead(int askedAt, int now, int expected)
    {
        var proof = new AbsenceProof(Deadline, Options, static () => TimeSpan.Zero);
        proof.Add(Deadline + 1);
        if (askedAt < 600)
        {
            proof.Add(Deadline + 250);
        }

        proof.Add(Deadline + askedAt);

        proof.Pause(Deadline + now, Usual).ShouldBe(TimeSpan.FromMilliseconds(expected));
    }

    [Fact]
    public void Where_no_answer_counted_after_the_margin_the_usual_pause_stands()
    {
        var proof = new AbsenceProof(Deadline, Options, static () => TimeSpan.Zero);
        proof.Add(0);

        proof.Pause(Deadline + 600, Usual).ShouldBe(Usual);
    }
}
