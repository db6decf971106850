using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.EventStreams;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Benchmarks.Errors;

/// <summary>How AWSSDK.Core judges a reply: its JSON protocol's reader makes an exception of the body, the retry policy asks that what it is.</summary>
internal sealed class AwsChecks(int status, byte[] body)
{
    private readonly StandardRetryPolicy _policy = new(maxRetries: 3);
    private readonly ReplyData _data = new((HttpStatusCode)status, body.Length);

    public bool IsRetriable()
    {
        var error = Read();
        return _policy.IsThrottlingError(error) || _policy.IsTransientError(null, error) || _policy.IsServiceTimeoutError(error);
    }

    private AmazonServiceException Read()
    {
        using var stream = new MemoryStream(body, writable: false);
        using var context = new JsonUnmarshallerContext(stream, maintainResponseBody: false, _data, isException: true);
        try
        {
            var reader = new StreamingUtf8JsonReader(context.Stream);
            var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(context, ref reader);
            return new AmazonServiceException(error.Message, innerException: null, error.Type, error.Code, error.RequestId, _data.StatusCode);
        }
        catch (Exception unreadable) when (unreadable is not AmazonServiceException)
        {
            // What its pipeline makes of a body that is not of the protocol.
            return new AmazonServiceException(unreadable.Message, unreadable, _data.StatusCode);
        }
    }

    private sealed class ReplyData(HttpStatusCode status, int length) : IWebResponseData
    {
        public long ContentLength => length;

        public string ContentType => "application/json";

        public HttpStatusCode StatusCode => status;

        public bool IsSuccessStatusCode => false;

        public IHttpResponseBody ResponseBody => throw new NotSupportedException();

        public string[] GetHeaderNames() => [];

        public bool IsHeaderPresent(string headerName) => false;

        public string GetHeaderValue(string headerName) => "";

        public IEventStreamHeader GetEventStreamHeader(string headerName) => throw new NotSupportedException();

        public bool IsEventHeaderPresent(string headerName) => false;
    }
}
