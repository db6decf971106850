using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>The look-ups that settle a claim, sent to the host it was sent to.</summary>
internal sealed class ExchangeQueries(IInternalRequestSender channel, AccountCodes accounts)
{
    /// <summary>A code scraped from a broken reply is for display, and its category is then another.</summary>
    public static bool SaysAbsent(QueryResult answer, ExchangeVenue venue) => answer.Error is { Category: ErrorCategory.OrderNotFound } error && error.Code == venue.Codes.NoSuchOrder;

    /// <summary>
    /// Sends a look-up of a claim. Any failure of it counts as no answer: as long as the order is in doubt the search must go on.
    /// </summary>
    public static async Task<T?> TryAsync<T>(Claim claim, Func<Task<T>> ask, ILogger logger, CancellationToken stop)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException && !stop.IsCancellationRequested)
        {
            Log.QuestionFailed(logger, claim.Key.Id, error);
            return default;
        }
    }

    /// <summary>The exchange's own time; null where it gave none.</summary>
    public async Task<long?> TimeAsync(ClaimOrigin origin, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(origin, HttpMethod.Get, origin.Venue.TimePath, "", cancellationToken).ConfigureAwait(false);
        return answer.Error is null ? ServerTime.Read(answer.Body.Span) : null;
    }

    public Task<QueryResult> OrderAsync(ClaimOrigin origin, ExchangeOperation operation, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Get, operation.Endpoint.EvidencePath!, Target(operation), cancellationToken);

    public Task<QueryResult> AmendmentsAsync(ClaimOrigin origin, ExchangeOperation operation, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Get, origin.Venue.AmendmentsPath, Target(operation), cancellationToken);

    public Task<QueryResult> AllOrdersSinceAsync(ClaimOrigin origin, ExchangeOperation operation, long startMs, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Get, origin.Venue.AllOrdersPath,
            string.Create(CultureInfo.InvariantCulture, $"symbol={Uri.EscapeDataString(operation.Symbol ?? "")}&startTime={startMs}&limit={origin.Venue.MostListed}"), cancellationToken);

    /// <summary>What an additive endpoint did since a moment.</summary>
    public Task<QueryResult> HistoryAsync(ClaimOrigin origin, ExchangeOperation operation, long startMs, CancellationToken cancellationToken)
    {
        var history = operation.Endpoint.History!;
        var asked = history.Questions.Where(operation.Traits!.ContainsKey).Select(name => $"{ParameterText.Encode(name)}={ParameterText.Encode(operation.Traits![name])}&");
        return AskAsync(origin, HttpMethod.Get, history.Path, string.Create(CultureInfo.InvariantCulture, $"{string.Concat(asked)}startTime={startMs}"), cancellationToken);
    }

    /// <summary>Cancels an order that was found, by the exchange's own id where that is known: a later order may have the same client order id.</summary>
    public Task<QueryResult> CancelAsync(Claim order, CancellationToken cancellationToken) => AskFoundAsync(HttpMethod.Delete, order, cancellationToken);

    /// <summary>Looks an order up that was found, likewise.</summary>
    public Task<QueryResult> FoundOrderAsync(Claim order, CancellationToken cancellationToken) => AskFoundAsync(HttpMethod.Get, order, cancellationToken);

    private Task<QueryResult> AskFoundAsync(HttpMethod method, Claim order, CancellationToken cancellationToken)
    {
        var (operation, path) = (order.Operation, order.Operation.Endpoint.EvidencePath!);
        var target = order.OrderId is { } orderId && order.Origin.Venue.Endpoints.Find(method, path).OrderIdParameter is { } byOrderId
            ? Target(operation, byOrderId, orderId)
            : Target(operation);
        return AskAsync(order.Origin, method, path, target, cancellationToken);
    }

    private static string Target(ExchangeOperation operation) =>
        operation.OrderId is { } orderId && operation.Endpoint.OrderIdParameter is { } byOrderId
            ? Target(operation, byOrderId, orderId)
            : Target(operation, operation.Endpoint.EvidenceIdParameter!, operation.ClientOrderId ?? "");

    private static string Target(ExchangeOperation operation, string parameter, string id)
    {
        var symbol = operation.Symbol is null || !operation.Endpoint.EvidenceTakesSymbol ? "" : $"symbol={Uri.EscapeDataString(operation.Symbol)}&";
        return $"{symbol}{parameter}={Uri.EscapeDataString(id)}";
    }

    private async Task<QueryResult> AskAsync(ClaimOrigin origin, HttpMethod method, string path, string query, CancellationToken cancellationToken) =>
        await accounts.IsOfAnotherAsync(origin, cancellationToken).ConfigureAwait(false)
            ? new QueryResult(LocalErrors.ToError(LocalErrors.KeyOfAnotherAccount, message: origin.ClientName), default)
            : await channel.AskAsync(origin.ClientName, method, new Uri(origin.Host, query.Length == 0 ? path : $"{path}?{query}"), cancellationToken).ConfigureAwait(false);
}
