namespace ExchangeResilience.Fleet.Worker;

/// <summary>Stands between journal and signature: an order that has been written down waits here until somebody says so.</summary>
internal sealed class Turnstile : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post)
        {
            Voice.Say("written");
            await Console.In.ReadLineAsync(CancellationToken.None);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
