namespace ExchangeResilience;

/// <summary>The middleware. Holds nothing of its own: the client factory recreates it every two minutes.</summary>
internal sealed class ExchangeErrorHandler : DelegatingHandler
{
    private readonly ExchangeClient _client;
    private readonly ExchangeState _state;
    private readonly AttemptSender _sender;
    private readonly SendInner _send;

    public ExchangeErrorHandler(ExchangeClient client)
    {
        _client = client;
        _state = client.State;
        _sender = new AttemptSender(_state);
        _send = base.SendAsync;
    }

    /// <summary>One question of this library's own: sent once, through gate and signature, without recovery.</summary>
    public async Task<Answer> AskAsync(HttpMethod method, Uri uri, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, uri);
        if (method != HttpMethod.Get)
        {
            request.Content = new ByteArrayContent([]);
        }

        var settings = _client.Settings.Current;
        var endpoint = settings.Options.Venue.Endpoints.Find(method, uri);
        var call = new Call(_client, request, endpoint.PlainOperation, settings, _client.RouteOf(request, settings), cancellationToken) { IsOwnQuestion = true };
        var outcome = await _sender.SendAsync(call, _send).ConfigureAwait(false);
        if (outcome.Failure is { } failure)
        {
            failure.Response?.Dispose();
            return new Answer(failure.Error, failure.Body);
        }

