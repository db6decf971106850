namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>The finer points of what an order's state and terms prove.</summary>
public sealed class JudgementTests
{
    private const string Place = "POST /fapi/v1/order";
    private const string Amend = "PUT /fapi/v1/order";

    [Theory]
    [InlineData("CANCELED", ExecutionStatus.Executed)]
    [InlineData("FILLED", ExecutionStatus.NotExecuted)]
    [InlineData("EXPIRED", ExecutionStatus.NotExecuted)]
    [InlineData("EXPIRED_IN_MATCH", ExecutionStatus.NotExecuted)]
    [InlineData("REJECTED", ExecutionStatus.NotExecuted)]
    [InlineData("FINISHED", ExecutionStatus.NotExecuted)]
    [InlineData("NEW", ExecutionStatus.Unknown)]
    [InlineData("PARTIALLY_FILLED", ExecutionStatus.Unknown)]
    [InlineData("canceled", ExecutionStatus.Unknown)]
    [InlineData("", ExecutionStatus.Unknown)]
    [InlineData(null, ExecutionStatus.Unknown)]
    public void A_cancel_is_judged_by_the_state_of_its_order(string? status, ExecutionStatus expected) =>
        EvidenceRules.JudgeCancel(new OrderEvidence { Status = status, Raw = [] }).ShouldBe(expected);

    [Fact]
    public void An_order_that_is_not_shown_tells_nothing_of_its_cancel() => EvidenceRules.JudgeCancel(null).ShouldBe(ExecutionStatus.Unknown);

