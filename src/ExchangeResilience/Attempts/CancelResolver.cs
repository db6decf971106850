using System.Globalization;

namespace ExchangeResilience;

/// <summary>The outcome of a cancel: the order it names may be in flight or in doubt, or be cancelled already.</summary>
internal sealed class CancelResolver(Call call)
{
    private readonly ExchangeServices _services = call.Client.Services;

    /// <summary>What to do about a cancel whose order stays in doubt; the exchange's own answer, that there is no such order, may be overtaken.</summary>
    public string InDoubtAdvice { get; private set; } = "The order is in doubt, and cannot be cancelled later from here: send the cancel again when it appears.";

    /// <summary>The claim of the order a cancel names, where this process placed it and its outcome is not known yet, or was not as the cancel left.</summary>
    public Claim? PlaceOf(ExchangeOperation cancel)
    {
        if (cancel is not { Kind: OperationKind.Cancel, OrderId: null, ClientOrderId: not null })
        {
            return null;
        }

        var name = OrderName.Of(cancel);
        return _services.Claims.UnsettledPlaces(name, call.Route.Identity, call.Application.Number) is [var unsettled, ..] ? unsettled
            : call.Application.UnderWay.FirstOrDefault(place => name.Cancels(place.Key) && !place.Latest.DidNothing);
    }

    /// <summary>A cancel whose outcome is known, or not: what it must still reach is remembered, and what it has ended.</summary>
    public async ValueTask FollowAsync(CallResult result)
    {
        if (result.Execution == ExecutionStatus.NotExecuted || call.Options.Mode == HandlingMode.Observe)
        {
            return;
        }

        if (call.Operation.Kind == OperationKind.CancelAll)
        {
            if (await KeepAsync(call.Application.UnderWay).ConfigureAwait(false) is > 0 and var kept)
            {
                call.Report.Add(RecoveryStepKind.Evidence, string.Create(CultureInfo.InvariantCulture, $"{kept} orders were not accepted yet when it left; a cancel is kept for each"));
            }

            if (call.HasReport && result.Response is { } response)
            {
                ResponseAnnotations.Of(response).Report = call.ReportOf(result.Execution);
            }
        }

        if (result.Execution == ExecutionStatus.Executed && call.Operation.Kind == OperationKind.CancelAll)
        {
            _services.Claims.Cancelled(call.Application, OrderName.Of(call.Operation), call.Route.Identity, order: null, call.NowMs);
        }
        else if (result.Execution == ExecutionStatus.Executed && call.Operation.Kind == OperationKind.Cancel)
        {
            NoteCancelled(call.Operation, result.Body);
            await KeepForYoungerAsync(call.Operation, result.Body).ConfigureAwait(false);
        }
    }

    /// <summary>A cancel may have ended an older order of its id, and not the one in flight: it is kept for that one until the exchange's ids decide.</summary>
    public async Task KeepForYoungerAsync(ExchangeOperation cancel, byte[]? reply)
    {
        if (reply is null || OrderEvidence.Read(reply)?.OrderId is not { } ended)
        {
            return;
        }

        var younger = call.Application.UnderWay.Where(place => OrderName.Of(cancel).Cancels(place.Key) && !place.Latest.DidNothing && !string.Equals(place.Latest.OrderId, ended, StringComparison.Ordinal)).ToList();
        foreach (var place in younger)
        {
            place.Latest.EndedOrder = ended;
        }

        await KeepAsync(younger).ConfigureAwait(false);
    }

    /// <summary>The order is cancelled: a call that meant it before must not place it again.</summary>
    public void NoteCancelled(ExchangeOperation cancel, byte[]? reply)
    {
        var order = reply is null ? null : OrderEvidence.Read(reply);
        if ((order?.ClientOrderId ?? cancel.ClientOrderId) is { } id)
        {
            var name = OrderName.Of(cancel) with { Kind = OperationKind.Cancel, Symbol = order?.Symbol ?? cancel.Symbol ?? "", Id = id };
            _services.Claims.Cancelled(call.Application, name, call.Route.Identity, order?.OrderId, call.NowMs);
        }
    }

    /// <summary>Keeps a cancel for orders whose outcome is not known yet. Gives how many.</summary>
    public async Task<int> KeepAsync(IReadOnlyCollection<Claim> orders)
    {
        var kept = await Task.WhenAll(orders.Select(order => _services.Reconciler.KeepCancelAsync(order, call.Application.Number))).ConfigureAwait(false);
        if (orders.Any(static order => order is { CancelWanted: true, IsBehind: true }))
        {
            call.Report.Add(RecoveryStepKind.Evidence, "the journal could not record a kept cancel: a restart would lose it");
        }

        return kept.Count(static isKept => isKept);
    }

    /// <summary>Keeps a cancel whose outcome stays unknown for an order that is not known to be open: it is applied when the order appears.</summary>
    public Task KeepIfInDoubtAsync(ExchangeOperation cancel) => PlaceOf(cancel) is { } place ? KeepAsync([place]) : Task.CompletedTask;

    /// <summary>The outcome of the order that a cancel names. While that is unknown, the cancel is kept and applied when the order appears.</summary>
    public Task<ExecutionStatus> AwaitPlaceAsync(ExchangeOperation cancel) => PlaceOf(cancel) is { } place ? AwaitAsync(place) : Task.FromResult(ExecutionStatus.Executed);

