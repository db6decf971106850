namespace ExchangeResilience;

/// <summary>Runs a mutation: it is read, gets its ids, starts as a call of the application, and goes on as a batch, a claimed, an additive or an unclaimed call.</summary>
internal sealed class MutationRunner(ExchangeServices services, JournalRecovery recovery, CallRunner runner)
{
    public async Task<HttpResponseMessage> RunAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken)
    {
        var started = EntryTime.Now(services.Time);
        var form = await RequestPreparation.BufferAsync(request, endpoint, route.Settings, services.Time, cancellationToken).ConfigureAwait(false);
        var read = ApplicationCall.Current?.Message is { } before && before.IsOf(request, form, route.CanSign, endpoint) ? before : ReadAnew(request, endpoint, route, form);
        var (operation, items) = (read.Operation, read.Items);
        var parameters = RequestTarget.Of(read.Address).ParametersWith(read.Form);
        if (endpoint.ClaimsItems && items is null && parameters.TryFind(endpoint.ItemsParameter!, out _))
        {
            throw ExchangeErrorException.Refusal(LocalErrors.ToError(LocalErrors.BatchUnreadable), $"{route.Client.Name}: {endpoint.PlainOperation}");
        }

        var application = services.Claims.CallOf(read.Wishes, route.Identity, ApplicationCall.Current);
        var call = new Call(request, operation, route, cancellationToken)
        {
            Weight = endpoint.Weight,
            Started = started,
            Application = application,
            Window = route.CanSign ? null : SignedWindow.Of(parameters, route.Settings.Options.Venue.DefaultRecvWindowMs),
        };
        object? word = null;
        try
        {
            if (await OpenAsync(call).ConfigureAwait(false) is { } unopened && endpoint.TakesClaims)
            {
                throw Refused(call, unopened, mayBeAnEarlierRuns: !(items?.Items.All(static item => item.Operation.IdIsGenerated) ?? operation.IdIsGenerated));
            }

            if (application.Wishes is [{ Name.Kind: OperationKind.Cancel or OperationKind.CancelAll }, ..])
            {
                await new ClaimLifecycle(call).LearnOfPlacesAsync().ConfigureAwait(false);
            }

            var response = await RunAsync(call, items, read.Form).ConfigureAwait(false);
            word = response;
            return response;
        }
        catch (Exception thrown)
        {
            word = thrown;
            throw;
        }
        finally
        {
            call.End();
            application.LastAnswer = word;
            if (application.IsSendsOwn)
            {
                services.Claims.Exit(application, cancellationToken.IsCancellationRequested || ResponseAnnotations.IsUnknownInPart(word) ? [] : application.ToldBy(word), isAnswered: false);
            }
        }
    }

    /// <summary>A handler above us may have made an order of what was none when its call began.</summary>
    private ReadMessage ReadAnew(HttpRequestMessage request, ExchangeEndpoint endpoint, Route route, string? form)
    {
        var ids = new ClientOrderIds(request, endpoint, route.Settings, services, route.Identity, route.CanSign);
        return ids.Read(ids.Ensure(form));
    }

    private ValueTask<HttpResponseMessage> RunAsync(Call call, BatchItems? items, string? form) =>
        items is { Items.Count: > 0 } ? new(new BatchCall(call, items, form, runner).RunAsync())
            : call.Operation is { Endpoint.IsClaimed: true, TargetId: not null } ? new ClaimedCall(call, runner).RunAsync()
            : call.Operation.Kind == OperationKind.Additive ? new(new AdditiveCall(call, runner).RunAsync())
            : new(new UnclaimedCall(call, runner).RunAsync());

    /// <summary>Waits for the journal: an order as long as it may, everything else for the holds alone.</summary>
    private async ValueTask<Exception?> OpenAsync(Call call)
    {
        try
        {
            return call.Operation.Endpoint.TakesClaims
                ? await recovery.TryAsync(call.SendLeft, call.CancellationToken).ConfigureAwait(false)
                : await recovery.TryHoldsAsync(call.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw call.Cancelled(ExecutionStatus.NotExecuted, cancelled);
        }
    }

    private static ExchangeErrorException Refused(Call call, Exception unopened, bool mayBeAnEarlierRuns)
    {
        var refusal = LocalErrors.ToError(LocalErrors.NotJournalled, message: (unopened as JournalException)?.Message ?? "");
        return ExchangeErrorException.Refusal(mayBeAnEarlierRuns ? LocalErrors.MayBeAnEarlierRuns(refusal) : refusal, call.Subject, unopened);
    }
}
