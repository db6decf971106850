namespace ExchangeResilience;

/// <summary>
/// The outermost handler, which stands for the application. It names an order before any other handler sees it, so that whoever clones, hedges or repeats the
/// message sends the same order and not an equal one; and a verdict counts as heard only here, when it has passed everybody who might send again.
/// </summary>
internal sealed class CallerHandler(ExchangeClient client) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Method == HttpMethod.Get)
        {
            return base.SendAsync(request, cancellationToken);
        }

        var settings = client.Settings.Current;
        var endpoint = settings.Endpoints.Find(request.Method, request.RequestUri!);
        return settings.Options.Mode == HandlingMode.Enforce && (endpoint.TakesClaims || endpoint.Kind == OperationKind.Cancel)
            ? HearAsync(request, endpoint, settings, cancellationToken)
            : base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> HearAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        var form = await RequestPreparation.BufferAsync(request, cancellationToken).ConfigureAwait(false);
        OrderNaming.Name(request, form, endpoint, settings, client.State.Random);
        var hearing = new Hearing(client.State.Claims) { GivenIds = OrderNaming.GivenTo(request) };
        client.State.Hearing.Value = hearing;
        var heard = false;
        try
        {
            var response = await TellAsync(request, endpoint, hearing, cancellationToken).ConfigureAwait(false);
            if (response.Content is ByteArrayContent inMemory)
            {
                // Buffered here, it is handed to the application even if that cancels in this very moment.
                await inMemory.LoadIntoBufferAsync(int.MaxValue, CancellationToken.None).ConfigureAwait(false);
            }

            // A doubt, or an answer of somebody above the middleware, is not the verdict.
            heard = LastWord.ExecutionOf(response) != ExecutionStatus.Unknown && !cancellationToken.IsCancellationRequested;
            return response;
        }
        catch (ExchangeErrorException thrown)
        {
            heard = thrown.Error.Execution != ExecutionStatus.Unknown && !cancellationToken.IsCancellationRequested;
            throw;
        }
        finally
        {
            hearing.End(heard);
        }
    }

    private async Task<HttpResponseMessage> TellAsync(HttpRequestMessage request, ExchangeEndpoint endpoint, Hearing hearing, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ExchangeErrorException thrown)
        {
            if (hearing.Close() is { } left && LastWord.After(thrown, left, endpoint, request) is { } found)
            {
                return found;
            }

            throw;
        }

        return hearing.Close() is { } standing ? LastWord.After(response, standing, endpoint, request) : response;
    }
}
