namespace ExchangeResilience;

/// <summary>
/// What the application is told in the end. Each send of its message was told the truth of its moment, but whoever stands above the middleware may hand out the
/// refusal of one although another has left since. Then what became of that one is told.
/// </summary>
internal static class LastWord
{
    public static ExecutionStatus ExecutionOf(HttpResponseMessage response) =>
        ResponseAnnotations.Find(response)?.Error?.Execution ?? (response.IsSuccessStatusCode ? ExecutionStatus.Executed : ExecutionStatus.Unknown);

    /// <exception cref="ExchangeErrorException">Nobody knows whether the other send took effect.</exception>
    public static HttpResponseMessage After(HttpResponseMessage response, Claim standing, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        if (ResponseAnnotations.Find(response) is not { } annotations)
        {
            return response;
        }

        if (annotations.SayAgain is { } sayAgain)
        {
            return sayAgain() is { } said ? InPlaceOf(response, said) : response;
        }

        return annotations.Error is { Execution: ExecutionStatus.NotExecuted }
            ? InPlaceOf(response, Tell(standing, annotations.Report, endpoint, request))
            : response;
    }

    /// <summary>Null where the exception denies nothing.</summary>
    /// <exception cref="ExchangeErrorException">Nobody knows whether the other send took effect.</exception>
    public static HttpResponseMessage? After(ExchangeErrorException thrown, Claim standing, ExchangeEndpoint endpoint, HttpRequestMessage request) =>
        thrown.Error.Execution == ExecutionStatus.NotExecuted ? Tell(standing, thrown.Report, endpoint, request) : null;

    private static HttpResponseMessage Tell(Claim standing, RecoveryReport? report, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        // One order does not speak for a batch.
        if (!endpoint.IsBatch && standing.Outcome is { Reply: { } reply } verdict)
        {
            var response = reply.ToResponse(request);
            ResponseAnnotations.Of(response).Report = report?.After(verdict.Execution, verdict.Evidence, $"another send of the same message left after it: {verdict.Execution}, {verdict.Evidence}");
            return response;
        }

        var error = (standing.LastError ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown };
        throw new ExchangeErrorException(
            ExchangeErrorException.Describe(error), error, report?.After(ExecutionStatus.Unknown, evidence: null, "another send of the same message left after it, and may have taken effect"));
    }

    private static HttpResponseMessage InPlaceOf(HttpResponseMessage denied, HttpResponseMessage said)
    {
        denied.Dispose();
        return said;
    }
}
