using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>
/// The outermost handler, at the application's side. It gives an order its id before any other handler sees it, so that a handler that clones, hedges or repeats the message
/// sends the same order and not an equal one; and it counts which calls have a verdict, once that has passed every handler that might send again.
/// </summary>
internal sealed class OuterHandler(ExchangeClient client) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        SendMark.Take(request);
        if (request.Method == HttpMethod.Get)
        {
            return base.SendAsync(request, cancellationToken);
        }

        var settings = client.Settings.Current;
        var endpoint = settings.Endpoints.Find(request.Method, request.RequestUri!);
        return settings.Options.Mode == HandlingMode.Enforce && (endpoint.TakesClaims || endpoint.Kind is OperationKind.Cancel or OperationKind.CancelAll or OperationKind.Additive or OperationKind.Setting or OperationKind.Heartbeat or OperationKind.Unclassified)
            ? CallAsync(request, endpoint, settings, cancellationToken)
            : base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> CallAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var claims = client.Services.Claims;
        var began = client.Services.Time.GetTimestamp();
        var call = await EnterAsync(request, endpoint, settings, cancellationToken).ConfigureAwait(false);
        ApplicationCall.Current = call;
        object? word = null;
        try
        {
            word = await AnswerAsync(request, endpoint, call, cancellationToken).ConfigureAwait(false);
            var response = (HttpResponseMessage)word;
            if (response.Content is ByteArrayContent inMemory)
            {
                // Buffered here, it is handed to the application even if that cancels in this very moment.
                await inMemory.LoadIntoBufferAsync(int.MaxValue, CancellationToken.None).ConfigureAwait(false);
            }

            return response;
        }
        catch (ExchangeErrorException thrown) when (cancellationToken.IsCancellationRequested)
        {
            // HttpClient would put a cancellation of its own over it, which says nothing of the outcome.
            word = thrown;
            throw new ExchangeOperationCanceledException($"{client.Name}: {request.Method} {endpoint.Path}", IdOf(call), thrown.Error.Execution, thrown, cancellationToken);
        }
        catch (Exception thrown)
        {
            word = thrown;
            SendMark.Find(request)?.MayHaveTakenEffect = FinalAnswer.ExecutionOf(claims.Close(call), call) != ExecutionStatus.NotExecuted;
            throw;
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested && word is ExchangeOperationCanceledException { Execution: ExecutionStatus.Unknown })
            {
                client.NoteCut(client.Services.Time.GetElapsedTime(began));
            }

            var isOurs = FinalAnswer.IsOurs(word) || call.IsAnsweredBy(word);
            var told = cancellationToken.IsCancellationRequested || ResponseAnnotations.IsUnknownInPart(word) ? [] : call.ToldBy(word);
            if (!cancellationToken.IsCancellationRequested && word is HttpResponseMessage answer && (isOurs || answer.IsSuccessStatusCode))
            {
                claims.TellCancelled(call);
            }

            claims.Exit(call, told, isAnswered: told.Count > 0 || isOurs);
        }
    }

    /// <summary>Begins the call. What has content must be read first, which may take a while; it counts from now all the same.</summary>
    private async ValueTask<ApplicationCall> EnterAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var claims = client.Services.Claims;
        using var unread = request.Content is null ? null : claims.Announce();
        try
        {
            var form = await RequestPreparation.BufferAsync(request, endpoint, settings, client.Services.Time, cancellationToken).ConfigureAwait(false);
            var account = client.IdentityOf(request);
            var ids = new ClientOrderIds(request, endpoint, settings, client.Services, account, client.Signs(request));
            var read = ids.Read(ids.Ensure(form));
            var isUnreadable = read is { Items: null, Operation.Endpoint.IsBatch: true };
            var call = claims.Enter(isUnreadable ? [] : read.Wishes, account, ids.Given, ApplicationCall.Current, unread);
            call.Message = read;
            return call;
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
        {
            // What it was about is not even read, so that nothing is known of what an equal call may have sent.
            throw new ExchangeOperationCanceledException($"{client.Name}: {request.Method} {endpoint.Path}", clientOrderId: null, ExecutionStatus.Unknown, cancelled, cancellationToken);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ApplicationCall call, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown) when (ExchangeOperationCanceledException.Find(thrown) is { Execution: ExecutionStatus.NotExecuted } cancelled
            && (client.Services.Claims.Close(call) is not [] || call.Addition is { DidNothing: false }))
        {
            throw cancelled.AsUnknown(thrown);
        }
        catch (OperationCanceledException thrown) when (cancellationToken.IsCancellationRequested && ExchangeOperationCanceledException.Find(thrown) is null)
        {
            // A handler above waited, for its turn or for its next try, and knows nothing of the order.
            var execution = FinalAnswer.ExecutionOf(client.Services.Claims.Close(call), call);
            throw new ExchangeOperationCanceledException($"{client.Name}: {request.Method} {endpoint.Path}", IdOf(call), execution, thrown, cancellationToken);
        }
        catch (ExchangeErrorException thrown)
        {
            if (FinalAnswer.After(thrown, client.Services.Claims.Close(call), call, endpoint, request) is { } found)
            {
                return found;
            }

            throw;
        }

        return FinalAnswer.After(response, client.Services.Claims.Close(call), call, endpoint, request);
    }

    // An order that was signed elsewhere and has no id is identified here by a seal, which the exchange does not know.
    private static string? IdOf(ApplicationCall call) =>
        call.Wishes is [{ Name: { Kind: OperationKind.Place, Id: var id } }] && !call.Joined.Any(claim => string.Equals(claim.Operation.Seal, id, StringComparison.Ordinal)) ? id : null;
}
