namespace ExchangeResilience;

/// <summary>
/// What the application is answered in the end. Each send of its message got the truth of its moment, but a handler above the middleware may hand out the refusal of one
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
        if (ResponseAnnotations.Find(response) is not { } annotations)
        {
            return response;
        }

        if (call.Addition is { DidNothing: false } addition && annotations.Error is { Execution: ExecutionStatus.NotExecuted })
        {
            return InPlaceOf(response, Tell(addition, call, annotations.Report, request));
        }

        if (standing.Count == 0)
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
        thrown.Error.Execution != ExecutionStatus.NotExecuted ? null
        : call.Addition is { DidNothing: false } addition ? Tell(addition, call, thrown.Report, request)
        : standing.Count > 0 ? Tell(standing[0], call, thrown.Error, thrown.Report, endpoint, request)
        : null;

    private static HttpResponseMessage Tell(Claim standing, ApplicationCall call, ExchangeError denied, RecoveryReport? report, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        // One order does not speak for a batch.
        if (!endpoint.IsBatch && standing.Outcome is { Reply: { } reply } verdict)
        {
            var response = Tell(verdict, reply, report, request);
            call.Answer(response, standing);
            return response;
        }

        throw Doubt(endpoint.IsBatch ? denied : standing.LastError, report);
    }

    private static HttpResponseMessage Tell(AdditiveRequest standing, ApplicationCall call, RecoveryReport? report, HttpRequestMessage request)
    {
        if (standing.Known is { Execution: ExecutionStatus.Executed, Reply: { } reply } verdict)
        {
            var response = Tell(verdict, reply, report, request);
            call.Answer(response);
            return response;
        }

        throw Doubt(standing.Known?.Error, report);
    }

    private static HttpResponseMessage Tell(Verdict verdict, ReplySnapshot reply, RecoveryReport? report, HttpRequestMessage request)
    {
        var response = reply.ToResponse(request);
        ResponseAnnotations.Of(response).Report = report?.After(verdict.Execution, verdict.Evidence, $"another send of the same request has left: {verdict.Execution}, {verdict.Evidence}");
        return response;
    }

    private static ExchangeErrorException Doubt(ExchangeError? known, RecoveryReport? report)
    {
        var error = (known ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown };
        return new ExchangeErrorException(error, report?.After(ExecutionStatus.Unknown, evidence: null, "another send of the same request has left, and may have taken effect"));
    }

    private static HttpResponseMessage InPlaceOf(HttpResponseMessage denied, HttpResponseMessage said)
    {
        denied.Dispose();
        return said;
    }
}
