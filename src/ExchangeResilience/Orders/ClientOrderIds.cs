using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>
/// Gives orders without a client order id one of ours, in the caller's own message, and reads what the message wants. What was signed before it came here, and is not signed
/// again, stays unchanged: every change would break the signature.
/// </summary>
internal sealed class ClientOrderIds(HttpRequestMessage request, ExchangeEndpoint endpoint, ClientSettings settings, ExchangeServices services, AccountIdentity account, bool signsHere)
{
    private static readonly HttpRequestOptionsKey<HashSet<string>> GeneratedIds = new("ExchangeResilience.GeneratedClientOrderIds");

    private HashSet<Claim>? _repeated;

    // A batch is read once, however often it is asked for, until it is written anew.
    private (Uri Address, string? Form, BatchItems? Items)? _batch;

    /// <summary>The ids that the message was given; null where it was given none.</summary>
    public HashSet<string>? Given => request.Options.TryGetValue(GeneratedIds, out var generated) ? generated : null;

    /// <summary>Gives an id to what the request places without one, and returns the form as it is then.</summary>
    /// <exception cref="ExchangeErrorException">The settings require the caller to give ids, or an equal order without one is in doubt.</exception>
    public string? Ensure(string? form)
    {
        if (endpoint.Kind != OperationKind.Place)
        {
            return form;
        }

        var parameters = RequestTarget.Of(request.RequestUri!).ParametersWith(form);
        if (SealOf(parameters) is not null && settings.Options.ClientOrderIds != ClientOrderIdMode.Require)
        {
            return form;
        }

        if (endpoint is { IsClaimed: true, ClientIdParameter: { } name } && !(parameters.TryFind(name, out var id) && id.RawValue.Length > 0))
        {
            return RequestPreparation.Write(request, form, name, NewId(OperationReader.Read(endpoint, parameters), "it"));
        }

        if (ItemsOf(form) is not { } items || items.Items.All(IsNamed))
        {
            return form;
        }

        var named = items.Items.Select((item, index) => IsNamed(item)
            ? item
            : item with { Json = BatchReader.With(item.Json, item.Operation.Endpoint.ClientIdParameter!, NewId(item.Operation, string.Create(CultureInfo.InvariantCulture, $"item {index + 1}"))) });
        return RequestPreparation.Write(request, form, items.Parameter, BatchItems.Write(named));
    }

    /// <summary>See <see cref="ExchangeOperation.Seal"/>: a hash of the signature, or null where the request has none or is signed here.</summary>
    private string? SealOf(RequestParameters parameters) => !signsHere && parameters["signature"] is { Length: > 0 } signature
        ? $"signed-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signature)))[..16]}"
        : null;

    /// <summary>What the request asks for.</summary>
    public ReadMessage Read(string? form)
    {
        var parameters = RequestTarget.Of(request.RequestUri!).ParametersWith(form);
        var isGenerated = endpoint.ClientIdParameter is { } name && IsGenerated(parameters[name]);
        var items = ItemsOf(form);
        return new ReadMessage(request.RequestUri!, form, signsHere, OperationReader.Read(endpoint, parameters, isGenerated, items, SealOf(parameters)), items);
    }

    private BatchItems? ItemsOf(string? form)
    {
        if (endpoint.ItemPath is not { } path || (_batch is { } read && ReferenceEquals(read.Address, request.RequestUri) && string.Equals(read.Form, form, StringComparison.Ordinal)))
        {
            return _batch?.Items;
        }

        var parameters = RequestTarget.Of(request.RequestUri!).ParametersWith(form);
        var items = BatchReader.ParameterOf(endpoint, parameters) is { } name
            ? BatchReader.Read(endpoint, settings.Endpoints.Find(endpoint.Method, path), name, parameters, IsGenerated, SealOf(parameters))
            : null;
        _batch = (request.RequestUri!, form, items);
        return items;
    }

    /// <summary>Whether an id is one of ours, so that no older order of the same id can exist. A clone of the message may have lost its options, so the running calls know it too.</summary>
    private bool IsGenerated(string? id) => id is not null && (Given?.Contains(id) == true || services.Claims.IsGiven(id));

    private static bool IsNamed(BatchItem item) => item.Operation is { ClientOrderId: not null } or { Endpoint.IsClaimed: false };

    /// <summary>
    /// An application that builds its order again repeats it without an id. While an equal one is in doubt this may be its repeat, and is refused; once that has a verdict which its
    /// caller did not receive, this is taken for it, and gets the verdict by getting its id.
    /// </summary>
    private string NewId(ExchangeOperation operation, string what)
    {
        if (settings.Options.ClientOrderIds == ClientOrderIdMode.Require)
        {
            throw Refused(LocalErrors.ToError(LocalErrors.ClientOrderIdRequired));
        }

        var twin = services.Claims.FindTwin(operation, account, _repeated ?? []);
        if (twin is { State: ClaimState.InDoubt })
        {
            throw Refused(LocalErrors.ToError(LocalErrors.TwinInDoubt, message: $"{what} is equal to {twin.Key.Id}"));
        }

        if (!request.Options.TryGetValue(GeneratedIds, out var generated))
        {
            request.Options.Set(GeneratedIds, generated = new HashSet<string>(StringComparer.Ordinal));
        }

        if (twin is not null)
        {
            (_repeated ??= []).Add(twin);
        }

        var id = twin?.Key.Id ?? services.Random.NextClientOrderId(settings.Options.ClientOrderIdPrefix);
        generated.Add(id);
        return id;
    }

    private ExchangeErrorException Refused(ExchangeError error) => ExchangeErrorException.Refusal(error, $"{settings.Name}: {endpoint.PlainOperation}");
}
