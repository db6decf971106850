using System.Text.Json;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>What the simulated exchange saw, in the words of these tests.</summary>
internal static class HeadlineChecks
{
    public const string PlaceOrder = "POST /fapi/v1/order";
    public const string AskOrder = "GET /fapi/v1/order";
    public const string AskTime = "GET /fapi/v1/time";
    public const string AskLimits = "GET /fapi/v1/exchangeInfo";
    public const string AskBalance = "GET /fapi/v3/balance";
    public const string Balance = "/fapi/v3/balance";
    public const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";

    public static IReadOnlyList<ReceivedRequest> SeenAt(this SimulatedExchange exchange, string endpoint) =>
        [.. exchange.Requests.Where(request => $"{request.Method} {request.Path}" == endpoint)];

    /// <summary>How often a parameter stands in what was sent, query and body.</summary>
    public static int Count(this ReceivedRequest request, string parameter) =>
        $"{request.Query}&{request.Body}".Split('&').Count(pair => pair.Split('=')[0] == parameter);

    /// <summary>The attempts of one request: each stamped and signed once, and no two of them alike.</summary>
    public static void ShouldEachBeStampedAndSignedAfresh(this IReadOnlyList<ReceivedRequest> attempts)
    {
        attempts.ShouldEachBeStampedAndSignedOnce();
        attempts.Select(attempt => attempt.Parameters["signature"]).Distinct(StringComparer.Ordinal).Count().ShouldBe(attempts.Count, "signatures of their own");
    }

    /// <summary>One timestamp and one signature, which stands last.</summary>
    public static void ShouldEachBeStampedAndSignedOnce(this IReadOnlyList<ReceivedRequest> attempts)
    {
        attempts.ShouldNotBeEmpty();
        attempts.Count(attempt => attempt.Count("timestamp") != 1 || attempt.Count("signature") != 1).ShouldBe(0, "attempts without exactly one timestamp and one signature");
        attempts.Count(attempt => !attempt.Query.Split('&')[^1].StartsWith("signature=", StringComparison.Ordinal)).ShouldBe(0, "attempts whose query does not end in the signature");
    }

    /// <summary>The exchange accepted the order in its own reply, once.</summary>
    public static async Task ShouldBePlainSuccessOfAsync(this HttpResponseMessage response, SimulatedExchange exchange, string clientOrderId)
    {
        ((int)response.StatusCode).ShouldBe(200);
        response.GetExchangeError().ShouldBeNull();
        (await response.Content.ReadAsStringAsync()).ShouldContain($"\"orderId\":{exchange.ExecutionsOf(clientOrderId).ShouldHaveSingleItem().OrderId}");
    }

    /// <summary>The reply is the exchange's own description of the order it executed once.</summary>
    public static async Task ShouldBeTheExchangesOrderAsync(this HttpResponseMessage response, SimulatedExchange exchange, string clientOrderId)
    {
        ((int)response.StatusCode).ShouldBe(200);
        response.GetExchangeError().ShouldBeNull();
        using var order = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        order.RootElement.GetProperty("orderId").GetInt64().ShouldBe(exchange.ExecutionsOf(clientOrderId).ShouldHaveSingleItem().OrderId);
        order.RootElement.GetProperty("clientOrderId").GetString().ShouldBe(clientOrderId);
        order.RootElement.GetProperty("status").GetString().ShouldBe("FILLED");
        order.RootElement.GetProperty("executedQty").GetString().ShouldNotBeNullOrEmpty();
    }
}
