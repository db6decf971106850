using System.Globalization;
using System.Net;

namespace ExchangeResilience;

/// <summary>What a call that needed recovery hands to its caller.</summary>
internal readonly struct CallResults(Call call)
{
    /// <summary>The exchange has shown that nothing of the call took effect.</summary>
    public CallResult Resolved(AttemptFailure failure, ExchangeError error)
    {
        call.IsUnresolved = false;
        return Hand(failure, error);
    }

    public CallResult Succeeded(in AttemptOutcome outcome)
    {
        call.Report.Add(RecoveryStepKind.Ended, string.Create(CultureInfo.InvariantCulture, $"attempt {call.Attempts}: {(int)outcome.Response!.StatusCode}, success"));
        ResponseAnnotations.Of(outcome.Response).Report = call.ReportOf(ExecutionStatus.Executed);
        return new CallResult(outcome.Response, null, ExecutionStatus.Executed, null, outcome.Body);
    }

    /// <summary>It took effect, by evidence.</summary>
    public CallResult Executed(Verdict verdict, AttemptFailure failure)
    {
        failure.Response?.Dispose();
        var response = verdict.Reply!.ToResponse(call.Request);
        call.Report.Evidence ??= verdict.Evidence;
        ResponseAnnotations.Of(response).Report = call.ReportOf(ExecutionStatus.Executed);
        return new CallResult(response, null, ExecutionStatus.Executed, null, verdict.Reply.Body);
    }

    /// <summary>The error counts as a success: the exchange's reply stays in the body, and the status becomes that of a success.</summary>
    public CallResult AsSuccess(AttemptFailure failure)
    {
        var response = failure.Response!;
        response.StatusCode = HttpStatusCode.OK;
        response.ReasonPhrase = null;
        ResponseAnnotations.Of(response).Report = call.ReportOf(ExecutionStatus.Executed);
        return new CallResult(response, null, ExecutionStatus.Executed, null, failure.Body);
    }

    /// <summary>A refusal is about its own attempt. An earlier one without an answer may have worked, and may even be why this one is refused.</summary>
    public CallResult GiveUp(AttemptFailure failure, Decision decision)
    {
        var error = failure.Error.Category == ErrorCategory.ClockSkew && call.ClockWasConfirmed ? LocalErrors.ClockAgrees(failure.Error) : failure.Error;
        if (call.IsUnresolved && call.Operation.Endpoint.IsMutation)
        {
            error = LocalErrors.EarlierInDoubt(error);
        }

        return decision.Action == DecisionAction.Throw && !failure.TellsOfParts ? Thrown(failure, error) : Hand(failure, error);
    }

    /// <summary>A known error: the reply where there is one, else an exception.</summary>
    public CallResult Hand(AttemptFailure failure, ExchangeError error)
    {
        error = call.WithoutPastWait(error);
        if (failure.Response is not { } response || (!failure.TellsOfParts && call.Options.Mode == HandlingMode.Enforce && (call.Options.ThrowOnError || IsToldByException(error, response))))
        {
            return Thrown(failure, error);
        }

        var annotations = ResponseAnnotations.Of(response);
        annotations.Error = error;
        annotations.Report = call.ReportOf(error.Execution);
        return new CallResult(response, null, error.Execution, error, failure.Body);
    }

    /// <summary>An unknown outcome must not be overlooked, nor an order that did not take effect be under the status of a success.</summary>
    private bool IsToldByException(ExchangeError error, HttpResponseMessage response) =>
        call.Operation.Endpoint is { IsMutation: true } endpoint
        && (error.Execution == ExecutionStatus.Unknown || (endpoint.IsClaimed && response.IsSuccessStatusCode));

    /// <summary>An exception with the error; in observe mode the cause as it came.</summary>
    public CallResult Thrown(AttemptFailure failure, ExchangeError error)
    {
        error = call.WithoutPastWait(error);
        failure.Response?.Dispose();
        if (call.Options.Mode == HandlingMode.Observe && failure.Cause is { } cause)
        {
            return new CallResult(null, cause, error.Execution, error, null);
        }

        var report = call.ReportOf(error.Execution);
        return new CallResult(null, new ExchangeErrorException(error, report, failure.Cause) { Body = failure.Body }, error.Execution, error, null);
    }
}
