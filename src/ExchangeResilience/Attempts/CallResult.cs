using System.Runtime.ExceptionServices;

namespace ExchangeResilience;

/// <summary>How a call ended: what its caller gets, and what is known about its effect.</summary>
internal readonly record struct CallResult(HttpResponseMessage? Response, Exception? Exception, ExecutionStatus Execution, ExchangeError? Error, byte[]? Body)
{
    public HttpResponseMessage Deliver()
    {
        if (Exception is not null)
        {
            ExceptionDispatchInfo.Throw(Exception);
        }

        return Response!;
    }

    /// <summary>The verdict that those who joined the call's claim are given.</summary>
    public Verdict ToVerdict(string evidence) => new(
        Execution,
        Response is null || Body is null ? null : new ReplySnapshot(Response.StatusCode, Body, Response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var media) ? media.ToString() : null),
        Error,
        evidence);
}
