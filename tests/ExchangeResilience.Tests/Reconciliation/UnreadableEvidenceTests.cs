using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>Bytes that pass for JSON and cannot be relied upon: they are no evidence, and nobody's exception.</summary>
public sealed class UnreadableEvidenceTests
{
    private const string Half = "\\uD800";

    public static TheoryData<byte[]> Members =>
    [
        Encoding.UTF8.GetBytes($"\"time\":\"{Half}\""),
        Encoding.UTF8.GetBytes($"\"{Half}\":0"),
        (byte[])[.. "\"symbol\":\""u8, 0xFF, (byte)'"'],
        (byte[])[(byte)'"', 0xFF, .. "\":0"u8],
    ];

    [Theory]
    [MemberData(nameof(Members))]
    public void An_order_with_text_that_no_string_can_hold_is_none(byte[] member)
    {
        byte[] order = [.. "{\"orderId\":1,"u8, .. member, (byte)'}'];

        OrderEvidence.Read(order).ShouldBeNull();
        OrderEvidence.ReadAll((byte[])[(byte)'[', .. order, (byte)']']).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Nor_is_a_history_of_amendments(byte[] member) =>
        AmendmentEvidence.ReadAll((byte[])[.. "[{\"amendment\":{},"u8, .. member, .. "}]"u8]).ShouldBeNull();

    [Theory]
    [MemberData(nameof(Members))]
    public void Nor_is_a_history_of_additions(byte[] member) =>
        HistoryRecord.ReadMatching((byte[])[.. "[{"u8, .. member, .. "}]"u8], Addition, ClaimedRequest.Window).ShouldBeNull();

    [Theory]
    [MemberData(nameof(Members))]
    public void Nor_is_an_event_of_the_user_data_stream(byte[] member) =>
        UserDataEvent.Read((byte[])[.. "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\""u8, .. Encoding.UTF8.GetBytes(Half), .. "\","u8, .. member, .. "}}"u8]).ShouldBeNull();

    [Fact]
    public void What_says_two_things_under_one_name_proves_neither()
    {
        const string Twice = "{\"orderId\":1,\"origQty\":\"5\",\"origQty\":\"1\"}";

        OrderEvidence.Read(Encoding.UTF8.GetBytes(Twice)).ShouldBeNull();
        OrderEvidence.ReadAll(Encoding.UTF8.GetBytes($"[{Twice}]")).ShouldBeNull();
        AmendmentEvidence.ReadAll("[{\"time\":7,\"amendment\":{\"price\":{\"after\":\"1\",\"after\":\"2\"}}}]"u8.ToArray()).ShouldBeNull();
        HistoryRecord.ReadMatching("[{\"time\":7,\"time\":8}]"u8.ToArray(), Addition, ClaimedRequest.Window).ShouldBeNull();
        UserDataEvent.Read("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"c\":\"a\",\"c\":\"b\"}}"u8.ToArray()).ShouldBeNull();
    }

    [Theory]
    [InlineData("1,000")]
    [InlineData(" 1000")]
    [InlineData("1000 ")]
    [InlineData("1000-")]
    [InlineData("+1000")]
    [InlineData("1000\\u0000")]
    public void A_number_that_the_exchange_would_not_write_so_is_none(string number)
    {
        OrderEvidence.Read(Encoding.UTF8.GetBytes($"{{\"orderId\":1,\"origQty\":\"{number}\"}}")).ShouldNotBeNull().Quantity.ShouldBeNull();

        var record = $"[{{\"symbol\":\"BTCUSDT\",\"type\":1,\"amount\":\"{number}\",\"deltaType\":\"USER_ADJUST\",\"time\":{ClaimedRequest.Stamp}}}]";
        HistoryRecord.ReadMatching(Encoding.UTF8.GetBytes(record), Addition, ClaimedRequest.Window).ShouldNotBeNull().ShouldBeEmpty();
        HistoryRecord.ReadMatching(Encoding.UTF8.GetBytes(record.Replace(number, "1000.00", StringComparison.Ordinal)), Addition, ClaimedRequest.Window).ShouldNotBeNull().ShouldHaveSingleItem();
    }

    [Fact]
    public void Nor_is_a_time() => OrderEvidence.Read("{\"orderId\":1,\"time\":\"1000\\u0000\"}"u8.ToArray()).ShouldNotBeNull().TimeMs.ShouldBe(0);

    private static ExchangeOperation Addition => ClaimedRequest.Operation("POST /fapi/v1/positionMargin", "symbol=BTCUSDT&type=1&amount=1000");
}
