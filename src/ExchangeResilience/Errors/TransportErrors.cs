using System.Net.Sockets;

namespace ExchangeResilience;

/// <summary>Errors of requests that got no usable reply.</summary>
internal static class TransportErrors
{
    public static ErrorDefinition ConnectionRefused { get; } = new(0, "CONNECTION_REFUSED", ErrorCategory.Transport, ExecutionStatus.NotExecuted,
        "No connection to the exchange came about, so the request never left. Check host name, network and TLS settings; sending again is safe.");

    public static ErrorDefinition ConnectionLost { get; } = new(0, "CONNECTION_LOST", ErrorCategory.Transport, ExecutionStatus.Unknown,
        "The connection broke after the request may have left. Whether it took effect only the exchange can tell: look it up before sending again.");

    public static ErrorDefinition AttemptTimedOut { get; } = new(0, "ATTEMPT_TIMED_OUT", ErrorCategory.Transport, ExecutionStatus.Unknown,
        "No complete reply arrived within AttemptTimeout. The request may be executed, or may yet be within its receive window: look it up before sending again.");

    public static ErrorDefinition ReplyBroken { get; } = new(0, "REPLY_BROKEN", ErrorCategory.Transport, ExecutionStatus.Unknown,
        "The reply was cut off or garbled, so it proves nothing about the request. Look its effect up before sending again.");

    /// <summary>Which of them an exception of the transport means. What is not provably a failure to connect counts as sent.</summary>
    public static ErrorDefinition From(Exception exception) => exception switch
    {
        // A timeout while connecting cannot be told from one while waiting for the reply.
        OperationCanceledException or TimeoutException => AttemptTimedOut,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => ConnectionRefused,
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound } } => ConnectionRefused,
        InvalidDataException => ReplyBroken,
        _ => ConnectionLost,
    };
}
