namespace ExchangeResilience;

/// <summary>
/// What the application is answered in the end. Each send of its message got the truth of its moment, but a handler above the middleware may hand out the refusal of one
/// although another has left since. Then the outcome of that one is the answer.
/// </summary>
internal static class FinalAnswer
{
    /// <summary>Whether the application is answered by this middleware, and not by a handler above it.</summary>
    public static bool IsOurs(object? word) => word switch
    {
        HttpResponseMessage response => ResponseAnnotations.Find(response) is { IsOfAHandlerAbove: false },
        ExchangeErrorException or ExchangeOperationCanceledException => true,
        Exception { InnerException: { } inner } => IsOurs(inner),
        _ => false,
    };

    /// <exception cref="ExchangeErrorException">It is not known whether the other send took effect.</exception>
    public static HttpResponseMessage After(HttpResponseMessage response, IReadOnlyList<Claim> standing, ApplicationCall call, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        if ((ResponseAnnotations.Find(response) ?? OfAHandlerAbove(response, standing, call)) is not { } annotations)
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

    /// <summary>Null where the exception denies nothing that took effect.</summary>
    /// <exception cref="ExchangeErrorException">It is not known whether the other send took effect.</exception>
    public static HttpResponseMessage? After(ExchangeErrorException thrown, IReadOnlyList<Claim> standing, ApplicationCall call, ExchangeEndpoint endpoint, HttpRequestMessage request) =>
        thrown.Error.Execution != ExecutionStatus.NotExecuted ? null
        : call.Addition is { DidNothing: false } addition ? Tell(addition, call, thrown.Report, request)
        : standing.Count > 0 ? Tell(standing[0], call, thrown.Error, thrown.Report, endpoint, request)
        : null;

    /// <summary>The outcome of a request that a handler above has answered; null where that handler's own reply is a success.</summary>
    private static ResponseAnnotations? OfAHandlerAbove(HttpResponseMessage response, IReadOnlyList<Claim> standing, ApplicationCall call)
    {
        // Of the same status, it is a copy.
        if (call.LastAnswer is HttpResponseMessage last && last.StatusCode == response.StatusCode)
        {
            return ResponseAnnotations.Find(last) is { } replaced ? ResponseAnnotations.OfAHandlerAbove(response, replaced) : null;
        }

        if (response.IsSuccessStatusCode)
        {
            return null;
        }

        var annotations = ResponseAnnotations.OfAHandlerAbove(response, replaced: null);
        annotations.Error = LocalErrors.ToError(LocalErrors.AnsweredAbove) with { Execution = ExecutionOf(standing, call), StatusCode = response.StatusCode };
        return annotations;
    }

    /// <summary>The outcome of a call, by the replies to all its sends.</summary>
    public static ExecutionStatus ExecutionOf(IReadOnlyList<Claim> standing, ApplicationCall call) =>
        standing.Count > 0 ? standing is [{ Outcome: { } outcome }] && call.Wishes.Length == 1 ? outcome.Execution : ExecutionStatus.Unknown
        : call.Addition is { DidNothing: false } addition ? addition.Known?.Execution ?? ExecutionStatus.Unknown
        : call.SendMayHaveWorked ? ExecutionStatus.Unknown
        : call.LastAnswer switch
        {
            null => call.HasLeft ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted,
            HttpResponseMessage last => ResponseAnnotations.Find(last)?.Error?.Execution ?? ExecutionStatus.Executed,
            Exception last => ExchangeErrorException.Find(last)?.Error.Execution ?? ExchangeOperationCanceledException.Find(last)?.Execution ?? ExecutionStatus.Unknown,
            _ => ExecutionStatus.Unknown,
        };

    private static HttpResponseMessage Tell(Claim standing, ApplicationCall call, ExchangeError denied, RecoveryReport? report, ExchangeEndpoint endpoint, HttpRequestMessage request)
    {
        // One order's outcome is not a batch's.
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
