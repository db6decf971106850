using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>The middleware. Holds nothing of its own: the client factory recreates it every two minutes.</summary>
internal sealed class ExchangeErrorHandler : DelegatingHandler
{
    private readonly ExchangeClient _client;
    private readonly Restoration _restoration;
    private readonly ExchangeState _state;
    private readonly AttemptSender _sender;
    private readonly SendInner _send;

    public ExchangeErrorHandler(ExchangeClient client, Restoration restoration)
    {
        _client = client;
        _restoration = restoration;
        _state = client.State;
        _sender = new AttemptSender(_state);
        _send = base.SendAsync;
    }

    /// <summary>Whether an address is one that this client's requests go to, or the venue's own.</summary>
    public bool Knows(Uri uri) => _client.Knows(uri);

    /// <summary>One question of this library's own: sent once, through gate and signature, without recovery.</summary>
    public async Task<Answer> AskAsync(HttpMethod method, Uri uri, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, uri);
        if (method != HttpMethod.Get)
        {
            request.Content = new ByteArrayContent([]);
        }

        // Without its holds a restart would send into a ban; without its orders, nothing stops but orders.
        await _restoration.TryHoldsAsync(cancellationToken).ConfigureAwait(false);
        var settings = _client.Settings.Current;
        var target = RequestTarget.Of(uri);
        var endpoint = settings.Endpoints.Find(method, target);
        var call = new Call(request, endpoint.PlainOperation, _client.RouteOf(request, target, endpoint, settings), cancellationToken)
        {
            IsOwnQuestion = true,
            Weight = endpoint.WeightOf(target.Parameters),
        };
        using var span = CallTrace.Start(call.Operation, _client.Name, call.Route.Environment, isOwnQuestion: true);
        await SynchroniseAsync(call).ConfigureAwait(false);
        var outcome = await _sender.SendAsync(call, _send).ConfigureAwait(false);
        if (outcome.Failure is { Error.Category: ErrorCategory.ClockSkew, AskedToWait.Ticks: 0 } skewed
            && await _client.TryHealAsync(call.Route, skewed, call.Options.Clock, call.TotalLeft, cancellationToken).ConfigureAwait(false))
        {
            skewed.Response?.Dispose();
            outcome = await _sender.SendAsync(call, _send).ConfigureAwait(false);
        }

        CallTrace.End(span, call.Attempts, execution: null, outcome.Failure?.Error);
        if (outcome.Failure is { } failure)
        {
            failure.Response?.Dispose();
            return new Answer(failure.Error, failure.Body) { AskedToWait = failure.LaneOpensIn > TimeSpan.Zero ? TimeSpan.Zero : failure.AskedToWait };
        }

