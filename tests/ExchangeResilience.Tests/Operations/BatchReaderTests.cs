namespace ExchangeResilience.Tests.Operations;

public sealed class BatchReaderTests
{
    private static readonly EndpointTable Endpoints = ExchangeVenue.BinanceUsdFutures.Endpoints;

    [Fact]
    public void An_item_is_the_same_request_as_the_single_order_it_stands_for()
    {
        var item = Read(HttpMethod.Post, """[{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","quantity":0.5,"price":"100.10","reduceOnly":true,"newClientOrderId":"a","note":null}]""").ShouldNotBeNull().Items.Single().Operation;
        var single = OperationReader.Read(Endpoints.Find(HttpMethod.Post, "/fapi/v1/order"), new RequestParameters("symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.5&price=100.10&reduceOnly=true&newClientOrderId=a", null));

        item.Fingerprint.ShouldBe(single.Fingerprint);
        (item.Symbol, item.TargetId, item.Kind, item.Risk).ShouldBe((single.Symbol, single.TargetId, single.Kind, single.Risk));
        item.Terms.ShouldBe(single.Terms);
        item.Endpoint.ShouldBeSameAs(single.Endpoint);
    }

    [Theory]
    [InlineData("""[{"symbol":"BTCUSDT"},{"symbol":"ETHUSDT"}]""", 2)]
    [InlineData("[]", 0)]
    [InlineData("""{"symbol":"BTCUSDT"}""", null)]
    [InlineData("""[{"symbol":"BTCUSDT"},5]""", null)]
    [InlineData("""[{"symbol":"BTCUSDT","symbol":"ETHUSDT"}]""", null)]
    [InlineData("""[{'symbol':'BTCUSDT'}]""", null)]
    [InlineData("", null)]
    public void A_list_is_read_whole_or_not_at_all(string json, int? items) => Read(HttpMethod.Post, json)?.Items.Count.ShouldBe(items ?? -1);

    [Theory]
    [InlineData("true", "true", true)]
    [InlineData("true", "false", false)]
    [InlineData("false", "false", false)]
    public void A_batch_reduces_only_if_every_item_does(string one, string other, bool reduces)
    {
        var items = Read(HttpMethod.Post, $$"""[{"symbol":"BTCUSDT","reduceOnly":"{{one}}"},{"symbol":"BTCUSDT","reduceOnly":"{{other}}"}]""");

        OperationReader.Read(Batch(HttpMethod.Post), new RequestParameters("", null), items: items).Risk.ShouldBe(reduces ? RiskDirection.Reducing : RiskDirection.Increasing);
    }

    [Theory]
    [InlineData("orderIdList=[7,8]", "7 8")]
    [InlineData("origClientOrderIdList=[\"a\",\"b\"]", "a b")]
    [InlineData("orderIdList=[7]&origClientOrderIdList=[\"a\"]", null)]
    [InlineData("", null)]
    public void Cancels_are_read_from_their_lists_of_ids(string lists, string? ids)
    {
        var row = Batch(HttpMethod.Delete);
        var parameters = new RequestParameters($"symbol=BTCUSDT&{lists}", null);
        var name = BatchReader.ParameterOf(row, parameters);
        var items = name is null ? null : BatchReader.Read(row, Endpoints.Find(HttpMethod.Delete, row.ItemPath), name, parameters, static _ => false);

        (items is null ? null : string.Join(' ', items.Items.Select(static item => item.Operation.TargetId))).ShouldBe(ids);
        items?.Items.ShouldAllBe(static item => item.Operation.Symbol == "BTCUSDT" && item.Operation.Kind == OperationKind.Cancel);
    }

    [Theory]
    [InlineData("""{"symbol":"BTCUSDT","price":1.50}""")]
    [InlineData("""{"newClientOrderId":null,"symbol":"BTCUSDT","price":1.50}""")]
    [InlineData("""{"newClientOrderId":"","symbol":"BTCUSDT","price":1.50}""")]
    public void An_id_is_written_once_and_everything_else_stays(string json) =>
        BatchReader.With(json, "newClientOrderId", "x1").ShouldBe("""{"symbol":"BTCUSDT","price":1.50,"newClientOrderId":"x1"}""");

    [Theory]
    [InlineData("""[{"\uD800":"1","symbol":"BTCUSDT"}]""")]
    [InlineData("""[{"symbol":"\uD800"}]""")]
    [InlineData("""[{"symbol":"BTCUSDT"},{"symbol":"\uDC00x"}]""")]
    public void A_list_with_half_a_character_in_it_is_none(string json) => Read(HttpMethod.Post, json).ShouldBeNull();

    [Fact]
    public void An_item_of_many_members_costs_no_more_than_its_length()
    {
        var json = $"[{{{string.Join(',', Enumerable.Range(0, 4_000).Select(static number => $"\"parameter{number}\":\"1\""))}}}]";
        Read(HttpMethod.Post, "[]");

        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(HttpMethod.Post, json).ShouldNotBeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * json.Length);
    }

    private static ExchangeEndpoint Batch(HttpMethod method) => Endpoints.Find(method, "/fapi/v1/batchOrders");

    private static BatchItems? Read(HttpMethod method, string json) =>
        BatchReader.Read(Batch(method), Endpoints.Find(method, "/fapi/v1/order"), "batchOrders", new RequestParameters($"batchOrders={Uri.EscapeDataString(json)}", null), static _ => false);
}
