using System.Net;

namespace ExchangeResilience;

/// <summary>A reply kept so that it can be handed out more than once.</summary>
internal sealed record ReplySnapshot(HttpStatusCode Status, byte[] Body, string? MediaType)
{
    public HttpResponseMessage ToResponse(HttpRequestMessage request)
    {
        var content = new ByteArrayContent(Body);
        if (MediaType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", MediaType);
        }

        return new HttpResponseMessage(Status) { Content = content, RequestMessage = request };
    }
}

/// <summary>How a claimed request ended. <paramref name="Reply"/> is null where the exchange never gave one, <paramref name="Error"/> where it was executed.</summary>
internal sealed record Verdict(ExecutionStatus Execution, ReplySnapshot? Reply, ExchangeError? Error, string Evidence);
