using System.Globalization;

namespace ExchangeResilience.WireMock.Tests;

/// <summary>A typed client as a user writes it.</summary>
public sealed class FuturesClient(HttpClient http)
{
    public HttpClient Http => http;

    public async Task<ExecutionStatus> BuyAsync(string symbol, decimal quantity, string orderId)
    {
        using var response = await http.PostAsync(
            string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newClientOrderId={orderId}"), content: null);
        return response.GetExchangeError()?.Execution ?? ExecutionStatus.Executed;
    }
}
