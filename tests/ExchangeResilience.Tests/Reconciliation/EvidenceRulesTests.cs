using System.Globalization;
using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>How an order that was found is judged, and when absence is proved: the rules alone, without a wire.</summary>
public sealed class EvidenceRulesTests
{
    private const long Stamp = 1_000_000;
    private const long Window = 5_000;

    [Theory]
    [InlineData(-1_000, false)]
    [InlineData(-999, true)]
    [InlineData(0, true)]
    [InlineData(Window, true)]
    [InlineData(Window + 1_000, true)]
    [InlineData(Window + 1_001, false)]
    public void An_order_is_ours_only_if_it_was_created_while_an_attempt_could_take_effect(long afterStamp, bool ours)
    {
        var claim = Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window));

        EvidenceRules.JudgePlace(claim, Found(Stamp + afterStamp)).ShouldBe(ours ? Finding.Ours : Finding.Namesake);
    }

    [Fact]
    public void Any_of_several_attempts_will_do()
    {
        var claim = Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window), new AttemptWindow(Stamp + 60_000, Window));

        EvidenceRules.JudgePlace(claim, Found(Stamp + 61_000)).ShouldBe(Finding.Ours);
        EvidenceRules.JudgePlace(claim, Found(Stamp + 30_000)).ShouldBe(Finding.Namesake);
    }

    [Fact]
    public void A_generated_id_needs_no_look_at_the_time()
    {
        var claim = Placed("newClientOrderId=a", idIsGenerated: true, new AttemptWindow(Stamp, Window));

        EvidenceRules.JudgePlace(claim, Found(0)).ShouldBe(Finding.Ours);
    }

    [Theory]
    [InlineData("\"symbol\":\"ETHUSDT\"")]
    [InlineData("\"side\":\"SELL\"")]
    [InlineData("\"type\":\"LIMIT\"")]
    [InlineData("\"origQty\":\"0.002\"")]
    public void An_order_of_other_terms_is_not_ours_even_in_the_window_and_under_a_generated_id(string other)
    {
        var order = Found(Stamp, other);

        EvidenceRules.JudgePlace(Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window)), order).ShouldBe(Finding.Namesake);
        EvidenceRules.JudgePlace(Placed("newClientOrderId=a", idIsGenerated: true, new AttemptWindow(Stamp, Window)), order).ShouldBe(Finding.Namesake);
    }

    [Theory]
    [InlineData("\"origQty\":\"0.00100\"")]
    [InlineData("\"origQty\":0.001")]
    [InlineData("\"type\":\"LIMIT\",\"origType\":\"MARKET\"")]
    public void Terms_written_otherwise_are_the_same_terms(string same) =>
        EvidenceRules.JudgePlace(Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window)), Found(Stamp, same)).ShouldBe(Finding.Ours);

    [Theory]
    [InlineData("\"origQty\":\"0.002\"", 0, true)]
    [InlineData("\"origQty\":\"0.001\"", 0, false)]
    [InlineData("\"origQty\":\"0.002\",\"side\":\"SELL\"", 0, false)]
    [InlineData("\"origQty\":\"0.002\"", 60_000, false)]
    public void What_differs_in_its_quantity_alone_may_have_been_amended_since(string found, long afterStamp, bool may) =>
        EvidenceRules.MayHaveBeenAmended(Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window)), Found(Stamp + afterStamp, found)).ShouldBe(may);

    [Theory]
    [InlineData("0.001", "0.002", true)]
    [InlineData("0.002", "0.001", false)]
    [InlineData(null, null, false)]
    public void An_order_began_as_what_its_first_amendment_changed(string? first, string? second, bool ours)
    {
        // Told newest first, as the exchange may tell them.
        var told = first is null ? "[]" : $"[{Amendment(2, second!)},{Amendment(1, first)}]";
        var history = AmendmentEvidence.ReadAll(Encoding.UTF8.GetBytes(told)).ShouldNotBeNull();

        EvidenceRules.BeganAsClaimed(Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window)), Found(Stamp, "\"origQty\":\"0.003\""), history).ShouldBe(ours);

        static string Amendment(int time, string before) =>
            $$$"""{"time":{{{time.ToString(CultureInfo.InvariantCulture)}}},"amendment":{"origQty":{"before":"{{{before}}}","after":"0.003"} } }""";
    }

    [Fact]
    public void An_attempt_without_a_stamp_is_bounded_by_nothing()
    {
        var claim = Placed("newClientOrderId=a", new AttemptWindow(Stamp, Window));
        claim.Attempts.Add(null);

        claim.DeadlineMs.ShouldBeNull();
        EvidenceRules.JudgePlace(claim, Found(Stamp)).ShouldBe(Finding.Namesake);
    }

    [Fact]
    public void Absence_can_be_proved_only_after_the_last_window_has_closed() =>
        Placed("newClientOrderId=a", new AttemptWindow(Stamp, 60_000), new AttemptWindow(Stamp + 10_000, Window)).DeadlineMs.ShouldBe(Stamp + 60_000);

    [Theory]
    [InlineData("POST", "/fapi/v1/order", true)]
    [InlineData("PUT", "/fapi/v1/order", true)]
    [InlineData("POST", "/fapi/v1/algoOrder", false)]
    public void Absence_can_be_proved_only_where_the_engine_checks_the_window_again(string method, string path, bool provable)
    {
        var claim = ClaimOf(method, path, "symbol=BTCUSDT&newClientOrderId=a&clientAlgoId=a&origClientOrderId=a", false, [new AttemptWindow(Stamp, Window)]);

        claim.DeadlineMs.HasValue.ShouldBe(provable);
    }

    [Theory]
    [InlineData(41_000, 2, Stamp, Finding.Ours)]
    [InlineData(41_000, 2, Stamp - 1_000, Finding.Unchanged)]
    [InlineData(41_000, 2, Stamp + Window + 1_001, Finding.Unchanged)]
    [InlineData(41_001, 2, Stamp, Finding.Unchanged)]
    [InlineData(41_000, 3, Stamp, Finding.Unchanged)]
    public void An_amendment_is_proved_by_an_entry_of_its_own_terms_and_time(int price, int thousandths, long at, object expected) =>
        EvidenceRules.JudgeAmend(Amended(), Limit(), [new AmendmentEvidence(at, price, thousandths / 1000m)]).ShouldBe((Finding)expected);

    [Theory]
    [InlineData("\"price\":\"41000\",\"origQty\":\"0.002\"", Finding.Ours)]
    [InlineData("\"price\":\"41000\"", Finding.Unchanged)]
    [InlineData("\"origQty\":\"0.002\"", Finding.Unchanged)]
    [InlineData("\"status\":\"NEW\"", Finding.Unchanged)]
    public void Without_history_an_amendment_is_proved_by_price_and_quantity_together(string shown, object expected) =>
        EvidenceRules.JudgeAmend(Amended(), Limit(shown), []).ShouldBe((Finding)expected);

    [Theory]
    [InlineData("\"status\":\"CANCELED\",\"executedQty\":\"0.002\"", Stamp, Finding.Ours)]
    [InlineData("\"status\":\"CANCELED\",\"executedQty\":\"0.003\"", Stamp, Finding.Ours)]
    [InlineData("\"status\":\"CANCELED\",\"executedQty\":\"0.001\"", Stamp, Finding.Unchanged)]
    [InlineData("\"status\":\"CANCELED\",\"timeInForce\":\"GTX\"", Stamp, Finding.Ours)]
    [InlineData("\"status\":\"CANCELED\",\"executedQty\":\"0.002\"", Stamp - 1_000, Finding.Unchanged)]
    [InlineData("\"status\":\"EXPIRED\",\"executedQty\":\"0.002\"", Stamp, Finding.Unchanged)]
    [InlineData("\"status\":\"NEW\",\"timeInForce\":\"GTX\"", Stamp, Finding.Unchanged)]
    public void An_amendment_can_show_by_having_cancelled_the_order(string shown, long updated, object expected) =>
        EvidenceRules.JudgeAmend(Amended(), Limit($"{shown},\"updateTime\":{updated}"), []).ShouldBe((Finding)expected);

    [Fact]
    public void An_amendment_without_terms_is_proved_by_no_present_state() =>
        EvidenceRules.JudgeAmend(ClaimOf("PUT", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a", false, [new AttemptWindow(Stamp, Window)]), Limit(), []).ShouldBe(Finding.Unchanged);

    [Fact]
    public void Three_absences_count_the_first_past_the_deadline_and_the_last_past_the_margin()
    {
        var proof = new AbsenceProof(Stamp, new ReconciliationOptions(), static () => TimeSpan.Zero);

        proof.Add(Stamp).ShouldBeFalse();
        proof.Answers.ShouldBe(0);
        proof.Add(Stamp + 1).ShouldBeFalse();
        proof.Add(Stamp + 9_000).ShouldBeFalse();
        proof.Add(Stamp + 10_000).ShouldBeFalse();
        proof.Answers.ShouldBe(3);
        proof.Add(Stamp + 10_001).ShouldBeTrue();
    }

    [Fact]
    public void Time_alone_does_not_make_one_absence_three()
    {
        var proof = new AbsenceProof(Stamp, new ReconciliationOptions(), static () => TimeSpan.Zero);

        proof.Add(Stamp + 60_000).ShouldBeFalse();
        proof.Add(Stamp + 60_001).ShouldBeFalse();
        proof.Add(Stamp + 60_002).ShouldBeTrue();
    }

    [Fact]
    public void More_absences_can_be_asked_for()
    {
        var proof = new AbsenceProof(Stamp, new ReconciliationOptions { MinimumAbsences = 5 }, static () => TimeSpan.Zero);

        Enumerable.Range(0, 5).Select(number => proof.Add(Stamp + 20_000 + number)).ShouldBe([false, false, false, false, true]);
    }

    private static Claim Placed(string id, params AttemptWindow[] windows) => Placed(id, idIsGenerated: false, windows);

    private static Claim Placed(string id, bool idIsGenerated, params AttemptWindow[] windows) =>
        ClaimOf("POST", "/fapi/v1/order", $"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&{id}", idIsGenerated, windows);

    private static Claim Amended() =>
        ClaimOf("PUT", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&quantity=0.002&price=41000&origClientOrderId=a", false, [new AttemptWindow(Stamp, Window)]);

    private static Claim ClaimOf(string method, string path, string parameters, bool idIsGenerated, AttemptWindow[] windows)
    {
        var venue = ExchangeVenue.BinanceUsdFutures;
        var operation = OperationReader.Read(venue.Endpoints.Find(new HttpMethod(method), path), new RequestParameters(parameters, null), idIsGenerated);
        var claim = new Claim(operation, ClaimedRequest.OriginOf("account") with { Venue = venue }) { Since = DateTimeOffset.UnixEpoch };
        foreach (var window in windows)
        {
            claim.Attempts.Add(window);
        }

        return claim;
    }

    private static OrderEvidence Found(long time, string other = "\"status\":\"FILLED\"") => Read(
        $$"""{"orderId":1,"clientOrderId":"a","symbol":"BTCUSDT","side":"BUY","type":"MARKET","origQty":"0.001","time":{{time.ToString(CultureInfo.InvariantCulture)}}}""", other);

    private static OrderEvidence Limit(string shown = "\"status\":\"NEW\"") => Read(
        """{"orderId":1,"clientOrderId":"a","symbol":"BTCUSDT","side":"BUY","type":"LIMIT","price":"40000","origQty":"0.001","executedQty":"0","timeInForce":"GTC","time":1}""", shown);

    // A later member of the same name takes the place of the earlier.
    private static OrderEvidence Read(string order, string other)
    {
        var merged = System.Text.Json.Nodes.JsonNode.Parse(order)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse($"{{{other}}}")!.AsObject())
        {
            merged[name] = value?.DeepClone();
        }

        return OrderEvidence.Read(Encoding.UTF8.GetBytes(merged.ToJsonString())).ShouldNotBeNull();
    }
}
