namespace ExchangeResilience;

/// <summary>Gives an order without a client order id one of ours, in the caller's own message.</summary>
internal static class OrderNaming
{
    private static readonly HttpRequestOptionsKey<string> GeneratedId = new("ExchangeResilience.GeneratedClientOrderId");

    /// <summary>Whether a request places one order that can bear an id and bears none.</summary>
    public static bool Needs(Endpoint endpoint, RequestParameters parameters) =>
        endpoint is { Kind: OperationKind.Place, IsClaimed: true, ClientIdParameter: { } name } && parameters[name] is null or { Length: 0 };

    /// <summary>Whether the request's id is one of ours, so that no older namesake can exist.</summary>
    public static bool IsGenerated(HttpRequestMessage request, Endpoint endpoint, RequestParameters parameters) =>
        request.Options.TryGetValue(GeneratedId, out var generated)
        && endpoint.ClientIdParameter is { } name
        && parameters.TryFind(name, out var id)
        && id.HasValue(generated);

    /// <summary>Writes the id, and gives the form as it is then.</summary>
    /// <exception cref="ExchangeErrorException">The settings require the caller to give ids.</exception>
    public static string? Write(HttpRequestMessage request, string? form, Endpoint endpoint, ExchangeErrorHandlingOptions options, RandomSource random)
    {
        if (options.ClientOrderIds == ClientOrderIdMode.Require)
        {
            var refusal = LocalErrors.ToError(LocalErrors.ClientOrderIdRequired);
            throw new ExchangeErrorException(ExchangeErrorException.Describe(refusal), refusal, report: null);
        }

        var id = random.NextClientOrderId(options.ClientOrderIdPrefix);
        request.Options.Set(GeneratedId, id);
        return RequestPreparation.Write(request, form, endpoint.ClientIdParameter!, id);
    }
}
