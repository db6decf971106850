namespace ExchangeResilience;

/// <summary>What becomes of a cancel that did not simply work: the order it names may be in doubt, or be cancelled already.</summary>
internal sealed class CancelFate(Call call)
{
    private readonly ExchangeState _state = call.Client.State;

    /// <summary>The claim of the order a cancel names, where this process placed it and is not done with it.</summary>
    public Claim? PlaceOf(ExchangeOperation cancel) =>
        cancel is { Kind: OperationKind.Cancel, ClientOrderId: { } id } && _state.Claims.InDoubtCount > 0
            ? _state.Claims.FindPlace(call.Route.Environment, call.Route.Account, cancel.Symbol, id)
            : null;

    /// <summary>Keeps a cancel whose outcome stays unknown for an order that is in doubt: it is applied when the order appears.</summary>
    public void KeepIfInDoubt(ExchangeOperation cancel)
    {
        if (PlaceOf(cancel) is { State: ClaimState.InDoubt } place)
        {
            _state.Reconciler.KeepCancel(place);
        }
    }

    /// <summary>What became of the order a cancel names. While that is unknown, the cancel is kept and applied when the order appears.</summary>
    public async Task<ExecutionStatus> AwaitPlaceAsync(ExchangeOperation cancel)
    {
        if (PlaceOf(cancel) is not { } place)
        {
            return ExecutionStatus.Executed;
        }

        try
        {
            var verdict = await place.Verdict.WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            call.Report.Evidence = verdict.Evidence;
            call.Report.Add(RecoveryStepKind.Evidence, $"the order this cancel names: {verdict.Execution}, {verdict.Evidence}");
            return verdict.Execution;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            _state.Reconciler.KeepCancel(place);
            if (error is OperationCanceledException)
            {
                throw;
            }

            call.Report.Add(RecoveryStepKind.Evidence, "the order this cancel names is still in doubt; the cancel is kept and applied when it appears");
            return ExecutionStatus.Unknown;
        }
    }

    /// <summary>The error of a cancel that found nothing to cancel, once the order has been looked up: what became of that is the advice, in place of all that might have.</summary>
    public static ExchangeError Told(ExchangeError error, OrderEvidence? order)
    {
        var advice = order?.Status switch
        {
            "NEW" or "PARTIALLY_FILLED" => "The order is alive: a look-up right after it shows it open. Cancel it again; if that is refused as well, the look-up lags, and a moment later shows what became of it.",
            "FILLED" => "The order was filled, so nothing was left to cancel. Its position is yours; close that if it is not wanted.",
            "EXPIRED" or "EXPIRED_IN_MATCH" => "The order had expired by itself, so nothing was left to cancel. What was filled of it before stands in executedQty.",
            "REJECTED" => "The order was rejected by the exchange, so nothing was left to cancel.",
            "TRIGGERING" or "TRIGGERED" or "FINISHED" => "The conditional order has been triggered, so that it cannot be cancelled any more. Look it up: actualOrderId names the order it became, which /fapi/v1/order cancels.",
            _ => null,
        };
        return advice is null ? error : error with { Advice = advice };
    }

    /// <summary>The order a cancel names, as the exchange shows it; null where it does not.</summary>
    public async Task<OrderEvidence?> LookUpAsync(ExchangeOperation cancel)
    {
        var origin = call.Client.OriginOf(call.Route);
        var answer = default(Answer);
        if (origin.CanAsk)
        {
            try
            {
                answer = await _state.Reconciler.Questions.OrderAsync(origin, cancel, call.CancellationToken).WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                call.Report.Add(RecoveryStepKind.Evidence, "the exchange did not say in time what became of the order");
            }
        }

        var order = answer.Error is null ? OrderEvidence.Read(answer.Body) : null;
        if (order is not null && !EvidenceRules.IsAbout(cancel, order))
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
}
