namespace ExchangeResilience.Tests.Operations;

/// <summary>Batches that cannot be told item by item are sent as the caller wrote them, and throw nothing.</summary>
public sealed class BatchReaderTests
{
    [Theory]
    [InlineData("POST", "batchOrders", "[{\"\\uD800\":\"1\",\"symbol\":\"BTCUSDT\"}]")]
    [InlineData("POST", "batchOrders", "[{\"symbol\":\"\\uD800\"}]")]
    [InlineData("POST", "batchOrders", "[{\"symbol\":\"a\",\"symbol\":\"b\"}]")]
    [InlineData("DELETE", "origClientOrderIdList", "[\"\\uDC00\"]")]
    public void Items_with_text_that_no_string_can_hold_are_none(string method, string parameter, string value) => Read(method, parameter, value).ShouldBeNull();

    [Fact]
    public void An_item_of_many_members_costs_no_more_than_its_length()
    {
        var members = string.Join(',', Enumerable.Range(0, 4_000).Select(number => $"\"parameter{number}\":\"1\""));
        var value = $"[{{{members}}}]";
        Read("POST", "batchOrders", "[]");

        var before = GC.GetAllocatedBytesForCurrentThread();
        Read("POST", "batchOrders", value).ShouldNotBeNull();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * value.Length);
    }

    private static BatchItems? Read(string method, string parameter, string value)
    {
        var table = ExchangeVenue.BinanceUsdFutures.Endpoints;
        return BatchReader.Read(
            table.Find(new HttpMethod(method), "/fapi/v1/batchOrders"),
            table.Find(new HttpMethod(method), "/fapi/v1/order"),
            parameter,
            new RequestParameters(null, ParameterText.Append("", parameter, value)),
            static _ => false);
    }
}
