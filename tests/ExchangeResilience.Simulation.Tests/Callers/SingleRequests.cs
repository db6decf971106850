using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>Requests about one order as programs write them, anew for each call.</summary>
internal static class SingleRequests
{
    public static HttpRequestMessage For(Operation operation, Spelling spelling)
    {
        var parameters = spelling.Write(operation);
        return spelling.InBody && operation.Method != HttpMethod.Delete
            ? new HttpRequestMessage(operation.Method, operation.Path) { Content = new StringContent(parameters, mediaType: new("application/x-www-form-urlencoded")) }
            : new HttpRequestMessage(operation.Method, $"{operation.Path}?{parameters}");
    }

    /// <summary>All its parameters, the name of the order included.</summary>
    public static string ParametersOf(Operation operation) => operation switch
    {
        { Kind: not (EffectKind.Amended or EffectKind.Cancelled) } or { IsCancelAll: true } => operation.Parameters,
        { Order.Id: { } id } => $"{operation.Parameters}&origClientOrderId={id}",
        _ => $"{operation.Parameters}&orderId={operation.OrderId}",
    };
}
