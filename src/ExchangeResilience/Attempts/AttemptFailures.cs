using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Makes the failure of an attempt: refused by the exchange, lost in transit, held back at the gate, or never sent.</summary>
internal sealed class AttemptFailures(ExchangeServices services, LaneCloser closer)
{
    public AttemptFailure Refused(Call call, HttpResponseMessage response, DateTimeOffset? date, byte[] body, bool isWhole, ReplyVerdict verdict, AttemptStamp? stamp, bool tellsOfParts = false, OrderEvidence? another = null)
    {
        var status = (int)response.StatusCode;
        var definition = verdict.Definition ?? (another is null ? ReplyErrors.UnprovenReply : ReplyErrors.ReplyOfAnotherOrder);
        var row = call.Settings.Matrix.Find(definition, status);

        // A number at the end of what arrived may be the beginning of a longer one.
        var hint = LaneCloser.HintOf(call, response, date, isWhole ? body : body.AsSpan().TrimEnd("0123456789"u8));
        var hold = closer.Close(call, row, definition, response, hint);
        var error = ReplyClassifier.ToError(verdict with { Definition = definition }, body, status, hold?.RetryAt, hold?.Remaining ?? hint.RetryAfter, RequestAdvice.For(definition, call.Operation.Endpoint, call.Message));
        if (another is not null)
        {
            error = error with { Message = MessageRedactor.Decode(Encoding.UTF8.GetBytes($"it is about the order {another.OrderId}, '{another.ClientOrderId}'"), isJson: false) };
        }

        var execution = row.Execution ?? (verdict.IsSuccess ? ExecutionStatus.Unknown : verdict.Execution);
        return new AttemptFailure
        {
            Error = error.Execution == execution ? error : error with { Execution = execution },
            Row = row,
            Response = response,
            Body = body,
            TellsOfParts = tellsOfParts,
            ClosedLane = hold?.Lane ?? TrafficLane.None,
            LaneOpensIn = LaneCloser.OpensIn(call, hold),
            AskedToWait = hint.RetryAfter ?? TimeSpan.Zero,
            ClockGeneration = stamp?.ClockGeneration ?? 0,
        };
    }

    public AttemptFailure Lost(Call call, Exception error, AttemptStamp? stamp, TimeSpan? retryAfter = null)
    {
        // The stamp is made by the innermost handler: without one, nothing can have reached the wire.
        if (error is NotSignedException or StampRefusedException || (stamp is { Stamped: false } && (error is OperationCanceledException || !IsOfTheTransport(error))))
        {
            var isLate = error is StampRefusedException or OperationCanceledException;
            return NotSent(call, isLate ? LocalErrors.TimeSpent : LocalErrors.NotSent, error is NotSignedException { InnerException: { } cause } ? cause : error);
        }

        var definition = TransportErrors.From(error, call.Message.Options.TryGetValue(Departure.Key, out var departure) ? departure : null);
        var row = call.Settings.Matrix.Find(definition, null);
        var execution = row.Execution ?? (stamp is { Stamped: false } || !call.Operation.Endpoint.IsMutation ? ExecutionStatus.NotExecuted : definition.Execution);

        // Rows have no say after a mutation of unknown outcome.
        var hold = execution == ExecutionStatus.Unknown && call.Operation.Endpoint.IsMutation ? null : closer.Close(call, row, definition, response: null, default);
        return new AttemptFailure
        {
            Error = LocalErrors.ToError(definition, hold?.RetryAt, hold?.Remaining ?? retryAfter) with { Execution = execution },
            Row = row,
            Cause = error,
            ClosedLane = hold?.Lane ?? TrafficLane.None,
            LaneOpensIn = LaneCloser.OpensIn(call, hold),
            AskedToWait = retryAfter ?? TimeSpan.Zero,
            NeverLeft = definition.Execution == ExecutionStatus.NotExecuted,
            ClockGeneration = stamp?.ClockGeneration ?? 0,
        };
    }