    [Theory]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001", true)]
    [InlineData("symbol=btcusdt&side=buy&type=market&quantity=0.0010", true)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET", true)]
    [InlineData("symbol=BTCUSDT", true)]
    [InlineData("symbol=BTCUSDT&side=SELL", false)]
    [InlineData("symbol=BTCUSDT&type=STOP_MARKET", false)]
    [InlineData("symbol=BTCUSDT&quantity=0.0011", false)]
    public void Terms_the_request_does_not_give_are_not_compared(string parameters, bool ours) =>
        EvidenceRules.JudgePlace(Generated(parameters), Market()).ShouldBe(ours ? Finding.Ours : Finding.Namesake);

    [Fact]
    public void Words_the_reply_does_not_give_are_not_compared_but_a_quantity_must_be_shown()
    {
        var claim = Generated("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001");

        EvidenceRules.JudgePlace(claim, Market() with { Symbol = null, Side = null, Type = null }).ShouldBe(Finding.Ours);
        EvidenceRules.JudgePlace(claim, Market() with { Quantity = null }).ShouldBe(Finding.Namesake);
    }

    [Theory]
    [InlineData("MARKET", "STOP_MARKET", true)]
    [InlineData("STOP_MARKET", null, true)]
    [InlineData("STOP_MARKET", "MARKET", true)]
    [InlineData("MARKET", null, false)]
    [InlineData("MARKET", "LIMIT", false)]
    public void A_triggered_order_is_known_by_the_type_it_was_placed_with(string type, string? original, bool ours) =>
        EvidenceRules.JudgePlace(Generated("symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.001"), Market() with { Type = type, OriginalType = original })
            .ShouldBe(ours ? Finding.Ours : Finding.Namesake);

    [Fact]
    public void An_id_that_is_taken_by_an_open_order_rules_absence_out()
    {
        var claim = ClaimedRequest.Of(Place, "symbol=BTCUSDT&newClientOrderId=a", ClaimedRequest.Window);
        claim.DeadlineMs.ShouldBe(ClaimedRequest.Stamp + ClaimedRequest.RecvWindow);

        claim.IdIsTaken = true;

        claim.DeadlineMs.ShouldBeNull();
    }

    [Fact]
    public void Without_an_attempt_there_is_no_absence_to_prove_and_no_order_of_ours()
    {
        var claim = ClaimedRequest.Of(Place, "symbol=BTCUSDT&newClientOrderId=a");

        claim.DeadlineMs.ShouldBeNull();
        EvidenceRules.JudgePlace(claim, Market()).ShouldBe(Finding.Namesake);
    }

    [Theory]
    [InlineData("price=41000", 41_000, 5, true)]
    [InlineData("price=41000", 41_001, 5, false)]
    [InlineData("quantity=0.005", 41_000, 5, true)]
    [InlineData("quantity=0.005", 41_000, 6, false)]
    [InlineData("side=BUY", 41_000, 5, true)]
    public void An_entry_of_the_history_is_compared_by_what_the_amendment_asked_for(string terms, int price, int thousandths, bool ours) =>
        EvidenceRules.JudgeAmend(Amended(terms), Limit(), [new AmendmentEvidence(ClaimedRequest.Stamp, price, thousandths / 1000m)]).ShouldBe(ours ? Finding.Ours : Finding.Unchanged);

    [Fact]
    public void Any_entry_in_any_window_will_do()
    {
        var claim = ClaimedRequest.Of(Amend, "symbol=BTCUSDT&origClientOrderId=a&price=41000&quantity=0.002", ClaimedRequest.Window, new AttemptWindow(ClaimedRequest.Stamp + 60_000, ClaimedRequest.RecvWindow));

        EvidenceRules.JudgeAmend(claim, Limit(), [new AmendmentEvidence(ClaimedRequest.Stamp, 1, 1), new AmendmentEvidence(ClaimedRequest.Stamp + 61_000, 41_000, 0.002m)]).ShouldBe(Finding.Ours);
        EvidenceRules.JudgeAmend(claim, Limit(), [new AmendmentEvidence(ClaimedRequest.Stamp, 41_000, 1), new AmendmentEvidence(ClaimedRequest.Stamp + 61_000, 1, 0.002m)]).ShouldBe(Finding.Unchanged);
    }

    [Theory]
    [InlineData("price=40000")]
    [InlineData("quantity=0.001")]
    public void Half_of_the_terms_are_not_proved_by_the_present_state(string terms) =>
        EvidenceRules.JudgeAmend(Amended(terms), Limit(), []).ShouldBe(Finding.Unchanged);

    [Fact]
    public void An_amendment_without_a_stamp_is_proved_by_the_present_state_alone()
    {
        var claim = ClaimedRequest.Of(Amend, "symbol=BTCUSDT&origClientOrderId=a&price=41000&quantity=0.002", ClaimedRequest.Window, null);

        EvidenceRules.JudgeAmend(claim, Limit(), [new AmendmentEvidence(ClaimedRequest.Stamp, 41_000, 0.002m)]).ShouldBe(Finding.Unchanged);
        EvidenceRules.JudgeAmend(claim, Limit() with { Status = "CANCELED", TimeInForce = "GTX", UpdateTimeMs = ClaimedRequest.Stamp }, []).ShouldBe(Finding.Unchanged);
        EvidenceRules.JudgeAmend(claim, Limit() with { Price = 41_000, Quantity = 0.002m }, []).ShouldBe(Finding.Ours);
    }

    [Theory]
    [InlineData("price=41000", "GTC", Finding.Unchanged)]
    [InlineData("price=41000", "GTX", Finding.Ours)]
    [InlineData("quantity=0.0005", "GTC", Finding.Ours)]
    public void A_cancelled_order_shows_an_amendment_that_could_cancel_it(string terms, string timeInForce, object expected) =>
        EvidenceRules.JudgeAmend(
            Amended(terms),
            Limit() with { Status = "CANCELED", TimeInForce = timeInForce, ExecutedQuantity = 0.0005m, UpdateTimeMs = ClaimedRequest.Stamp },
            []).ShouldBe((Finding)expected);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void An_answer_may_count_once_the_last_window_has_closed(long sinceDeadline, bool may) =>
        new AbsenceProof(ClaimedRequest.Stamp, new ReconciliationOptions(), static () => TimeSpan.Zero).MayCount(ClaimedRequest.Stamp + sinceDeadline).ShouldBe(may);

    [Theory]
    [InlineData(1, 1, 5_000)]
    [InlineData(2, 1, 10_000)]
    [InlineData(5, 1, 10_000)]
    public void The_answers_still_needed_share_the_time_that_is_left(int answers, int now, int expected)
    {
        var proof = new AbsenceProof(ClaimedRequest.Stamp, new ReconciliationOptions(), static () => TimeSpan.Zero);
        for (var answer = 0; answer < answers; answer++)
        {
            proof.Add(ClaimedRequest.Stamp + 1);
        }

        proof.Pause(ClaimedRequest.Stamp + now, TimeSpan.FromMinutes(1)).ShouldBe(TimeSpan.FromMilliseconds(expected));
    }

    [Fact]
    public void An_answer_hastens_one_question_and_no_more()
    {
        var usual = TimeSpan.FromSeconds(4);
        var proof = new AbsenceProof(ClaimedRequest.Stamp, new ReconciliationOptions(), static () => TimeSpan.Zero);
        proof.Add(ClaimedRequest.Stamp + 10_001);

        proof.Pause(ClaimedRequest.Stamp + 10_005, usual).ShouldBe(TimeSpan.FromMilliseconds(250));
        proof.Pause(ClaimedRequest.Stamp + 10_005, usual).ShouldBe(usual);
    }

    [Fact]
    public void A_usual_pause_shorter_than_the_first_stays_as_short()
    {
        var usual = TimeSpan.FromMilliseconds(100);
        var proof = new AbsenceProof(ClaimedRequest.Stamp, new ReconciliationOptions(), static () => TimeSpan.Zero);
        proof.Add(ClaimedRequest.Stamp + 10_001);

        proof.Pause(ClaimedRequest.Stamp + 10_005, usual).ShouldBe(usual);
    }

    private static Claim Generated(string parameters) => ClaimedRequest.Of(Place, $"{parameters}&newClientOrderId=a", idIsGenerated: true, canAsk: true, ClaimedRequest.Window);

    private static Claim Amended(string terms) => ClaimedRequest.Of(Amend, $"symbol=BTCUSDT&origClientOrderId=a&{terms}", ClaimedRequest.Window);

    private static OrderEvidence Market() => new()
    {
        OrderId = "1",
        ClientOrderId = "a",
        Symbol = "BTCUSDT",
        Side = "BUY",
        Type = "MARKET",
        Status = "FILLED",
        Quantity = 0.001m,
        TimeMs = ClaimedRequest.Stamp,
        Raw = [],
    };

    private static OrderEvidence Limit() => Market() with { Type = "LIMIT", Status = "NEW", Price = 40_000, ExecutedQuantity = 0, TimeInForce = "GTC", TimeMs = 1 };
}
