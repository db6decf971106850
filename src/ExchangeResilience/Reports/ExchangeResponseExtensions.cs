namespace ExchangeResilience;

/// <summary>What the middleware knows about a response.</summary>
public static class ExchangeResponseExtensions
{
    /// <summary>The classified error; null after a success, or where the client has no exchange error handling.</summary>
    /// <param name="response">A response of a client with <c>AddExchangeErrorHandling</c>.</param>
    public static ExchangeError? GetExchangeError(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return ResponseAnnotations.Find(response)?.Error;
    }

    /// <summary>One entry per item of a batch reply, in the order of the request, null where the item succeeded; empty for other replies.</summary>
    /// <param name="response">A response of a client with <c>AddExchangeErrorHandling</c>.</param>
    public static IReadOnlyList<ExchangeError?> GetExchangeErrors(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return ResponseAnnotations.Find(response)?.Items ?? [];
    }

    /// <summary>What was tried, why, how long it took and on what evidence it ended; null after a plain success.</summary>
    /// <param name="response">A response of a client with <c>AddExchangeErrorHandling</c>.</param>
    public static RecoveryReport? GetRecoveryReport(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return ResponseAnnotations.Find(response)?.Report;
    }

    /// <summary>Returns the response if it is a success, and throws otherwise. Items of a batch never throw.</summary>
    /// <param name="response">The response.</param>
    /// <exception cref="ExchangeErrorException">The response carries an error of the exchange.</exception>
    /// <exception cref="HttpRequestException">The response has a status of failure and was not classified.</exception>
    public static HttpResponseMessage EnsureExchangeSuccess(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var annotations = ResponseAnnotations.Find(response);
        return annotations?.Error is { } error
            ? throw new ExchangeErrorException(error, annotations.Report)
            : response.EnsureSuccessStatusCode();
    }
}
