namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>One claim's life: in flight, in doubt, settled, and who is told what.</summary>
public sealed class ClaimTests
{
    private static readonly Verdict Found = new(ExecutionStatus.Executed, null, null, "found");
    private static readonly Verdict Absent = new(ExecutionStatus.NotExecuted, null, null, "absent");
    private readonly Claim _claim = ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a", ClaimedRequest.Window);

    [Fact]
    public void A_claim_begins_in_flight_with_nothing_known()
    {
        _claim.State.ShouldBe(ClaimState.InFlight);
        _claim.Outcome.ShouldBeNull();
        _claim.LastError.ShouldBeNull();
        _claim.NeedsEvidence.ShouldBeFalse();
        _claim.CancelWanted.ShouldBeFalse();
        _claim.IdIsTaken.ShouldBeFalse();
        _claim.Verdict.IsCompleted.ShouldBeFalse();
        _claim.Finding.IsCompleted.ShouldBeFalse();
        _claim.TryConclude(Found, out _).ShouldBeFalse("nobody has doubted it");
    }

    [Fact]
    public void A_doubt_begins_once_and_keeps_what_it_came_from()
    {
        var error = LocalErrors.ConnectionLost();

        _claim.MarkInDoubt(error, null).ShouldBeTrue();
        _claim.MarkInDoubt(error with { Message = "second" }, null).ShouldBeFalse();

        _claim.State.ShouldBe(ClaimState.InDoubt);
        _claim.LastError.ShouldBe(error);
        _claim.NeedsEvidence.ShouldBeTrue();
    }

    [Fact]
    public async Task A_finding_is_told_to_an_owner_who_listens_and_settles_nothing_by_itself()
    {
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null);

        _claim.TryConclude(Found, out var settles).ShouldBeTrue();

        settles.ShouldBeFalse();
        (await _claim.Finding).ShouldBe(Found);
        _claim.State.ShouldBe(ClaimState.InDoubt);
        _claim.NeedsEvidence.ShouldBeFalse();
        _claim.Outcome.ShouldBeNull();
        _claim.Verdict.IsCompleted.ShouldBeFalse();
        _claim.TryConclude(Absent, out _).ShouldBeFalse("the truth is known already");
        (await _claim.Finding).ShouldBe(Found);
    }

    [Fact]
    public async Task An_owner_who_leaves_after_the_finding_settles_the_claim_with_it()
    {
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null);
        _claim.TryConclude(Found, out _);

        _claim.OwnerLeaves().ShouldBeTrue();

        await ShouldBeSettledAsync(Found);
        _claim.OwnerLeaves().ShouldBeFalse();
    }

    [Fact]
    public async Task A_finding_after_the_owner_left_settles_the_claim_at_once()
    {
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null);
        _claim.OwnerLeaves().ShouldBeFalse();
        _claim.State.ShouldBe(ClaimState.InDoubt);

        _claim.TryConclude(Absent, out var settles).ShouldBeTrue();

        settles.ShouldBeTrue();
        (await _claim.Finding).ShouldBe(Absent);
        await ShouldBeSettledAsync(Absent);
    }

    [Fact]
    public void An_owner_who_leaves_before_any_doubt_settles_nothing()
    {
        _claim.OwnerLeaves().ShouldBeFalse();

        _claim.State.ShouldBe(ClaimState.InFlight);
        _claim.Verdict.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_resumed_claim_is_in_flight_again_and_a_new_doubt_waits_for_a_finding_of_its_own()
    {
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null);
        _claim.TryConclude(Absent, out _);
        var first = _claim.Finding;

        _claim.Resume();

        _claim.State.ShouldBe(ClaimState.InFlight);
        _claim.Finding.ShouldNotBeSameAs(first);
        _claim.Finding.IsCompleted.ShouldBeFalse();
        _claim.Windows.ShouldBe([ClaimedRequest.Window]);
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null).ShouldBeTrue();
        _claim.NeedsEvidence.ShouldBeTrue("the old finding says nothing of the new attempt");
        _claim.TryConclude(Found, out _).ShouldBeTrue();
        (await _claim.Finding).ShouldBe(Found);
    }

    [Fact]
    public async Task The_owners_own_verdict_settles_for_everybody_and_stays()
    {
        _claim.Settle(Absent);

        await ShouldBeSettledAsync(Absent);
        _claim.NeedsEvidence.ShouldBeFalse();
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null).ShouldBeFalse();
        _claim.TryConclude(Found, out _).ShouldBeFalse();
        _claim.OwnerLeaves().ShouldBeFalse();
        await ShouldBeSettledAsync(Absent);
    }

    [Fact]
    public void A_kept_cancel_is_taken_once_and_only_when_the_order_is_there()
    {
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null);
        _claim.TakeKeptCancel().ShouldBeFalse("none is kept");
        _claim.KeepCancel();
        _claim.CancelWanted.ShouldBeTrue();
        _claim.TakeKeptCancel().ShouldBeFalse("nobody knows whether the order is there");
        _claim.TryConclude(Found, out _);

        _claim.TakeKeptCancel().ShouldBeTrue();

        _claim.CancelWanted.ShouldBeTrue("the exchange has not answered it yet");
        _claim.TakeKeptCancel().ShouldBeFalse();
        _claim.CancelApplied();
        _claim.CancelWanted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(ExecutionStatus.Executed, true)]
    [InlineData(ExecutionStatus.NotExecuted, false)]
    public void A_kept_cancel_goes_by_the_owners_verdict_where_there_was_no_finding(ExecutionStatus execution, bool taken)
    {
        _claim.KeepCancel();
        _claim.Settle(Found with { Execution = execution });

        _claim.TakeKeptCancel().ShouldBe(taken);
        _claim.CancelWanted.ShouldBeTrue();
    }

    [Fact]
    public void One_attempt_without_a_stamp_leaves_the_doubt_without_bounds()
    {
        _claim.Windows.ShouldBe([ClaimedRequest.Window]);

        _claim.AddWindow(null);
        _claim.AddWindow(ClaimedRequest.Window);

        _claim.Windows.ShouldBeNull();
    }

    [Fact]
    public void Proven_absence_is_told_with_the_error_and_the_reply_that_began_the_doubt()
    {
        var reply = new ReplySnapshot(System.Net.HttpStatusCode.ServiceUnavailable, [1], null);
        _claim.MarkInDoubt(LocalErrors.ConnectionLost() with { Message = "first" }, reply);

        var verdict = _claim.ProvenAbsent("three answers");

        verdict.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        verdict.Reply.ShouldBe(reply);
        verdict.Evidence.ShouldBe("three answers");
        var error = verdict.Error.ShouldNotBeNull();
        error.Message.ShouldBe("first");
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public void Absence_without_an_error_is_told_as_a_lost_connection()
    {
        var error = _claim.ProvenAbsent("x").Error.ShouldNotBeNull();

        error.Name.ShouldBe("CONNECTION_LOST");
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    private async Task ShouldBeSettledAsync(Verdict verdict)
    {
        _claim.State.ShouldBe(ClaimState.Settled);
        _claim.Outcome.ShouldBe(verdict);
        _claim.Verdict.IsCompletedSuccessfully.ShouldBeTrue();
        (await _claim.Verdict).ShouldBe(verdict);
    }
}
