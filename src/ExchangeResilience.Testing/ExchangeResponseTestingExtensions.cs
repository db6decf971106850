namespace ExchangeResilience.Testing;

/// <summary>Responses as the middleware hands them out, for tests of code that reads them.</summary>
public static class ExchangeResponseTestingExtensions
{
    /// <summary>
    /// Hangs on a response what <see cref="ExchangeResponseExtensions.GetExchangeError"/>, <see cref="ExchangeResponseExtensions.GetExchangeErrors"/> and
    /// <see cref="ExchangeResponseExtensions.GetRecoveryReport"/> then give; what hung there before is replaced.
    /// </summary>
    /// <param name="response">The response, for example one of your own that a stubbed handler returns.</param>
    /// <param name="error">The classified error; null for none.</param>
    /// <param name="report">What was tried; null for a plain success.</param>
    /// <param name="items">Of a batch, one entry per item, null where it succeeded; null where the reply is of no batch.</param>
    /// <returns>The response.</returns>
    public static HttpResponseMessage SetExchangeOutcome(
        this HttpResponseMessage response, ExchangeError? error = null, RecoveryReport? report = null, IReadOnlyList<ExchangeError?>? items = null)
    {
        ArgumentNullException.ThrowIfNull(response);
        var annotations = ResponseAnnotations.Of(response);
        (annotations.Error, annotations.Report, annotations.Items) = (error, report, items);
        return response;
    }
}
