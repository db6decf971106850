namespace ExchangeResilience;

/// <summary>Gives orders without a client order id one of ours, in the caller's own message.</summary>
internal static class OrderNaming
{
    private static readonly HttpRequestOptionsKey<HashSet<string>> GeneratedIds = new("ExchangeResilience.GeneratedClientOrderIds");

    /// <summary>Names what the request places and bears no id, and gives the form as it is then.</summary>
    /// <exception cref="ExchangeErrorException">The settings require the caller to give ids.</exception>
    public static string? Name(HttpRequestMessage request, string? form, ExchangeEndpoint endpoint, ClientSettings settings, RandomSource random)
    {
        if (endpoint.Kind != OperationKind.Place)
        {
            return form;
        }

        var parameters = new RequestParameters(request.RequestUri!.Query, form);
        if (endpoint is { IsClaimed: true, ClientIdParameter: { } name } && parameters[name] is null or { Length: 0 })
        {
            return RequestPreparation.Write(request, form, name, NewId(request, settings.Options, random));
        }

        if (ItemsOf(request, endpoint, settings.Endpoints, parameters) is not { } items || items.Items.All(IsNamed))
        {
            return form;
        }

        var named = items.Items.Select(item => IsNamed(item)
            ? item
            : item with { Json = BatchReader.With(item.Json, item.Operation.Endpoint.ClientIdParameter!, NewId(request, settings.Options, random)) });
        return RequestPreparation.Write(request, form, items.Parameter, BatchItems.Write(named));
    }

    /// <summary>The items of a batch; null where it is none, or its items cannot be read.</summary>
    public static BatchItems? ItemsOf(HttpRequestMessage request, ExchangeEndpoint endpoint, EndpointTable table, RequestParameters parameters) =>
        endpoint.ItemPath is { } path && BatchReader.ParameterOf(endpoint, parameters) is { } name
            ? BatchReader.Read(endpoint, table.Find(endpoint.Method, path), name, parameters, id => IsGenerated(request, id))
            : null;

    /// <summary>The ids that this message was given; null where it was given none.</summary>
    public static HashSet<string>? GivenTo(HttpRequestMessage request) => request.Options.TryGetValue(GeneratedIds, out var generated) ? generated : null;

    /// <summary>Tells a message which ids are ours: whoever cloned it left its options behind, and an equal order in doubt would no longer be known for its twin.</summary>
    public static void Remind(HttpRequestMessage request, HashSet<string>? given)
    {
        if (given is not null && GivenTo(request) is null)
        {
            request.Options.Set(GeneratedIds, given);
        }
    }

    /// <summary>Whether an id is one of ours, so that no older namesake can exist.</summary>
    public static bool IsGenerated(HttpRequestMessage request, string? id) =>
        id is not null && request.Options.TryGetValue(GeneratedIds, out var generated) && generated.Contains(id);

    private static bool IsNamed(BatchItem item) => item.Operation is { ClientOrderId: not null } or { Endpoint.IsClaimed: false };

    private static string NewId(HttpRequestMessage request, ExchangeErrorHandlingOptions options, RandomSource random)
    {
        if (options.ClientOrderIds == ClientOrderIdMode.Require)
        {
            var refusal = LocalErrors.ToError(LocalErrors.ClientOrderIdRequired);
            throw new ExchangeErrorException(ExchangeErrorException.Describe(refusal), refusal, report: null);
        }

        var id = random.NextClientOrderId(options.ClientOrderIdPrefix);
        if (!request.Options.TryGetValue(GeneratedIds, out var generated))
        {
            request.Options.Set(GeneratedIds, generated = new HashSet<string>(StringComparer.Ordinal));
        }

        generated.Add(id);
        return id;
    }
}
