namespace ExchangeResilience;

/// <summary>Gives an order without a client order id one of ours, in the caller's own message.</summary>
internal static class OrderNaming
{
    private static readonly HttpRequestOptionsKey<string> GeneratedId = new("ExchangeResilience.GeneratedClientOrderId");

    /// <summary>Whether a request places one order that can bear an id and bears none.</summary>
    public static bool Needs(Endpoint endpoint, RequestParameters parameters) =>
        endpoint is { Kind: OperationKind.Place, IsClaimed: true, ClientIdParameter: { } name } && parameters[name] is null or { Length: 0 };

    /// <summary>The id that this message was given; null where it was given none.</summary>
    public static string? GivenTo(HttpRequestMessage request) => request.Options.TryGetValue(GeneratedId, out var generated) ? generated : null;

    /// <summary>Whether the request's id is one of ours, so that no older namesake can exist, and an equal order that is in doubt may be this very one.</summary>
    /// <param name="request">The message as it arrived here; whoever cloned it has left its options behind.</param>
    /// <param name="endpoint">Its endpoint.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="givenByUs">What the application's message was given before anybody could clone it.</param>
    public static bool IsGenerated(HttpRequestMessage request, Endpoint endpoint, RequestParameters parameters, string? givenByUs) =>
        (GivenTo(request) ?? givenByUs) is { } generated
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
