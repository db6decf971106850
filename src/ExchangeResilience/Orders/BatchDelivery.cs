using System.Net;

namespace ExchangeResilience;

/// <summary>What the caller of a batch gets: the exchange's own reply where that says all, else one made here with an entry for each item.</summary>
internal sealed class BatchDelivery(Call call, IReadOnlyList<BatchEntry> entries, BatchClaims claims, ClaimLifecycle lifecycle)
{
    /// <summary>The exchange's own reply, which says all there is to say.</summary>
    public HttpResponseMessage Deliver(CallResult said)
    {
        if (said is { Error: null, Response: { } response })
        {
            Annotate(response, call.HasReport);
        }

        if (said.Response is { } reply)
        {
            ResponseAnnotations.Of(reply).Refresh = Refresh;
        }

        NoteAnswer(said.Response ?? (object)said.Exception!);
        return said.Deliver();
    }

    /// <summary>An answer with an entry for each item.</summary>
    public HttpResponseMessage Deliver()
    {
        call.Report.Evidence = string.Join("; ", entries.Where(static entry => entry.Verdict is not null).Select(static entry => $"{entry}: {entry.Verdict!.Evidence}"));
        if (entries.All(static entry => entry.State == BatchEntryState.Unknown))
        {
            throw lifecycle.Thrown((entries[0].Error ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown }, "nothing is known of any item");
        }

        var response = new ReplySnapshot(HttpStatusCode.OK, BatchReply.Write(entries, call.Options.Venue), "application/json").ToResponse(call.Request);
        Annotate(response, isRecovered: true);
        ResponseAnnotations.Of(response).Refresh = Refresh;
        NoteAnswer(response);
        return response;
    }

    /// <summary>The response or exception that carries the items' verdicts is noted for the application's call, which knows by it that its caller has them.</summary>
    private void NoteAnswer(object word)
    {
        call.Application.Answer(word);
        foreach (var entry in entries.Where(static entry => entry.State == BatchEntryState.Known))
        {
            if (entry.Claim is { } claim)
            {
                call.Client.Services.Claims.Tell(call.Application, word, claim);
            }
        }
    }

    private HttpResponseMessage? Refresh() => claims.LookAgain() ? Deliver() : null;

    private void Annotate(HttpResponseMessage response, bool isRecovered)
    {
        var annotations = ResponseAnnotations.Of(response);
        annotations.Items = [.. entries.Select(entry => BatchReply.ErrorOf(entry, call.Options.Venue))];
        if (isRecovered)
        {
            annotations.Report = call.ReportOf(Outcome());
        }
    }

    /// <summary>Of the batch as a whole: unknown while one item is, executed if one was.</summary>
    private ExecutionStatus Outcome() =>
        entries.Any(static entry => entry.Execution == ExecutionStatus.Unknown) ? ExecutionStatus.Unknown
        : entries.Any(static entry => entry.Execution == ExecutionStatus.Executed) ? ExecutionStatus.Executed
        : ExecutionStatus.NotExecuted;
}