        using var response = outcome.Response!;
        try
        {
            var body = outcome.Body ?? (await BoundedBody.ReadAsync(response.Content, BoundedBody.ReplyLimit, cancellationToken).ConfigureAwait(false)).Bytes;
            return new Answer(null, body);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            return new Answer(LocalErrors.ToError(TransportErrors.From(error)), default);
        }
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Exchange error handling waits without blocking a thread; use the asynchronous methods of HttpClient.");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var settings = _client.Settings.Current;
        var endpoint = settings.Options.Venue.Endpoints.Find(request.Method, request.RequestUri!);
        return settings.Options.Mode == HandlingMode.Observe ? ObserveAsync(request, endpoint, settings, cancellationToken)
            : endpoint.IsMutation ? MutateAsync(request, endpoint, settings, cancellationToken)
            : QueryAsync(request, endpoint, settings, cancellationToken);
    }

    /// <summary>Once, at once, as it is: what stands in the content is not looked at.</summary>
    private async Task<HttpResponseMessage> ObserveAsync(HttpRequestMessage request, Endpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var operation = endpoint.IsMutation ? OperationReader.Read(endpoint, new RequestParameters(request.RequestUri!.Query, body: null)) : endpoint.PlainOperation;
        var call = new Call(_client, request, operation, settings, _client.RouteOf(request, settings), cancellationToken);
        return (await RunAsync(call).ConfigureAwait(false)).Deliver();
    }

    private async Task<HttpResponseMessage> QueryAsync(HttpRequestMessage request, Endpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var call = new Call(_client, request, endpoint.PlainOperation, settings, _client.RouteOf(request, settings), cancellationToken);
        var result = await RunAsync(call).ConfigureAwait(false);
        if (_state.Claims.InDoubtCount > 0 && result.Response is { IsSuccessStatusCode: true } response)
        {
            await OfferEvidenceAsync(call, response).ConfigureAwait(false);
        }

        return result.Deliver();
    }

    private async Task<HttpResponseMessage> MutateAsync(HttpRequestMessage request, Endpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var form = await RequestPreparation.BufferAsync(request, cancellationToken).ConfigureAwait(false);
        var parameters = new RequestParameters(request.RequestUri!.Query, form);
        if (OrderNaming.Needs(endpoint, parameters))
        {
            // A handler above us made an order of what was none when it entered.
            form = OrderNaming.Write(request, form, endpoint, settings.Options, _state.Random);
            parameters = new RequestParameters(request.RequestUri!.Query, form);
        }

        var operation = OperationReader.Read(endpoint, parameters, OrderNaming.IsGenerated(request, endpoint, parameters));
        var call = new Call(_client, request, operation, settings, _client.RouteOf(request, settings), cancellationToken);
        return operation is { Endpoint.IsClaimed: true, TargetId: not null }
            ? await new ClaimedCall(call, this).RunAsync().ConfigureAwait(false)
            : await RunUnclaimedAsync(call).ConfigureAwait(false);
    }

    /// <summary>First attempt as plain code; recovery only if it fails.</summary>
    internal async ValueTask<CallResult> RunAsync(Call call)
    {
        if (call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signed && call.Route.Clock.NeedsSync(call.Options.Clock.ResyncInterval))
        {
            await SynchroniseAsync(call).ConfigureAwait(false);
        }

        if (call.Options.Mode == HandlingMode.Enforce && call.Route.Limits.ShouldAsk())
        {
            _ = AskLimitsAsync(call);
        }

        var outcome = await _sender.SendAsync(call, _send).ConfigureAwait(false);
        return outcome.Failure is null
            ? new CallResult(outcome.Response, null, ExecutionStatus.Executed, null, outcome.Body)
            : await new Recovery(call, _sender, _send).RunAsync(outcome).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> RunUnclaimedAsync(Call call)
    {
        try
        {
            return (await RunAsync(call).ConfigureAwait(false)).Deliver();
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            throw Cancelled(call, call.MayHaveLeft ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted, cancelled);
        }
    }

    internal static ExchangeOperationCanceledException Cancelled(Call call, ExecutionStatus execution, Exception? inner) => new(
        execution == ExecutionStatus.NotExecuted
            ? $"{call.Operation} was cancelled before it was sent."
            : $"{call.Operation} was cancelled after it may have been sent; its outcome is unknown.",
        call.Operation.ClientOrderId, execution, inner, call.CancellationToken);

    // The first signed call waits for one sample; later measurements run beside the calls.
    private async ValueTask SynchroniseAsync(Call call)
    {
        if (call.Route.Clock.IsSynchronised || call.Options.Mode == HandlingMode.Observe)
        {
            _ = _client.RefineClockAsync(call.Route, call.Options.Clock);
            return;
        }

        try
        {
            await _client.SynchroniseAsync(call.Route, call.Route.Clock.Generation, call.CancellationToken)
                .WaitAsync(call.SendLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            _ = _client.RefineClockAsync(call.Route, call.Options.Clock);
        }
        catch (Exception error) when (error is TimeoutException or ClockNotMeasuredException or ClockSampleRefusedException)
        {
            Log.ClockNotMeasured(_state.Logger, call.Route.Environment, error.Message);
        }
    }

    private async Task AskLimitsAsync(Call call)
    {
        var answer = await _state.Channel.AskAsync(_client.Name, HttpMethod.Get, new Uri(call.Route.Host, call.Options.Venue.LimitsPath), CancellationToken.None).ConfigureAwait(false);
        if (answer.Error is null)
        {
            call.Route.Limits.Read(answer.Body.Span);
        }
    }

    /// <summary>The application's own look at an order in doubt is evidence like ours.</summary>
    private async ValueTask OfferEvidenceAsync(Call call, HttpResponseMessage response)
    {
        var endpoint = call.Operation.Endpoint;
        if (!string.Equals(endpoint.Path, call.Options.Venue.OrderPath, StringComparison.Ordinal))
        {
            return;
        }

        var parameters = new RequestParameters(call.Request.RequestUri!.Query, null);
        var key = new ClaimKey(call.Route.Environment, call.Route.Account, parameters["symbol"] ?? "", OperationKind.Place, parameters[endpoint.ClientIdParameter!] ?? "");
        if (_state.Claims.Find(key) is not { State: ClaimState.InDoubt } claim)
        {
            return;
        }

        var (body, isWhole) = await BoundedBody.ReadAsync(response.Content, BoundedBody.ReplyLimit, call.CancellationToken).ConfigureAwait(false);
        BoundedBody.Replace(response, body);
        if (isWhole && OrderEvidence.Read(body) is { } order)
        {
            _state.Reconciler.Offer(claim, order, call.Options.Reconciliation);
        }
    }
}
