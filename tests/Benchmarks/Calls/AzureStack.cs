using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Benchmarks.Calls;

/// <summary>Azure's pipeline on its defaults: three retries, its telemetry header, its diagnostics; a failed call ends in its exception's error code, made but not thrown.</summary>
internal sealed class AzureStack : IStack
{
    private static readonly Uri Address = new(FuturesClient.Host);

    private readonly HttpClient _http;
    private readonly HttpPipeline _pipeline;

    public AzureStack(InMemoryExchange exchange)
    {
        _http = new HttpClient(exchange);
        _pipeline = HttpPipelineBuilder.Build(new ExchangeOptions { Transport = new HttpClientTransport(_http) });
    }

    public async Task<int> CallAsync()
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = RequestMethod.Get;
        message.Request.Uri.Reset(Address);
        message.Request.Uri.AppendPath(FuturesClient.OrderPath, escape: false);
        message.Request.Uri.Query = FuturesClient.OrderQuery;
        await _pipeline.SendAsync(message, CancellationToken.None);
        return message.Response.IsError ? int.Parse(new RequestFailedException(message.Response, innerException: null, ExchangeErrors.Parser).ErrorCode!, CultureInfo.InvariantCulture) : 0;
    }

    public void Dispose() => _http.Dispose();

    private sealed class ExchangeOptions : ClientOptions;
}
