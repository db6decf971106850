namespace ExchangeResilience.Tests.Batches;

/// <summary>Which part of a batch's reply answers which item.</summary>
public sealed class BatchReplyTests
{
    private const string Refusal = "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}";
    private static readonly EndpointTable Endpoints = ExchangeVenue.BinanceUsdFutures.Endpoints;

    [Theory]
    [InlineData("A,B", "A B")]
    [InlineData("A,!", "A !")]
    [InlineData("!,!", "! !")]
    [InlineData("B,A", "A B")]
    [InlineData("!,A", "A ?")]
    [InlineData("B,!", "? B")]
    [InlineData("C,!", "? ?")]
    [InlineData("A", "A ?")]
    [InlineData("!", "? ?")]
    [InlineData("A,B,!", "A B")]
    public void Once_a_reply_names_orders_out_of_their_order_its_refusals_are_nobodys(string reply, string expected)
    {
        var body = System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', reply.Split(',').Select(static part => part == "!" ? Refusal : Order(part)))}]");

        var matched = BatchReply.Match(body, 200, Entries("A", "B"), ExchangeVenue.BinanceUsdFutures.Errors);

        string.Join(' ', matched.Select(static item => item is null ? "?" : item.Error is not null ? "!" : OrderEvidence.Read(item.Json)!.ClientOrderId)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("\"clientOrderId\":\"A\",\"clientOrderId\":\"C\"")]
    [InlineData("\"clientOrderId\":\"A\",\"symbol\":\"\\uD800\"")]
    [InlineData("\"\\uD800\":0")]
    public void An_order_whose_words_can_be_read_in_two_ways_or_none_is_nobodys(string members)
    {
        var body = System.Text.Encoding.UTF8.GetBytes($"[{{\"orderId\":7,{members}}},{Refusal}]");

        BatchReply.Match(body, 200, Entries("A", "B"), ExchangeVenue.BinanceUsdFutures.Errors).ShouldBe([null, null]);
    }

    private static string Order(string id) => $"{{\"orderId\":7,\"clientOrderId\":\"{id}\",\"symbol\":\"BTCUSDT\"}}";

    private static List<BatchEntry> Entries(params string[] ids)
    {
        var parameters = new RequestParameters(new Uri(new Uri("https://fapi.test"), Batch.Of([.. ids.Select(static id => Batch.Buy(id))])).Query, body: null);
        var items = BatchReader.Read(Endpoints.Find(HttpMethod.Post, "/fapi/v1/batchOrders"), Endpoints.Find(HttpMethod.Post, "/fapi/v1/order"), "batchOrders", parameters, static _ => false);
        return [.. items.ShouldNotBeNull().Items.Select(static (item, index) => new BatchEntry(item, index + 1))];
    }
}
