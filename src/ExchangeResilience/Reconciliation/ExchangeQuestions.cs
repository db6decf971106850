using System.Globalization;

namespace ExchangeResilience;

/// <summary>The questions that settle a claim, put to the host it was sent to.</summary>
internal sealed class ExchangeQuestions(IExchangeChannel channel)
{
    private const int NoSuchOrder = -2013;

    /// <summary>A code scraped from a broken reply is for display, and its category is then another.</summary>
    public static bool SaysAbsent(Answer answer) => answer.Error is { Code: NoSuchOrder, Category: ErrorCategory.OrderNotFound };

    /// <summary>The exchange's own time; null where it gave none.</summary>
    public async Task<long?> TimeAsync(ClaimOrigin origin, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(origin, HttpMethod.Get, origin.Venue.TimePath, "", cancellationToken).ConfigureAwait(false);
        return answer.Error is null ? ServerTime.Read(answer.Body.Span) : null;
    }

    public Task<Answer> OrderAsync(ClaimOrigin origin, ExchangeOperation operation, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Get, operation.Endpoint.EvidencePath!, Target(operation), cancellationToken);

    public Task<Answer> AmendmentsAsync(ClaimOrigin origin, ExchangeOperation operation, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Get, origin.Venue.AmendmentsPath, Target(operation), cancellationToken);

    public Task<Answer> AllOrdersSinceAsync(ClaimOrigin origin, ExchangeOperation operation, long startMs, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Get, origin.Venue.AllOrdersPath,
            string.Create(CultureInfo.InvariantCulture, $"symbol={Uri.EscapeDataString(operation.Symbol ?? "")}&startTime={startMs}&limit=1000"), cancellationToken);

    /// <summary>What an additive endpoint did since a moment.</summary>
    public Task<Answer> HistoryAsync(ClaimOrigin origin, ExchangeOperation operation, long startMs, CancellationToken cancellationToken)
    {
        var history = operation.Endpoint.History!;
        var asked = history.Questions.Where(operation.Traits!.ContainsKey).Select(name => $"{ParameterText.Encode(name)}={ParameterText.Encode(operation.Traits![name])}&");
        return AskAsync(origin, HttpMethod.Get, history.Path, string.Create(CultureInfo.InvariantCulture, $"{string.Concat(asked)}startTime={startMs}"), cancellationToken);
    }

    public Task<Answer> CancelAsync(ClaimOrigin origin, ExchangeOperation operation, CancellationToken cancellationToken) =>
        AskAsync(origin, HttpMethod.Delete, operation.Endpoint.EvidencePath!, Target(operation), cancellationToken);

    private static string Target(ExchangeOperation operation)
    {
        var endpoint = operation.Endpoint;
        var symbol = operation.Symbol is null || !endpoint.EvidenceTakesSymbol ? "" : $"symbol={Uri.EscapeDataString(operation.Symbol)}&";
        return operation.OrderId is { } orderId && endpoint.OrderIdParameter is { } byOrderId
            ? $"{symbol}{byOrderId}={Uri.EscapeDataString(orderId)}"
            : $"{symbol}{endpoint.EvidenceIdParameter}={Uri.EscapeDataString(operation.ClientOrderId ?? "")}";
    }

    private Task<Answer> AskAsync(ClaimOrigin origin, HttpMethod method, string path, string query, CancellationToken cancellationToken) =>
        channel.AskAsync(origin.ClientName, method, new Uri(origin.Host, query.Length == 0 ? path : $"{path}?{query}"), cancellationToken);
}
