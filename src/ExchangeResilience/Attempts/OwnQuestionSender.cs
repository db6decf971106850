namespace ExchangeResilience;

/// <summary>Sends one of this library's own look-ups: once, through gate and signature, without recovery.</summary>
internal sealed class OwnQuestionSender(ExchangeClient client, JournalRecovery recovery, CallRunner runner)
{
    /// <param name="question">The request, which is disposed of.</param>
    /// <param name="signedWith">The key that signs it; null for the client's own.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<QueryResult> AskAsync(HttpRequestMessage question, SigningCredentials? signedWith, CancellationToken cancellationToken)
    {
        using var request = question;
        signedWith?.SignAhead(request);
        if (request.Method != HttpMethod.Get)
        {
            request.Content = new ByteArrayContent([]);
        }

        // Without its holds a restart would send into a ban; without its orders, nothing stops but orders.
        await recovery.TryHoldsAsync(cancellationToken).ConfigureAwait(false);
        var settings = client.Settings.Current;
        var target = RequestTarget.Of(request.RequestUri!);
        var endpoint = settings.Endpoints.Find(request.Method, target);
        var call = new Call(request, endpoint.PlainOperation, client.RouteOf(request, target, endpoint, settings), cancellationToken)
        {
            Started = EntryTime.Now(client.Services.Time),
            IsOwnQuestion = true,
            Weight = endpoint.WeightOf(target.Parameters),
        };
        using var span = CallTrace.Start(call.Operation, client.Name, call.Route.Environment, isOwnQuestion: true);
        await runner.SynchroniseAsync(call).ConfigureAwait(false);
        var outcome = await runner.SendAsync(call).ConfigureAwait(false);
        if (outcome.Failure is { Error.Category: ErrorCategory.ClockSkew, AskedToWait.Ticks: 0 } skewed
            && await client.TryHealAsync(call.Route, skewed.Date, skewed.ClockGeneration, call.Options.Clock, call.TotalLeft, cancellationToken).ConfigureAwait(false))
        {
            skewed.Response?.Dispose();
            outcome = await runner.SendAsync(call).ConfigureAwait(false);
        }

        CallTrace.End(span, call.Attempts, execution: null, outcome.Failure?.Error);
        if (outcome.Failure is { } failure)
        {
            failure.Response?.Dispose();
            return new QueryResult(failure.Error, failure.Body) { AskedToWait = failure.LaneOpensIn > TimeSpan.Zero ? TimeSpan.Zero : failure.AskedToWait };
        }

        outcome.Response!.Dispose();
        return new QueryResult(null, outcome.Body);
    }
}