    /// <summary>The outcome of the order that a cancel has met.</summary>
    public async Task<ExecutionStatus> AwaitAsync(Claim place)
    {
        try
        {
            await place.Ending.WaitAsync(call.TotalLeft, _services.Time, call.CancellationToken).ConfigureAwait(false);
            if (place.Outcome is not { } verdict)
            {
                call.Report.Add(RecoveryStepKind.Evidence, "the order this cancel names is in doubt, and without its key it cannot be looked up or cancelled later: send the cancel again when it appears");
                return ExecutionStatus.Unknown;
            }

            call.Report.Evidence = verdict.Evidence;
            call.Report.Add(RecoveryStepKind.Evidence, $"the order this cancel names: {verdict.Execution}, {verdict.Evidence}");
            return verdict.Execution;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            var isKept = await KeepAsync([place]).ConfigureAwait(false) > 0;
            if (error is OperationCanceledException)
            {
                call.IsUnresolved |= isKept;
                throw;
            }

            InDoubtAdvice = isKept
                ? "The order is in doubt. This cancel is kept, and applied as soon as the order appears: wait for its outcome before you place it anew."
                : "The order is in doubt, and this cancel is not kept: send it again when the order appears.";
            call.Report.Add(RecoveryStepKind.Evidence, isKept
                ? "the order this cancel names is still in doubt; the cancel is kept and applied when it appears"
                : "the order this cancel names is still in doubt: send the cancel again when it appears");
            return ExecutionStatus.Unknown;
        }
    }

    /// <summary>The error of a cancel that found nothing to cancel, once the order has been looked up: the advice then names its one state, instead of every possible one.</summary>
    public static ExchangeError WithAdvice(ExchangeError error, OrderEvidence? order)
    {
        var advice = order?.Status switch
        {
            OrderStatuses.New or OrderStatuses.PartiallyFilled => "The order is alive: a look-up right after it shows it open. Cancel it again; if that is refused as well, the look-up lags: repeat it a moment later.",
            OrderStatuses.Filled => "The order was filled, so nothing was left to cancel. Its position is yours; close that if it is not wanted.",
            OrderStatuses.Expired or OrderStatuses.ExpiredInMatch => "The order had expired by itself, so nothing was left to cancel. executedQty is what was filled of it before.",
            OrderStatuses.Rejected => "The order was rejected by the exchange, so nothing was left to cancel.",
            OrderStatuses.Triggering or OrderStatuses.Triggered or OrderStatuses.Finished => "The conditional order has been triggered, so it can no longer be cancelled. Look it up: actualOrderId is the order it created, which /fapi/v1/order cancels.",
            _ => null,
        };
        return advice is null ? error : error with { Advice = advice };
    }

    /// <summary>The order that a cancel has not found, as the exchange shows it, and what that says of the cancel.</summary>
    public async Task<(OrderEvidence? Order, ExecutionStatus Execution)> LookUpAsync(ExchangeOperation cancel, bool mayHaveWorked)
    {
        var standing = await _services.Journal.FindPlaceAsync(new Claim(cancel, call.Client.OriginOf(call.Route)) { Since = _services.Time.GetUtcNow() }, call.CancellationToken).ConfigureAwait(false);
        var order = await LookUpAsync(cancel, standing).ConfigureAwait(false);
        if (order is { IsOpen: true })
        {
            return Judged(order);
        }

        // What the exchange shows as ended may be an earlier order of the same id, not the one in flight.
        if (standing is { State: JournalState.Open or JournalState.Unresolved } && _services.Journal.IsAnotherRuns(standing))
        {
            call.Report.Add(RecoveryStepKind.Evidence, "another process has an order of that id in doubt, so that it may still appear: send the cancel again then");
            return (null, ExecutionStatus.Unknown);
        }

        if (cancel.OrderId is null && _services.Claims.UnclearPlaces(call.Application).Any(place => OrderName.Of(cancel).Cancels(place.Key)))
        {
            call.Report.Add(RecoveryStepKind.Evidence, "an order of that id is in doubt, and nothing shows whether it is of the same account: name Account in the settings, and send the cancel again when it appears");
            return (null, ExecutionStatus.Unknown);
        }

        return Judged(order);

        (OrderEvidence?, ExecutionStatus) Judged(OrderEvidence? shown)
        {
            var judged = EvidenceRules.JudgeCancel(shown);
            return (shown, judged == ExecutionStatus.Unknown && !mayHaveWorked ? ExecutionStatus.NotExecuted : judged);
        }
    }

    private async Task<OrderEvidence?> LookUpAsync(ExchangeOperation cancel, JournalEntry? standing)
    {
        var origin = call.Client.OriginOf(call.Route);
        if (!origin.CanAsk)
        {
            return null;
        }

        var asked = _services.Reconciler.Queries.OrderAsync(origin, cancel, call.CancellationToken);
        if (!await call.EndsWithinAsync(asked, call.TotalLeft).ConfigureAwait(false))
        {
            call.Report.Add(RecoveryStepKind.Evidence, "the exchange did not report the order's state in time");
            return null;
        }

        var order = (await asked.ConfigureAwait(false)).Order;
        if (order is not null && (!EvidenceRules.IsAbout(cancel, order) || IsOlderNamesake(cancel, order, standing)))
        {
            call.Report.Add(RecoveryStepKind.Evidence, "the exchange showed another order than the one asked for");
            return null;
        }

        if (order is not null)
        {
            call.Report.Evidence = $"the order is {order.Status}";
            call.Report.Add(RecoveryStepKind.Evidence, call.Report.Evidence);
        }

        return order;
    }

    // Queries that lag may still show the order that bore the id before.
    private bool IsOlderNamesake(ExchangeOperation cancel, OrderEvidence order, JournalEntry? standing) =>
        cancel.OrderId is null && order.OrderId is not null
        && (_services.Claims.FindPlacedOrder(OrderName.Of(cancel), call.Route.Identity) ?? JournalRules.ExecutedOrderOf(standing)?.OrderId) is { } placed
        && !string.Equals(placed, order.OrderId, StringComparison.Ordinal);
}
