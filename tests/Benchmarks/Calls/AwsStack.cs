using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;
using Endpoint = Amazon.Runtime.Endpoints.Endpoint;

namespace Benchmarks.Calls;

/// <summary>The runtime pipeline of AWS on its defaults, retries and metrics included, around a service that needs no signature; a failed call ends in its exception, which it always throws.</summary>
internal sealed class AwsStack : IStack
{
    private readonly ExchangeService _service;

    public AwsStack(InMemoryExchange exchange) => _service = new ExchangeService(new ExchangeConfig
    {
        ServiceURL = FuturesClient.Host,
        AuthenticationRegion = "us-east-1",
        HttpClientFactory = new OneClient(exchange),
        IgnoreConfiguredEndpointUrls = true,
        RetryMode = RequestRetryMode.Standard,
        MaxErrorRetry = 3,
    });

    public async Task<int> CallAsync()
    {
        try
        {
            await _service.GetOrderAsync();
            return 0;
        }
        catch (AmazonServiceException error)
        {
            return int.Parse(error.ErrorCode, CultureInfo.InvariantCulture);
        }
    }

    public void Dispose() => _service.Dispose();
}

/// <summary>A service client as AWS generates them.</summary>
internal sealed class ExchangeService(ExchangeConfig config) : AmazonServiceClient(new AnonymousAWSCredentials(), config)
{
    private static readonly InvokeOptions Options = new() { RequestMarshaller = new OrderMarshaller(), ResponseUnmarshaller = new OrderUnmarshaller() };

    public Task<OrderResponse> GetOrderAsync() => InvokeAsync<OrderResponse>(new OrderRequest(), Options, CancellationToken.None);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.AddHandlerAfter<Marshaller>(new HostResolver());
        pipeline.AddHandlerAfter<RetryHandler>(new NoSignature());
    }
}

internal sealed class ExchangeConfig() : ClientConfig(new Defaults())
{
    public override string ServiceVersion => "1";

    public override string UserAgent => "benchmarks";

    public override string RegionEndpointServiceName => "exchange";

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => new(ServiceURL);

    private sealed class Defaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(Amazon.RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard };
    }
}

internal sealed class OneClient(HttpMessageHandler exchange) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(exchange, disposeHandler: false);
}

internal sealed class OrderRequest : AmazonWebServiceRequest;

internal sealed class OrderResponse : AmazonWebServiceResponse;

internal sealed class HostResolver : PipelineHandler
{
    private static readonly Uri Host = new(FuturesClient.Host);

    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        executionContext.RequestContext.Request.Endpoint = Host;
        return base.InvokeAsync<T>(executionContext);
    }
}

internal sealed class NoSignature : PipelineHandler
{
    private static readonly NullSigner Signer = new();

    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        executionContext.RequestContext.Signer = Signer;
        return base.InvokeAsync<T>(executionContext);
    }
}

internal sealed class OrderMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var request = new DefaultRequest(input, "exchange") { HttpMethod = "GET", ResourcePath = FuturesClient.OrderPath, UseQueryString = true };
        request.Parameters.Add("symbol", "BTCUSDT");
        request.Parameters.Add("orderId", "22542179");
        return request;
    }
}

internal sealed class OrderUnmarshaller : JsonResponseUnmarshaller
{
    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input) => new OrderResponse();

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(input.Stream);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
    }
}
