using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>An endpoint of the program's own is signed, weighed, claimed and reconciled by its row, like a built-in one.</summary>
public sealed class OwnEndpointTests
{
    private const string Place = "POST /fapi/v9/order";
    private const string Look = "GET /fapi/v9/order";

    [Fact]
    public async Task An_order_of_its_own_path_is_named_signed_and_found_where_its_row_says()
    {
        var time = new ManualTimeProvider();
        var exchange = Exchange(time)
            .OnLost(Place, new HttpRequestException("lost"))
            .On(Look, request => ScriptedExchange.Reply(200, Order(time, request["myId"]!)));
        using var client = new ProtectedClient(exchange, Own, time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync("/fapi/v9/order?symbol=BTCUSDT&side=BUY&quantity=1", content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        var sent = exchange.SeenAt(Place).ShouldHaveSingleItem();
        sent["newId"].ShouldNotBeNull().ShouldStartWith("xr-");
        sent["signature"].ShouldNotBeNull();
        exchange.SeenAt(Look).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            look => look["myId"].ShouldBe(sent["newId"]),
            look => look["symbol"].ShouldBe("BTCUSDT"),
            look => look["signature"].ShouldNotBeNull());
    }

    [Fact]
    public async Task A_batch_of_its_own_path_is_reconciled_by_the_row_of_its_items()
    {
        var time = new ManualTimeProvider();
        var exchange = Exchange(time)
            .OnLost("POST /fapi/v9/orders", new HttpRequestException("lost"))
            .On(Look, request => request["myId"] == "b"
                ? ScriptedExchange.Reply(400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}")
                : ScriptedExchange.Reply(200, Order(time, request["myId"]!)));
        using var client = new ProtectedClient(exchange, Own, time);
        var items = Uri.EscapeDataString("""[{"symbol":"BTCUSDT","newId":"a"},{"symbol":"BTCUSDT","newId":"b"}]""");

        var told = await time.RunAsync(() => ToldBatch.HearAsync(client.Http.PostAsync($"/fapi/v9/orders?list={items}", content: null)));

        told.Outcomes.ShouldBe("Executed Unknown", told.ToString());
        exchange.SeenAt("POST /fapi/v9/orders").Count().ShouldBe(1);
        client.Get<IInDoubtOrders>().List().ShouldHaveSingleItem().ClientOrderId.ShouldBe("b");
    }

    [Fact]
    public async Task A_row_in_place_of_a_built_in_one_rules()
    {
        var time = new ManualTimeProvider();
        var exchange = Exchange(time).OnLost("POST /fapi/v1/leverage", new HttpRequestException("lost"));
        using var client = new ProtectedClient(exchange, static options => options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Post, "/fapi/v1/leverage", OperationKind.Additive)), time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=5", content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        exchange.SeenAt("POST /fapi/v1/leverage").Count().ShouldBe(1);
    }

    [Fact]
    public void The_documented_row_is_in_force()
    {
        var services = new ServiceCollection();
        services.AddHttpClient<Documented.FuturesClient>().AddExchangeErrorHandling();
        Documented.Snippets.AddEndpoint(services);
        using var provider = services.BuildServiceProvider();

        var row = provider.GetRequiredService<ClientSettingsRegistry>().For(nameof(Documented.FuturesClient)).Current.Endpoints.Find(HttpMethod.Post, "/fapi/v1/newSetting");

        (row.Kind, row.Weight, row.IsListed).ShouldBe((OperationKind.Setting, 5, true));
    }

    private static ScriptedExchange Exchange(ManualTimeProvider time) => new ScriptedExchange()
        .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")));

    private static string Order(ManualTimeProvider time, string id) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"orderId":7,"clientOrderId":"{{id}}","symbol":"BTCUSDT","side":"BUY","origQty":"1","status":"NEW","time":{{time.GetUtcNow().ToUnixTimeMilliseconds()}}}""");

    private static void Own(ExchangeErrorHandlingOptions options)
    {
        options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Get, "/fapi/v9/order", OperationKind.Query));
        options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Post, "/fapi/v9/order", OperationKind.Place)
        {
            OrdersPer10Seconds = 1,
            OrdersPerMinute = 1,
            Proof = SuccessProof.OrderId,
            ClientIdParameter = "newId",
            EvidencePath = "/fapi/v9/order",
            EvidenceIdParameter = "myId",
        });
        options.Endpoints.Add(new ExchangeEndpoint(HttpMethod.Post, "/fapi/v9/orders", OperationKind.Place)
        {
            Proof = SuccessProof.Items,
            ItemPath = "/fapi/v9/order",
            ItemsParameter = "list",
        });
    }
}
