namespace ExchangeResilience;

/// <summary>
/// What an outcome means to a resilience pipeline above: the predicates for its retry, hedging and circuit breaker. Left to their own, such strategies take every refusal made here for a
/// failure of the exchange: they send again what must not be, and open their breaker before cancels and closing orders.
/// </summary>
public static class ExchangeOutcomes
{
    /// <summary>
    /// For a retry or hedging strategy: whether the request certainly did nothing, and another may fare better. False for what may have taken effect, for what can never succeed, and for what
    /// was refused here: a wait that does not fit is in <see cref="ExchangeError.RetryAt"/>, and waiting does not make an order that is too old any younger.
    /// </summary>
    /// <param name="response">The response; null where there is none.</param>
    /// <param name="exception">The exception; null where there is none.</param>
    public static bool MaySendAgain(HttpResponseMessage? response, Exception? exception) =>
        ExchangeOperationCanceledException.Find(exception) is { } cancelled
            ? cancelled.Execution == ExecutionStatus.NotExecuted
            : ErrorOf(response, exception) is { Execution: ExecutionStatus.NotExecuted } error && Passes(error.Category) && !LocalErrors.IsOwn(error);

    /// <summary>
    /// For a circuit breaker: whether the exchange could not be reached, so that no request fares better. False for every answer of the exchange, for its limits, which are kept here, for an order
    /// of which only the reply was lost, for what was refused here or reported of an earlier send, and for a timeout above, which says only that its handler stopped waiting for this library.
    /// </summary>
    /// <param name="response">The response; null where there is none.</param>
    /// <param name="exception">The exception; null where there is none.</param>
    public static bool IsOutage(HttpResponseMessage? response, Exception? exception) =>
        ErrorOf(response, exception) is { } error
            ? error.Execution == ExecutionStatus.NotExecuted && !LocalErrors.IsOwn(error) && HasSent(response, exception) && (error.Category == ErrorCategory.Transport || error is { Code: 0, StatusCode: >= System.Net.HttpStatusCode.InternalServerError, Category: not ErrorCategory.Overloaded })
            : exception is HttpRequestException;

    private static bool Passes(ErrorCategory category) => category is ErrorCategory.Transport or ErrorCategory.Unavailable or ErrorCategory.Overloaded or ErrorCategory.Indeterminate
        or ErrorCategory.RateLimited or ErrorCategory.OrderRateLimited;

    private static bool HasSent(HttpResponseMessage? response, Exception? exception) =>
        (ExchangeErrorException.Find(exception)?.Report ?? response?.GetRecoveryReport()) is not { Attempts: 0 };

    private static ExchangeError? ErrorOf(HttpResponseMessage? response, Exception? exception) => ExchangeErrorException.Find(exception)?.Error ?? response?.GetExchangeError();
}
