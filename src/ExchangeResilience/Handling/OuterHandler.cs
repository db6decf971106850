namespace ExchangeResilience;

/// <summary>
/// The outermost handler, which stands for the application. It gives an order its id before any other handler sees it, so that whatever clones, hedges or repeats the message
/// sends the same order and not an equal one; and it counts which calls were told a verdict, once that has passed every handler that might send again.
/// </summary>
internal sealed class OuterHandler(ExchangeClient client) : DelegatingHandler
{
    // A handler above that sends a copy through another client does so within the call. This tells a copy's age and nothing else: a queue or a worker loop loses it.
    private static readonly AsyncLocal<ApplicationCall?> Around = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Method == HttpMethod.Get)
        {
            return base.SendAsync(request, cancellationToken);
        }

        var settings = client.Settings.Current;
        var endpoint = settings.Endpoints.Find(request.Method, request.RequestUri!);
        return settings.Options.Mode == HandlingMode.Enforce && (endpoint.TakesClaims || endpoint.Kind is OperationKind.Cancel or OperationKind.CancelAll or OperationKind.Additive or OperationKind.Setting or OperationKind.Heartbeat)
            ? CallAsync(request, endpoint, settings, cancellationToken)
            : base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> CallAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var claims = client.State.Claims;
        string? form;
        try
        {
            form = await RequestPreparation.BufferAsync(request, settings.Options.TotalTimeout, client.State.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
        {
            // What it was about is not even read, so that nothing is known of what an equal call may have sent.
            throw new ExchangeOperationCanceledException($"{request.Method} {endpoint.Path}", clientOrderId: null, ExecutionStatus.Unknown, cancelled, cancellationToken);
        }

        var account = client.IdentityOf(request);
        var naming = new OrderNaming(request, endpoint, settings, client.State, account);
        form = naming.Name(form);
        var call = Around.Value = claims.Enter(naming.WishesOf(form), account, naming.Given, Around.Value);
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
            throw new ExchangeOperationCanceledException(
                $"{request.Method} {endpoint.Path}", call.Wishes is [{ Name: { Kind: OperationKind.Place, Id: var id } }] ? id : null, thrown.Error.Execution, thrown, cancellationToken);
        }
        catch (Exception thrown)
        {
            word = thrown;
            throw;
        }
        finally
        {
            var isOurs = FinalAnswer.IsOurs(word) || call.IsAnsweredBy(word);
            var told = cancellationToken.IsCancellationRequested ? [] : call.ToldBy(word);
            if (!cancellationToken.IsCancellationRequested && word is HttpResponseMessage answer && (isOurs || answer.IsSuccessStatusCode))
            {
                claims.TellCancelled(call);
            }

            claims.Exit(call, told, isAnswered: told.Count > 0 || isOurs);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ApplicationCall call, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception thrown) when (ExchangeOperationCanceledException.Find(thrown) is { Execution: ExecutionStatus.NotExecuted } cancelled
            && (client.State.Claims.Close(call) is not [] || call.Addition is { DidNothing: false }))
        {
            throw cancelled.AsUnknown(thrown);
        }
        catch (ExchangeErrorException thrown)
        {
            if (FinalAnswer.After(thrown, client.State.Claims.Close(call), call, endpoint, request) is { } found)
            {
                return found;
            }

            throw;
        }

        return FinalAnswer.After(response, client.State.Claims.Close(call), call, endpoint, request);
    }
}
