using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>How an order's modification history is read.</summary>
public sealed class AmendmentEvidenceTests
{
    [Fact]
    public void An_entry_tells_what_price_and_quantity_became_and_when() =>
        ReadAll("""
            [{"amendmentId":5363,"time":1629184560899,"amendment":{"price":{"before":"30004","after":"30003.2"},"origQty":{"before":"1","after":"2"},"count":3}},
             {"time":7,"amendment":{"price":{"after":"1"}}}]
            """).ShouldBe([new AmendmentEvidence(1629184560899, 30003.2m, 2m) { PriceBefore = 30004m, QuantityBefore = 1m }, new AmendmentEvidence(7, 1m, null)]);

    [Theory]
    [InlineData("{\"time\":7}")]
    [InlineData("{\"time\":7,\"amendment\":5}")]
    [InlineData("{\"time\":7,\"amendment\":{}}")]
    [InlineData("{\"time\":7,\"amendment\":{\"price\":\"1\",\"origQty\":2}}")]
    [InlineData("{\"time\":7,\"amendment\":{\"price\":{\"before\":null},\"origQty\":{\"after\":null}}}")]
    [InlineData("{\"time\":7,\"price\":{\"after\":\"1\"}}")]
    public void An_entry_that_does_not_tell_leaves_open_what_it_changed(string entry) => ReadAll($"[{entry}]").ShouldBe([new AmendmentEvidence(7, null, null)]);

    [Fact]
    public void An_entry_without_a_time_falls_into_no_window() => ReadAll("[{\"amendment\":{\"price\":{\"after\":\"1\"}}}]").ShouldBe([new AmendmentEvidence(0, 1m, null)]);

    [Fact]
    public void What_is_no_entry_is_passed_over() => ReadAll("[5,\"x\",[],{\"time\":7},null]").ShouldBe([new AmendmentEvidence(7, null, null)]);

    [Fact]
    public void An_empty_history_is_an_answer() => ReadAll("[]").ShouldNotBeNull().ShouldBeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[{\"time\":7}")]
    public void What_is_no_whole_array_is_no_answer(string body) => ReadAll(body).ShouldBeNull();

    private static IReadOnlyList<AmendmentEvidence>? ReadAll(string body) => AmendmentEvidence.ReadAll(Encoding.UTF8.GetBytes(body));
}
