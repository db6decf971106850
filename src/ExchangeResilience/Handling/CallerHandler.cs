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

        var options = client.Settings.Current.Options;
        var endpoint = options.Venue.Endpoints.Find(request.Method, request.RequestUri!);
        return options.Mode == HandlingMode.Enforce && (endpoint.IsClaimed || endpoint.Kind == OperationKind.Cancel)
            ? HearAsync(request, endpoint, options, cancellationToken)
            : base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> HearAsync(HttpRequestMessage request, Endpoint endpoint, ExchangeErrorHandlingOptions options, CancellationToken cancellationToken)
    {
        var form = await RequestPreparation.BufferAsync(request, cancellationToken).ConfigureAwait(false);
        if (OrderNaming.Needs(endpoint, new RequestParameters(request.RequestUri!.Query, form)))
        {
            OrderNaming.Write(request, form, endpoint, options, client.State.Random);
        }

        var hearing = new Hearing(client.State.Claims) { GivenId = OrderNaming.GivenTo(request) };
        client.State.Hearing.Value = hearing;
        var heard = false;
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.Content is ByteArrayContent inMemory)
            {
                // Buffered here, it is handed to the application even if that cancels in this very moment.
                await inMemory.LoadIntoBufferAsync(int.MaxValue, CancellationToken.None).ConfigureAwait(false);
            }

            heard = !cancellationToken.IsCancellationRequested;
            return response;
        }
        catch (ExchangeErrorException)
        {
            heard = !cancellationToken.IsCancellationRequested;
            throw;
        }
        finally
        {
            hearing.End(heard);
        }
    }
}
