using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ExchangeResilience;

namespace TradingBot;

/// <summary>
/// A typed client of Binance USD-M futures. It knows endpoints and types, and nothing of retries, clocks, signatures or limits: the handlers
/// that <c>AddExchangeErrorHandling</c> and <c>AddExchangeSigning</c> put under it see to those. What cannot be helped
/// comes as an <see cref="ExchangeErrorException"/>, whose <c>Error.Execution</c> tells whether the request took effect.
/// </summary>
internal sealed class FuturesClient(HttpClient http)
{
    private const string OrderPath = "/fapi/v1/order";

    public async Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default) =>
        DateTimeOffset.FromUnixTimeMilliseconds((await GetAsync("/fapi/v1/time", [], FuturesJson.Default.ServerTime, cancellationToken)).Milliseconds);

    public Task<ExchangeInfo> GetExchangeInfoAsync(CancellationToken cancellationToken = default) =>
        GetAsync("/fapi/v1/exchangeInfo", [], FuturesJson.Default.ExchangeInfo, cancellationToken);

    public async Task<decimal> GetPriceAsync(string symbol, CancellationToken cancellationToken = default) =>
        (await GetAsync("/fapi/v1/ticker/price", new() { { "symbol", symbol } }, FuturesJson.Default.Ticker, cancellationToken)).Price;

    public async Task<IReadOnlyList<Balance>> GetBalancesAsync(CancellationToken cancellationToken = default) =>
        await GetAsync("/fapi/v3/balance", [], FuturesJson.Default.BalanceArray, cancellationToken);

    public Task<Order> PlaceAsync(NewOrder order, CancellationToken cancellationToken = default) =>
        PostAsync(OrderPath, Write(order), FuturesJson.Default.Order, cancellationToken);

    /// <summary>Places up to five orders. Each succeeds or fails by itself.</summary>
    /// <returns>One result per order, in the order given.</returns>
    public async Task<IReadOnlyList<BatchResult>> PlaceBatchAsync(IEnumerable<NewOrder> orders, CancellationToken cancellationToken = default)
    {
        var items = orders.Select(order => Write(order).ToDictionary(StringComparer.Ordinal)).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fapi/v1/batchOrders")
        {
            Content = new Parameters { { "batchOrders", JsonSerializer.Serialize(items, FuturesJson.Default.DictionaryStringStringArray) } }.ToForm(),
        };
        using var response = await http.SendAsync(request, cancellationToken);
        var replies = await ReadAsync(response, FuturesJson.Default.JsonElementArray, cancellationToken);
        var errors = response.GetExchangeErrors();
        return [.. replies.Select((reply, index) => errors[index] is { } error ? new BatchResult(null, error) : new BatchResult(reply.Deserialize(FuturesJson.Default.Order), null))];
    }

    public Task<Order> FindAsync(string symbol, string clientOrderId, CancellationToken cancellationToken = default) =>
        GetAsync(OrderPath, new() { { "symbol", symbol }, { "origClientOrderId", clientOrderId } }, FuturesJson.Default.Order, cancellationToken);

    public Task<Order> CancelAsync(string symbol, string clientOrderId, CancellationToken cancellationToken = default)
    {
        var parameters = new Parameters { { "symbol", symbol }, { "origClientOrderId", clientOrderId } };
        return SendAsync(new HttpRequestMessage(HttpMethod.Delete, OrderPath + parameters.ToQuery()), FuturesJson.Default.Order, cancellationToken);
    }

    /// <summary>Gives an open LIMIT order another quantity and price.</summary>
    public Task<Order> AmendAsync(string symbol, string clientOrderId, string side, decimal quantity, decimal price, CancellationToken cancellationToken = default)
    {
        var parameters = new Parameters { { "symbol", symbol }, { "origClientOrderId", clientOrderId }, { "side", side }, { "quantity", quantity }, { "price", price } };
        return SendAsync(new HttpRequestMessage(HttpMethod.Put, OrderPath) { Content = parameters.ToForm() }, FuturesJson.Default.Order, cancellationToken);
    }

    public Task<LeverageSetting> SetLeverageAsync(string symbol, int leverage, CancellationToken cancellationToken = default) =>
        PostAsync("/fapi/v1/leverage", new() { { "symbol", symbol }, { "leverage", leverage } }, FuturesJson.Default.LeverageSetting, cancellationToken);

    /// <param name="symbol">The contract.</param>
    /// <param name="marginType">ISOLATED or CROSSED.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task SetMarginTypeAsync(string symbol, string marginType, CancellationToken cancellationToken = default) =>
        PostAsync("/fapi/v1/marginType", new() { { "symbol", symbol }, { "marginType", marginType } }, FuturesJson.Default.JsonElement, cancellationToken);

    private static Parameters Write(NewOrder order) => new()
    {
        { "symbol", order.Symbol },
        { "side", order.Side },
        { "type", order.Type },
        { "quantity", order.Quantity },
        { "price", order.Price },
        { "timeInForce", order.TimeInForce },
        { "reduceOnly", order.ReduceOnly ? "true" : null },
        { "newClientOrderId", order.ClientOrderId },
    };

    private Task<T> GetAsync<T>(string path, Parameters parameters, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path + parameters.ToQuery()), type, cancellationToken);

    private Task<T> PostAsync<T>(string path, Parameters parameters, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = parameters.ToForm() }, type, cancellationToken);

    private async Task<T> SendAsync<T>(HttpRequestMessage message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = message;
        using var response = await http.SendAsync(request, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await response.EnsureExchangeSuccess().Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException("The reply is null.");
}
