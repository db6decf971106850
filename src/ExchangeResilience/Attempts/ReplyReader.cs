using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace ExchangeResilience;

/// <summary>Reads the reply of an attempt as far as this library needs it, and says what it amounts to.</summary>
internal sealed class ReplyReader(ExchangeServices services, LaneCloser closer, AttemptFailures failures)
{
    /// <summary>What a query is answered with goes to the caller as it comes, unless this library has a use for it.</summary>
    public bool IsStreamed(Call call, HttpResponseMessage response) =>
        !call.Operation.Endpoint.IsMutation && (int)response.StatusCode < 400 && !call.IsOwnQuestion && !IsWantedAsEvidence(call.Operation.Endpoint, response);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AttemptOutcome> ReadAsync(Call call, HttpResponseMessage response, DateTimeOffset? date, AttemptStamp? stamp, AttemptTimeout timeout)
    {
        var status = (int)response.StatusCode;
        if (status is 403 or 418 or 429)
        {
            return new AttemptOutcome(null, await ReadRefusalAsync(call, response, date, stamp, timeout).ConfigureAwait(false), null);
        }

        var endpoint = call.Operation.Endpoint;
        byte[] body;
        bool isWhole;
        try
        {
            var reading = BoundedBody.TakeAsync(response, status < 400 ? BoundedBody.ReplyLimit : BoundedBody.ErrorLimit, timeout.Token);
            if (!reading.IsCompleted)
            {
                timeout.Start(call);
            }

            (body, isWhole) = await reading.ConfigureAwait(false);
        }
        catch (Exception error) when (status >= 400 && AttemptFailures.IsOfTheRoad(call, error))
        {
            response.Dispose();
            return new AttemptOutcome(null, failures.Lost(call, error, stamp, LaneCloser.HintOf(call, response, date, []).RetryAfter), null);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        var verdict = ReplyClassifier.Classify(status, body, endpoint, call.Options.Venue.Errors, isWhole);
        var order = verdict.IsSuccess ? OrderIn(call.Operation, body, verdict.Reading.Shape) : null;

        // A misrouted reply, from an earlier request of the connection or from a proxy, proves nothing about the order that was sent.
        var another = order?.IsOtherThan(call.Operation) == true ? order : null;
        if (order is { IsRejected: true } && another is null && call.Operation.Kind == OperationKind.Place)
        {
            verdict = verdict with { IsSuccess = false, Definition = ReplyErrors.OrderRecordedAsRejected, Execution = ExecutionStatus.NotExecuted };
        }

        var hasItems = isWhole && status < 300 && !endpoint.IsListed && verdict.Reading is { Shape: BodyShape.Array, HasItemErrors: true };
        var isDone = endpoint.IsBatch && status < 300 ? AnnotateItems(call, response, body)
            : hasItems ? AnnotateItems(call, response, body, SuccessProof.NoNegativeCode) && AreKnown(response)
            : verdict.IsSuccess && another is null && order?.IsUnchangedBy(call.Operation) != true;
        if (isDone && (isWhole || call.IsOwnQuestion))
        {
            return new AttemptOutcome(response, null, body) { ClosedByItem = hasItems || (endpoint.IsBatch && !verdict.Reading.IsDoneInEachItem) ? closer.CloseForItems(call, response, date, body) : TrafficLane.None };
        }

        if (hasItems)
        {
            closer.CloseForItems(call, response, date, body);
        }

        var tellsOfParts = hasItems || (isWhole && ReplyHalves.Stand(status, body, endpoint));
        return new AttemptOutcome(null, failures.Refused(call, response, date, body, isWhole, verdict, stamp, tellsOfParts, another), null);
    }

    /// <summary>A reply that may ask to wait, which counts even if the body, which says more, never arrives.</summary>
    private async ValueTask<AttemptFailure> ReadRefusalAsync(Call call, HttpResponseMessage response, DateTimeOffset? date, AttemptStamp? stamp, AttemptTimeout timeout)
    {
        var reading = BoundedBody.TakePartAsync(response, BoundedBody.ErrorLimit, timeout.Token);
        (byte[] Bytes, bool IsWhole, Exception? Break) read;
        if (reading.IsCompleted)
        {
            read = await reading.ConfigureAwait(false);
        }
        else
        {
            timeout.Start(call);
            var whole = reading.AsTask();
            await closer.CloseByHeadAsync(call, response, date, whole).ConfigureAwait(false);
            read = await whole.ConfigureAwait(false);
        }

        var (body, isWhole, broken) = read;
        var verdict = ReplyClassifier.Classify((int)response.StatusCode, body, call.Operation.Endpoint, call.Options.Venue.Errors, isWhole);
        if (broken is not null && !(AttemptFailures.IsOfTheRoad(call, broken) && verdict.Definition is { Category: ErrorCategory.RateLimited or ErrorCategory.OrderRateLimited }))
        {
            response.Dispose();
            ExceptionDispatchInfo.Throw(broken);
        }

        // What did not arrive could have said that the request took effect all the same.
        var isDoubt = broken is not null && call.Operation.Endpoint.IsMutation;
        return failures.Refused(call, response, date, body, isWhole, isDoubt ? verdict with { Execution = ExecutionStatus.Unknown } : verdict, stamp);
    }

    /// <summary>The order that a reply of success names; of a placed one no more than its name, and only where that may be another's, or the order refused.</summary>
    private static OrderEvidence? OrderIn(ExchangeOperation operation, byte[] body, BodyShape shape) => operation switch
    {
        { Kind: OperationKind.Place, Endpoint.IsClaimed: true } => shape == BodyShape.Object && OrderEcho.IsOf(operation, body) ? null : OrderEvidence.ReadName(body),
        { Endpoint.IsClaimed: true } or { Kind: OperationKind.Cancel } => OrderEvidence.Read(body),
        _ => null,
    };

    /// <summary>Each item of a batch has its own outcome, so one in doubt does not hide the others' from the caller. False where there are none.</summary>
    private static bool AnnotateItems(Call call, HttpResponseMessage response, byte[] body, SuccessProof proof = ErrorReader.ItemProof)
    {
        var items = ReplyClassifier.Items(body, (int)response.StatusCode, call.Options.Venue.Errors, proof);
        ResponseAnnotations.Of(response).Items = items;
        return items.Count > 0;
    }

    private static bool AreKnown(HttpResponseMessage response) =>
        ResponseAnnotations.Of(response).Items!.All(static item => item is not { Execution: ExecutionStatus.Unknown });

    /// <summary>While orders are in doubt, the application's own look at orders is read as evidence, if it can be kept in memory whole.</summary>
    private bool IsWantedAsEvidence(ExchangeEndpoint endpoint, HttpResponseMessage response) =>
        endpoint.ShowsOrders
        && services.Claims.InDoubtCount > 0
        && response.IsSuccessStatusCode
        && (endpoint.ClientIdParameter is not null || response.Content.Headers.ContentLength is <= BoundedBody.ReplyLimit);
}
