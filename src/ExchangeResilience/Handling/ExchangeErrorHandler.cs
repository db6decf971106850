using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>The middleware. Holds nothing of its own: the client factory recreates it every two minutes.</summary>
internal sealed class ExchangeErrorHandler : DelegatingHandler
{
    private readonly ExchangeClient _client;
    private readonly JournalRecovery _recovery;
    private readonly CallRunner _runner;
    private readonly OwnQuestionSender _questions;
    private readonly MutationRunner _mutations;

    public ExchangeErrorHandler(ExchangeClient client, JournalRecovery recovery)
    {
        _client = client;
        _recovery = recovery;
        _runner = new CallRunner(client, base.SendAsync);
        _questions = new OwnQuestionSender(client, recovery, _runner);
        _mutations = new MutationRunner(client.Services, recovery, _runner);
    }

    public bool Knows(Uri uri) => _client.TradesOn(uri);

    /// <summary>How long a look-up may take, its wait at the gate included. It ends by itself before that, unless a handler below ignores its token.</summary>
    public TimeSpan LongestQuestion => _client.Settings.Current.Options.TotalTimeout + _client.Settings.Current.Options.AttemptTimeout;

    /// <inheritdoc cref="OwnQuestionSender"/>
    public Task<QueryResult> AskAsync(HttpRequestMessage question, SigningCredentials? signedWith, CancellationToken cancellationToken) => _questions.AskAsync(question, signedWith, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Exchange error handling waits without blocking a thread; use the asynchronous methods of HttpClient.");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var settings = _client.Settings.Current;
        var target = RequestTarget.Of(request.RequestUri!);
        var endpoint = settings.Endpoints.Find(request.Method, target);
        var route = _client.RouteOf(request, target, endpoint, settings);
        if (RequestOverrides.SettingsOf(request, settings) is var own && !ReferenceEquals(own, settings))
        {
            route = route with { Settings = own };
        }

        if (_client.Credentials is { } credentials && !route.MayHaveKey && ((route.CanSign && endpoint.Security != EndpointSecurity.Public) || credentials.IsIn(request)))
        {
            return Refuse(endpoint, LocalErrors.ToError(LocalErrors.KeyNotForHost, message: route.Host.GetLeftPart(UriPartial.Authority)));
        }

        if (request.Content is { } content && !endpoint.IsMutation && route.CanSign && endpoint.Security == EndpointSecurity.Signature && content.Headers.ContentLength != 0)
        {
            return Refuse(endpoint, LocalErrors.ToError(LocalErrors.QueryWithBody));
        }

        return CallTrace.IsHeard || route.IsForOneCall
            ? TraceAsync(request, target, endpoint, route, cancellationToken)
            : HandleAsync(request, target, endpoint, route, cancellationToken);
    }

    private Task<HttpResponseMessage> Refuse(ExchangeEndpoint endpoint, ExchangeError refusal) =>
        Task.FromException<HttpResponseMessage>(ExchangeErrorException.Refusal(refusal, $"{_client.Name}: {endpoint.PlainOperation}"));

    private Task<HttpResponseMessage> HandleAsync(HttpRequestMessage request, in RequestTarget target, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken) =>
        route.Settings.Options.Mode == HandlingMode.Observe ? ObserveAsync(request, endpoint, route, cancellationToken)
        : endpoint.IsMutation ? _mutations.RunAsync(request, endpoint, route, cancellationToken)
        : QueryAsync(new Call(request, endpoint.PlainOperation, route, cancellationToken)
        {
            Started = EntryTime.OfQuery(_client.Services.Time),
            Weight = endpoint.WeightOf(target.Parameters),
            Window = route.CanSign || endpoint.Security != EndpointSecurity.Signature ? null : SignedWindow.Of(target.Parameters, route.Settings.Options.Venue.DefaultRecvWindowMs),
        }).AsTask();

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

    /// <summary>Once, at once, unchanged: the content is not read.</summary>
    private async Task<HttpResponseMessage> ObserveAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, Route route, CancellationToken cancellationToken)
    {
        var operation = endpoint.IsMutation ? OperationReader.Read(endpoint, new RequestParameters(request.RequestUri!.Query, body: null)) : endpoint.PlainOperation;
        var call = new Call(request, operation, route, cancellationToken) { Weight = endpoint.Weight, Started = EntryTime.Now(_client.Services.Time) };
        return (await _runner.RunAsync(call).ConfigureAwait(false)).Deliver();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> QueryAsync(Call call)
    {
        await _recovery.TryHoldsAsync(call.CancellationToken).ConfigureAwait(false);
        await _runner.SynchroniseAsync(call).ConfigureAwait(false);
        _runner.AskLimitsOnce(call);
        var outcome = await _runner.SendAsync(call).ConfigureAwait(false);
        if (outcome is { Failure: null, Body: null })
        {
            return outcome.Response!;
        }

        var result = await _runner.FinishAsync(call, outcome).ConfigureAwait(false);
        if (result is { Body: { } shown, Error: null })
        {
            _client.Services.Reconciler.Offer(_client.IdentityOf(call.Request), shown, call.Options.Reconciliation);
        }

        return result.Deliver();
    }
}