        outcome.Response!.Dispose();
        return new Answer(null, outcome.Body);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Exchange error handling waits without blocking a thread; use the asynchronous methods of HttpClient.");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var settings = _client.Settings.Current;
        var target = RequestTarget.Of(request.RequestUri!);
        var endpoint = settings.Endpoints.Find(request.Method, target);
        var route = _client.RouteOf(request, target, endpoint, settings);
        return CallTrace.IsHeard || route.IsForOneCall
            ? TraceAsync(request, target, endpoint, route, cancellationToken)
            : HandleAsync(request, target, endpoint, route, cancellationToken);
    }

    private Task<HttpResponseMessage> HandleAsync(HttpRequestMessage request, in RequestTarget target, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken) =>
        route.Settings.Options.Mode == HandlingMode.Observe ? ObserveAsync(request, endpoint, route, cancellationToken)
        : endpoint.IsMutation ? MutateAsync(request, endpoint, route, cancellationToken)
        : QueryAsync(new Call(request, endpoint.PlainOperation, route, cancellationToken) { Weight = endpoint.WeightOf(target.Parameters) }).AsTask();

    private async Task<HttpResponseMessage> TraceAsync(HttpRequestMessage request, RequestTarget target, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken)
    {
        using var span = CallTrace.Start(endpoint.PlainOperation, _client.Name, route.Environment, isOwnQuestion: false);
        try
        {
            var response = await HandleAsync(request, target, endpoint, route, cancellationToken).ConfigureAwait(false);
            var told = ResponseAnnotations.Find(response);
            var execution = told?.Report?.Execution ?? told?.Error?.Execution ?? ExecutionStatus.Executed;
            CallTrace.End(span, told?.Report?.Attempts ?? 1, endpoint.IsMutation ? execution : null, told?.Error);
            return response;
        }
        catch (ExchangeErrorException failure)
        {
            CallTrace.End(span, failure.Report?.Attempts ?? 0, endpoint.IsMutation ? failure.Error.Execution : null, failure.Error);
            throw;
        }
        catch (Exception failure)
        {
            CallTrace.Fail(span, failure);
            throw;
        }
        finally
        {
            route.Leave();
        }
    }

    /// <summary>Once, at once, as it is: what stands in the content is not looked at.</summary>
    private async Task<HttpResponseMessage> ObserveAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken)
    {
        var operation = endpoint.IsMutation ? OperationReader.Read(endpoint, new RequestParameters(request.RequestUri!.Query, body: null)) : endpoint.PlainOperation;
        var call = new Call(request, operation, route, cancellationToken) { Weight = endpoint.Weight };
        return (await RunAsync(call).ConfigureAwait(false)).Deliver();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> QueryAsync(Call call)
    {
        await _restoration.TryHoldsAsync(call.CancellationToken).ConfigureAwait(false);
        await SynchroniseAsync(call).ConfigureAwait(false);
        AskLimitsOnce(call);
        var outcome = await _sender.SendAsync(call, _send).ConfigureAwait(false);
        if (outcome is { Failure: null, Body: null })
        {
            return outcome.Response!;
        }

        var result = await FinishAsync(call, outcome).ConfigureAwait(false);
        if (result is { Body: { } shown, Error: null })
        {
            _state.Reconciler.Offer(_client.IdentityOf(call.Request), shown, call.Options.Reconciliation);
        }

        return result.Deliver();
    }

    private async Task<HttpResponseMessage> MutateAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken)
    {
        var started = _state.Time.GetTimestamp();
        var form = await RequestPreparation.BufferAsync(request, route.Settings.Options.TotalTimeout, _state.Time, cancellationToken).ConfigureAwait(false);

        // A handler above us may have made an order of what was none when it entered.
        var naming = new OrderNaming(request, endpoint, route.Settings, _state, route.Identity);
        form = naming.Name(form);
        var parameters = new RequestParameters(request.RequestUri!.Query, form);
        var items = naming.ItemsOf(parameters);
        if (endpoint.ClaimsItems && items is null && parameters.TryFind(endpoint.ItemsParameter!, out _))
        {
            throw Refused(LocalErrors.BatchUnreadable, cause: null);
        }

        var isGenerated = endpoint.ClientIdParameter is { } name && naming.IsGenerated(parameters[name]);
        var operation = OperationReader.Read(endpoint, parameters, isGenerated, items);
        var application = _state.Claims.CallOf(items is null ? [Wish.Of(operation)] : [.. items.Items.Select(static item => Wish.Of(item.Operation)).Distinct()], route.Identity);
        var call = new Call(request, operation, route, cancellationToken) { Weight = endpoint.Weight, Started = started, Application = application };
        object? word = null;
        try
        {
            if (await OpenAsync(call).ConfigureAwait(false) is { } unopened && endpoint.TakesClaims)
            {
                throw Refused(LocalErrors.NotJournalled, unopened, mayBeAnEarlierRuns: !(items?.Items.All(static item => item.Operation.IdIsGenerated) ?? isGenerated));
            }

            var response = await MutateAsync(call, items, form).ConfigureAwait(false);
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
            if (application.IsSendsOwn)
            {
                _state.Claims.Exit(application, cancellationToken.IsCancellationRequested ? [] : application.ToldBy(word), isAnswered: false);
            }
        }
    }

    private async Task<HttpResponseMessage> MutateAsync(Call call, BatchItems? items, string? form)
    {
        if (call.Application.Wishes is [{ Name.Kind: OperationKind.Cancel or OperationKind.CancelAll }, ..])
        {
            await new ClaimKeeping(call).LearnOfPlacesAsync().ConfigureAwait(false);
        }

        var answer = items is { Items.Count: > 0 } ? new BatchCall(call, items, form, this).RunAsync()
            : call.Operation is { Endpoint.IsClaimed: true, TargetId: not null } ? new ClaimedCall(call, this).RunAsync()
            : call.Operation.Kind == OperationKind.Additive ? new AdditiveCall(call, this).RunAsync()
            : RunUnclaimedAsync(call);
        return await answer.ConfigureAwait(false);
    }

    /// <summary>Waits for the journal: an order as long as it may, everything else for the holds alone.</summary>
    private async ValueTask<Exception?> OpenAsync(Call call)
    {
        try
        {
            return call.Operation.Endpoint.TakesClaims
                ? await _restoration.TryAsync(call.SendLeft, call.CancellationToken).ConfigureAwait(false)
                : await _restoration.TryHoldsAsync(call.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw Cancelled(call, ExecutionStatus.NotExecuted, cancelled);
        }
    }

    private static ExchangeErrorException Refused(ErrorDefinition definition, Exception? cause, bool mayBeAnEarlierRuns = false)
    {
        var refusal = mayBeAnEarlierRuns ? LocalErrors.MayBeAnEarlierRuns(LocalErrors.ToError(definition)) : LocalErrors.ToError(definition);
        return new ExchangeErrorException(ExchangeErrorException.Describe(refusal), refusal, report: null, cause);
    }

    /// <summary>First attempt as plain code; recovery only if it fails.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<CallResult> RunAsync(Call call)
    {
        await SynchroniseAsync(call).ConfigureAwait(false);
        AskLimitsOnce(call);
        return await FinishAsync(call, await _sender.SendAsync(call, _send).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private void AskLimitsOnce(Call call)
    {
        if (call.Options.Mode == HandlingMode.Enforce && call.Route.Limits.ShouldAsk())
        {
            _ = AskLimitsAsync(call);
        }
    }

    private ValueTask<CallResult> FinishAsync(Call call, in AttemptOutcome outcome) => outcome.Failure is null
        ? new ValueTask<CallResult>(new CallResult(outcome.Response, null, ExecutionStatus.Executed, null, outcome.Body))
        : new Recovery(call, _sender, _send).RunAsync(outcome);

    private async Task<HttpResponseMessage> RunUnclaimedAsync(Call call)
    {
        var cancels = new CancelResolver(call);
        try
        {
            var result = await RunAsync(call).ConfigureAwait(false);
            await cancels.FollowAsync(result).ConfigureAwait(false);
            var response = result.Deliver();
            call.Application.Answer(response);
            return response;
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            if (call is { MayHaveWorked: true, Operation.Kind: OperationKind.CancelAll })
            {
                await cancels.KeepAsync(call.Application.UnderWay).ConfigureAwait(false);
            }

            if (!call.MayHaveWorked && !call.IsUnresolved)
            {
                throw Cancelled(call, ExecutionStatus.NotExecuted, cancelled);
            }

            call.NoteUnresolved();
            throw Cancelled(call, ExecutionStatus.Unknown, cancelled);
        }
    }

    internal static ExchangeOperationCanceledException Cancelled(Call call, ExecutionStatus execution, Exception? inner) =>
        new(call.Operation.ToString(), call.Operation.ClientOrderId, execution, inner, call.CancellationToken);

    // The first signed call waits for one sample, but leaves itself time to be sent without; later measurements run beside the calls.
    private ValueTask SynchroniseAsync(Call call)
    {
        var clock = call.Route.Clock;
        var isSigned = call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signature;
        if (call.Options.Mode == HandlingMode.Observe || !(clock.IsContradicted || (isSigned && clock.NeedsSync(call.Options.Clock.ResyncInterval))))
        {
            return ValueTask.CompletedTask;
        }

        if (clock.IsSynchronised)
        {
            _ = _client.RefineClockAsync(call.Route, call.Options.Clock);
            return ValueTask.CompletedTask;
        }

        return clock.HasFailedLately
            ? ValueTask.CompletedTask
            : new ValueTask(_client.TrySynchroniseAsync(call.Route, clock.Generation, call.Options.Clock, call.SendLeft / 2, call.CancellationToken));
    }

    private async Task AskLimitsAsync(Call call)
    {
        try
        {
            var answer = await _state.Channel.AskAsync(_client.Name, HttpMethod.Get, new Uri(call.Route.Host, call.Options.Venue.LimitsPath), CancellationToken.None).ConfigureAwait(false);
            if (answer.Error is null && call.Route.Limits.Read(answer.Body.Span))
            {
                return;
            }

            call.Route.Limits.AskAgainLater();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.LimitsNotAsked(_state.Logger, call.Route.Environment, error.Message);
            call.Route.Limits.AskAgainLater();
        }
    }
}
