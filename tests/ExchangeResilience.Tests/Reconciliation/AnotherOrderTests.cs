using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Answers that describe another order than the one asked for, as a mixed-up cache would give: they prove nothing of ours.</summary>
public sealed class AnotherOrderTests
{
    private const string Ours = "\"orderId\":5,\"clientOrderId\":\"a\"";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_order_that_names_itself_otherwise_is_not_the_one_asked_for(bool idIsGenerated)
    {
        var claim = ClaimedRequest.Of("POST /fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a", idIsGenerated, canAsk: true, ClaimedRequest.Window);

        EvidenceRules.JudgePlace(claim, Order(Ours)).ShouldBe(Finding.Ours);
        EvidenceRules.JudgePlace(claim, Order("\"orderId\":5")).ShouldBe(Finding.Ours);
        EvidenceRules.JudgePlace(claim, Order("\"orderId\":5,\"clientOrderId\":\"b\"")).ShouldBe(Finding.Namesake);
        EvidenceRules.JudgePlace(claim, Order("\"orderId\":5,\"clientOrderId\":\"A\"")).ShouldBe(Finding.Namesake);
    }

    [Theory]
    [InlineData("origClientOrderId=a", Ours, true)]
    [InlineData("origClientOrderId=a", "\"orderId\":5,\"clientOrderId\":\"b\"", false)]
    [InlineData("orderId=5", Ours, true)]
    [InlineData("orderId=5", "\"orderId\":6,\"clientOrderId\":\"a\"", false)]
    [InlineData("orderId=5&origClientOrderId=b", Ours, true)]
    public void An_order_is_told_by_the_id_that_prevails(string asked, string named, bool isIt) =>
        EvidenceRules.IsAbout(ClaimedRequest.Operation("DELETE /fapi/v1/order", $"symbol=BTCUSDT&{asked}"), Order(named)).ShouldBe(isIt);

    private static OrderEvidence Order(string ids) =>
        OrderEvidence.Read(Encoding.UTF8.GetBytes($"{{{ids},\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"MARKET\",\"origQty\":\"1\",\"status\":\"CANCELED\",\"time\":{ClaimedRequest.Stamp}}}")).ShouldNotBeNull();
}
