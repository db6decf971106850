using System.Net;

namespace ExchangeResilience;

/// <summary>Looks for an addition of unknown outcome in the exchange's history.</summary>
internal sealed class AdditionHistory(Call call, CallResults results)
{
    private readonly ExchangeServices _services = call.Client.Services;

    /// <summary>Asks as long as the call lasts. Only a record that can be of no other request proves anything, and its absence never does.</summary>
    public async Task<CallResult> ConsultAsync(AttemptFailure failure)
    {
        var addition = call.Addition!;
        var origin = call.Client.OriginOf(call.Route);
        var pause = call.Options.Reconciliation.FirstPause;
        var story = "no record of it was found in time";
        while (origin.CanAsk && addition.Window is { } window && call.TotalLeft > TimeSpan.Zero)
        {
            if (await AskAsync(origin, addition, window).ConfigureAwait(false) is { } records)
            {
                if (records.Count > 1)
                {
                    story = $"{records.Count} records agree with it, so none of them proves anything";
                    break;
                }

                if (records is [var only])
                {
                    if (_services.Additions.IsAlone(addition))
                    {
                        return results.Executed(new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, only.Raw, "application/json"), null, "the exchange's history holds its record, and no other that could be"), failure);
                    }

                    story = "a record agrees with it, but also with an equal request of this process";
                    break;
                }
            }

            await Task.Delay(TimeSpan.Min(pause, call.TotalLeft), _services.Time, call.CancellationToken).ConfigureAwait(false);
            pause = TimeSpan.Min(pause * 2, call.Options.Reconciliation.MaxPause);
        }

        call.Report.Add(RecoveryStepKind.Evidence, origin.CanAsk ? story : "without this client's own key it cannot be looked up at the exchange");
        return results.Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
    }

    private async Task<IReadOnlyList<HistoryRecord>?> AskAsync(ClaimOrigin origin, AdditiveRequest addition, AttemptWindow window)
    {
        var asked = _services.Reconciler.Queries.HistoryAsync(origin, addition.Operation, window.OpensMs, call.CancellationToken);
        return await call.EndsWithinAsync(asked, call.TotalLeft).ConfigureAwait(false) && await asked.ConfigureAwait(false) is { Error: null } answer
            ? HistoryRecord.ReadMatching(answer.Body, addition.Operation, window)
            : null;
    }
}
