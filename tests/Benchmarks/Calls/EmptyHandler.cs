namespace Benchmarks.Calls;

/// <summary>The least a handler can cost.</summary>
internal sealed class EmptyHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => await base.SendAsync(request, cancellationToken);
}
