using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Claims;

/// <summary>One claim's life: in flight, in doubt, settled, and what it knows of its attempts.</summary>
public sealed class ClaimTests
{
    private static readonly AttemptWindow Later = new(ClaimedRequest.Stamp + 60_000, ClaimedRequest.RecvWindow);
    private readonly Claim _claim = New();

    [Fact]
    public void A_claim_begins_in_flight_with_nothing_known()
    {
        _claim.State.ShouldBe(ClaimState.InFlight);
        _claim.Outcome.ShouldBeNull();
        _claim.DidNothing.ShouldBeFalse();
        _claim.LastError.ShouldBeNull();
        _claim.NeedsEvidence.ShouldBeFalse();
        _claim.CancelWanted.ShouldBeFalse();
        _claim.IdIsTaken.ShouldBeFalse();
        _claim.Attempts.MayHaveWorked.ShouldBeFalse();
        _claim.Attempts.Windows.ShouldBeEmpty();
        _claim.Attempts.Written.ShouldBeEmpty();
        _claim.Verdict.IsCompleted.ShouldBeFalse();
        _claim.Latest.ShouldBeSameAs(_claim);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_verdict_is_everybodys_and_stays(bool inDoubt)
    {
        if (inDoubt)
        {
            _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null);
        }

        _claim.TrySettle(ClaimWorld.Found, out var wasInDoubt).ShouldBeTrue();

        wasInDoubt.ShouldBe(inDoubt);
        _claim.TrySettle(ClaimWorld.Absent, out wasInDoubt).ShouldBeFalse();
        wasInDoubt.ShouldBeFalse();
        _claim.MarkInDoubt(LocalErrors.ConnectionLost(), null).ShouldBeFalse();
        _claim.State.ShouldBe(ClaimState.Settled);
        _claim.NeedsEvidence.ShouldBeFalse();
        _claim.DidNothing.ShouldBeFalse();
        _claim.Outcome.ShouldBe(ClaimWorld.Found);
        (await _claim.Verdict).ShouldBe(ClaimWorld.Found);
    }

    [Fact]
    public void Only_an_attempt_that_may_have_worked_opens_a_window()
    {
        _claim.Attempts.Open(static () => ClaimedRequest.Window);
        _claim.Attempts.MayHaveWorked.ShouldBeTrue("it is under way");
        _claim.Attempts.Windows.ShouldBe([ClaimedRequest.Window]);
        _claim.Attempts.Close(mayHaveWorked: false);
        _claim.Attempts.MayHaveWorked.ShouldBeFalse();
        _claim.Attempts.Windows.ShouldBeEmpty();

        _claim.Attempts.Open(static () => Later);
        _claim.Attempts.Close(mayHaveWorked: true);
        _claim.Attempts.Close(mayHaveWorked: true);
        _claim.Attempts.MayHaveWorked.ShouldBeTrue();
        _claim.Attempts.Windows.ShouldBe([Later]);
        _claim.Attempts.Traces.ShouldBe([ClaimedRequest.Window, Later], "the exchange may show it all the same");
        _claim.Attempts.Written.ShouldBe([new JournalAttempt(Later.FirstStampMs, Later.LastStampMs, Later.RecvWindowMs)]);
    }

    [Fact]
    public void One_attempt_without_a_stamp_leaves_the_doubt_without_bounds()
    {
        _claim.Attempts.Add(ClaimedRequest.Window);
        _claim.Attempts.Windows.ShouldBe([ClaimedRequest.Window]);

        _claim.Attempts.Add(null);
        _claim.Attempts.Add(ClaimedRequest.Window);

        _claim.Attempts.Windows.ShouldBeNull();
        _claim.Attempts.Written.ShouldBe([new JournalAttempt(0, long.MaxValue, 0)]);
    }

    [Fact]
    public void An_order_sent_again_may_turn_up_as_what_was_sent_before_by_any_round()
    {
        _claim.Attempts.Add(ClaimedRequest.Window);
        var (second, third) = (New(), New());
        second.Inherit(_claim);
        _claim.Successor = second;
        second.Attempts.Add(Later);
        third.Inherit(second);
        second.Successor = third;

        third.Attempts.Traces.ShouldBe([ClaimedRequest.Window, Later]);
        third.Attempts.Windows.ShouldBeEmpty();
        third.Attempts.MayHaveWorked.ShouldBeFalse("nothing of this round has left");
        _claim.Latest.ShouldBeSameAs(third);
        third.Latest.ShouldBeSameAs(third);
    }

    [Fact]
    public void What_was_promised_to_the_journal_are_the_attempts_until_it_was_not_taken()
    {
        var promise = new JournalAttempt(1, 2, 3);
        _claim.EntryId = "entry";
        _claim.Attempts.Promise(promise);
        _claim.Attempts.Add(ClaimedRequest.Window);

        _claim.Attempts.AreWrittenAhead.ShouldBeTrue();
        _claim.Attempts.Written.ShouldBe([promise]);

        _claim.Unwrite();
        _claim.Attempts.AreWrittenAhead.ShouldBeFalse();
        _claim.EntryId.ShouldBeNull();
        _claim.Attempts.Written.Count.ShouldBe(1, "what it did bear");
    }

    [Fact]
    public void A_cancel_is_kept_once_with_the_number_of_the_call_that_asked_first()
    {
        _claim.KeepCancel(7).ShouldBeTrue();
        _claim.KeepCancel(9).ShouldBeTrue();

        _claim.CancelWanted.ShouldBeTrue();
        var cancel = _claim.Cancel.ShouldNotBeNull();
        cancel.Number.ShouldBe(7);
        cancel.TryTake().ShouldBeTrue();
        cancel.TryTake().ShouldBeFalse("somebody sends it");
        _claim.CancelWanted.ShouldBeTrue("the exchange has not answered it yet");

        cancel.End(KeptCancelFate.Applied).ShouldBeTrue();
        cancel.End(KeptCancelFate.Expired).ShouldBeFalse();
        cancel.Fate.ShouldBe(KeptCancelFate.Applied);
        _claim.CancelWanted.ShouldBeFalse();
        _claim.KeepCancel(11).ShouldBeTrue();
        _claim.Cancel!.Number.ShouldBe(11, "the first has had its answer");
    }

    [Fact]
    public void What_did_nothing_needs_no_cancel()
    {
        _claim.KeepCancel(7).ShouldBeTrue();
        _claim.TrySettle(ClaimWorld.Absent, out _);

        _claim.DidNothing.ShouldBeTrue();
        _claim.Cancel!.Fate.ShouldBe(KeptCancelFate.Needless);
        _claim.CancelWanted.ShouldBeFalse();
        _claim.KeepCancel(8).ShouldBeFalse();
    }

    [Fact]
    public void A_cancel_may_still_be_kept_for_what_was_executed()
    {
        _claim.TrySettle(ClaimWorld.Found, out _);

        _claim.KeepCancel(8).ShouldBeTrue();
        _claim.CancelWanted.ShouldBeTrue();
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

    private static Claim New() => ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&newClientOrderId=a");
}
