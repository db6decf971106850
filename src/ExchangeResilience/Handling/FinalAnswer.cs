namespace ExchangeResilience;

/// <summary>
/// What the application is answered in the end. Each send of its message was told the truth of its moment, but a handler above the middleware may hand out the refusal of one
/// although another has left since. Then what became of that one is the answer.
/// </summary>
internal static class FinalAnswer
{
    /// <summary>Whether the application is answered by this middleware, and not by a handler above it.</summary>
    public static bool IsOurs(object? word) => word switch
    {
        HttpResponseMessage response => ResponseAnnotations.Find(response) is not null,
        ExchangeErrorException or ExchangeOperationCanceledException => true,
        Exception { InnerException: { } inner } => IsOurs(inner),
        _ => false,
    };

    /// <exception cref="ExchangeErrorException">It is not known whether the other send took effect.</exception>
    public static HttpResponseMessage After(HttpResponseMessage response, IReadOnlyList<Claim> standing, ApplicationCall call, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        if (standing.Count == 0 || ResponseAnnotations.Find(response) is not { } annotations)
        {
            return response;
        }

        if (annotations.Refresh is { } refresh)
        {
            return refresh() is { } said ? InPlaceOf(response, said) : response;
        }

        return annotations.Error is { Execution: ExecutionStatus.NotExecuted } error
            ? InPlaceOf(response, Tell(standing[0], call, error, annotations.Report, endpoint, request))
            : response;
    }

    /// <summary>Null where the exception denies nothing that stands.</summary>
    /// <exception cref="ExchangeErrorException">It is not known whether the other send took effect.</exception>
    public static HttpResponseMessage? After(ExchangeErrorException thrown, IReadOnlyList<Claim> standing, ApplicationCall call, ExchangeEndpoint endpoint, HttpRequestMessage request) =>
        standing.Count > 0 && thrown.Error.Execution == ExecutionStatus.NotExecuted ? Tell(standing[0], call, thrown.Error, thrown.Report, endpoint, request) : null;

    private static HttpResponseMessage Tell(Claim standing, ApplicationCall call, ExchangeError denied, RecoveryReport? report, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        // One order does not speak for a batch.
        if (!endpoint.IsBatch && standing.Outcome is { Reply: { } reply } verdict)
        {
            var response = reply.ToResponse(request);
            ResponseAnnotations.Of(response).Report = report?.After(verdict.Execution, verdict.Evidence, $"another send of the same order has left: {verdict.Execution}, {verdict.Evidence}");
            call.Answer(response, standing);
            return response;
        }

        var error = (endpoint.IsBatch ? denied : standing.LastError ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown };
        throw new ExchangeErrorException(
            ExchangeErrorException.Describe(error), error, report?.After(ExecutionStatus.Unknown, evidence: null, "another send of the same order has left, and may have taken effect"));
    }

    private static HttpResponseMessage InPlaceOf(HttpResponseMessage denied, HttpResponseMessage said)
    {
        denied.Dispose();
        return said;
    }
}
