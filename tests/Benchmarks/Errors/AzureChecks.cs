using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Benchmarks.Calls;

namespace Benchmarks.Errors;

/// <summary>How Azure.Core judges a reply: whether to try again by its status alone, and its code by way of the exception.</summary>
internal sealed class AzureChecks : IDisposable
{
    private readonly HttpClient _http;
    private readonly HttpMessage _message;

    private AzureChecks(HttpClient http, HttpMessage message)
    {
        _http = http;
        _message = message;
    }

    public static async Task<AzureChecks> OfAsync(int status, byte[] body)
    {
        var http = new HttpClient(new OneReply((HttpStatusCode)status, body));
        var options = new NoRetries { Transport = new HttpClientTransport(http) };
        options.Retry.MaxRetries = 0;
        var pipeline = HttpPipelineBuilder.Build(options);
        var message = pipeline.CreateMessage();
        message.Request.Method = RequestMethod.Get;
        message.Request.Uri.Reset(new Uri(FuturesClient.Host));
        await pipeline.SendAsync(message, CancellationToken.None);
        return new AzureChecks(http, message);
    }

    public bool IsRetriable() => _message.ResponseClassifier.IsErrorResponse(_message) && _message.ResponseClassifier.IsRetriableResponse(_message);

    public string? ErrorCode() => new RequestFailedException(_message.Response, innerException: null, ExchangeErrors.Parser).ErrorCode;

    public void Dispose()
    {
        _message.Dispose();
        _http.Dispose();
    }

    private sealed class NoRetries : ClientOptions;

    private sealed class OneReply(HttpStatusCode status, byte[] body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new ByteArrayContent(body) });
    }
}
