using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>Batches as programs write them.</summary>
internal static class BatchRequests
{
    private const string Path = "/fapi/v1/batchOrders";

    public static HttpRequestMessage For(IReadOnlyList<Operation> operations, Manner manner)
    {
        var first = operations[0];
        if (first.Kind == EffectKind.Cancelled)
        {
            var ids = string.Join(',', operations.Select(static operation => $"\"{operation.Order.Id}\""));
            return new HttpRequestMessage(first.Method, $"{Path}?symbol={first.Order.Symbol}&origClientOrderIdList={Uri.EscapeDataString($"[{ids}]")}");
        }

        var batch = $"batchOrders={Uri.EscapeDataString($"[{string.Join(',', operations.Select(Item))}]")}";
        return manner.InBody
            ? new HttpRequestMessage(first.Method, Path) { Content = new StringContent(batch, mediaType: new("application/x-www-form-urlencoded")) }
            : new HttpRequestMessage(first.Method, $"{Path}?{batch}");
    }

    private static string Item(Operation operation)
    {
        var parameters = operation.Kind == EffectKind.Amended ? $"{operation.Parameters}&origClientOrderId={operation.Order.Id}" : operation.Parameters;
        return $"{{{string.Join(',', parameters.Split('&').Select(static pair => $"\"{pair.Replace("=", "\":\"", StringComparison.Ordinal)}\""))}}}";
    }
}