    public AttemptFailure HeldBack(Call call, in Admission admission)
    {
        if (call.WritesAhead && services.Journal.Shared?.Fleet.StoreFault is { } away)
        {
            return NotSent(call, LocalErrors.NotJournalled, new JournalException(away));
        }

        if (admission.Reason == RefusalReason.None)
        {
            return NotSent(call, LocalErrors.Abandoned, cause: null);
        }

        var now = services.Time.GetUtcNow();
        var wait = admission.RetryAt - now;
        var definition = admission.Reason == RefusalReason.TooManyWaiters ? LocalErrors.TooManyWaiters
            : call.OutlastsSignature(wait) ? LocalErrors.SignedWindowOver
            : LocalErrors.HeldBack;
        var isNews = services.Refusals.IsNews(call.Route.Gate, admission.Reason, admission.RetryAt, now);
        var why = admission.Code is { } code and not 0 ? string.Create(CultureInfo.InvariantCulture, $"{Wording.Of(admission.Reason)} after {code}") : Wording.Of(admission.Reason);
        Log.HeldBack(
            services.Logger, isNews ? LogLevel.Warning : LogLevel.Debug, call.Operation, why, wait > TimeSpan.Zero ? wait.TotalSeconds : 0,
            call.Client.Name, call.Operation.ClientOrderId ?? Log.NoId, admission.Reason);
        return new AttemptFailure
        {
            Error = LocalErrors.ToError(definition, admission.RetryAt, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, why),
            Row = call.Settings.Matrix.Find(definition, null),
            HeldBack = true,
            RefusedBy = admission.Reason,
        };
    }

    public static AttemptOutcome NotSentAs(Call call, ErrorDefinition definition) => new(null, NotSent(call, definition, cause: null), null);

    public static AttemptFailure NotSent(Call call, ErrorDefinition definition, Exception? cause) => new()
    {
        Error = LocalErrors.ToError(definition, message: (cause as JournalException)?.Message ?? (definition == LocalErrors.OrdersStopped ? WordsOfStop(call) : "")),
        Row = call.Settings.Matrix.Find(definition, null),
        Cause = cause,
        HeldBack = true,
    };

    // It may have been lifted a moment ago.
    private static string WordsOfStop(Call call) => call.Client.Services.Halt.Current is { } halt ? $"new orders are {OneLine.Of(halt.Words)}" : "";

    public static ErrorDefinition TimeIsUp(Call call) => call.OutlastsSignature(TimeSpan.Zero) ? LocalErrors.SignedWindowOver : LocalErrors.TimeSpent;

    /// <summary>A failure in transit, as opposed to a caller that cancels or a fault of the program.</summary>
    public static bool IsOfTheRoad(Call call, Exception error) => error switch
    {
        OperationCanceledException => !call.CancellationToken.IsCancellationRequested,
        StampRefusedException => true,
        _ when IsOfTheTransport(error) => true,

        // Any failure below a mutation may have come after it left; and a look-up of ours is always answered, whatever failed.
        _ => (call.IsOwnQuestion || call.Operation.Endpoint.IsMutation) && error is not OutOfMemoryException,
    };

    /// <summary>Whether nothing but the road or the host can have lost an attempt that no response came to: neither its caller, nor the program, nor what refuses here.</summary>
    public static bool IsSilenceOfTheHost(Call call, AttemptFailure lost) =>
        !lost.HeldBack && !call.CancellationToken.IsCancellationRequested && lost.Cause is { } cause && (IsOfTheTransport(cause) || cause is TimeoutException);

    /// <summary>What became of a lost attempt. The exception's own text is left out: it can name a proxy with its password.</summary>
    public static string NameOf(AttemptFailure lost) =>
        lost.Cause is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var reason } ? $"{lost.Error.Name} ({reason})" : lost.Error.Name;

    // A bare SocketException comes from .NET's connection pool, when the peer resets a connection as it comes about.
    private static bool IsOfTheTransport(Exception error) =>
        error is OperationCanceledException or HttpRequestException or IOException or SocketException or InvalidDataException;
}
