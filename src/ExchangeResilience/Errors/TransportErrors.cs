using System.Net.Sockets;

namespace ExchangeResilience;

/// <summary>Errors of requests that got no usable reply.</summary>
internal static class TransportErrors
{
    public static ErrorDefinition ConnectionRefused { get; } = new(0, "CONNECTION_REFUSED", ErrorCategory.Transport, ExecutionStatus.NotExecuted,
        "No connection to the exchange came about, so the request never left. Check host name, network and TLS settings; sending again is safe.");

    public static ErrorDefinition ProxyRefused { get; } = new(0, "PROXY_REFUSED", ErrorCategory.Transport, ExecutionStatus.NotExecuted,
        "A proxy or gateway on the way refused to pass the request on, so it never reached the exchange. Check the proxy's address and rules; where it asks for credentials (407), " +
        "set Proxy with Credentials on the primary handler. Sending again is safe.");

    public static ErrorDefinition ConnectionLost { get; } = new(0, "CONNECTION_LOST", ErrorCategory.Transport, ExecutionStatus.Unknown,
        "The connection broke after the request may have left. Only the exchange knows whether it took effect. An order sent again under the same client order id joins the search for it; anything else: look it up before sending again.");

    public static ErrorDefinition AttemptTimedOut { get; } = new(0, "ATTEMPT_TIMED_OUT", ErrorCategory.Transport, ExecutionStatus.Unknown,
        "No complete reply arrived within AttemptTimeout. The request may be executed, or may yet be within its receive window. An order sent again under the same client order id joins the search for it; anything else: look it up before sending again.");

    public static ErrorDefinition ReplyBroken { get; } = new(0, "REPLY_BROKEN", ErrorCategory.Transport, ExecutionStatus.Unknown,
        "The reply was cut off or garbled, so it proves nothing about the request. Look its effect up before sending again.");

    /// <summary>Which of them an exception of the transport means, given what was seen of the attempt next to the wire. What is not provably a failure to connect counts as sent.</summary>
    public static ErrorDefinition From(Exception exception, Departure? departure = null)
    {
        var definition = Of(exception);
        return departure switch
        {
            { WasChallenged: true } => ProxyRefused,

            // A failure to connect that follows a first sending is the failure of a second one.
            { HasBegun: true } => definition.Execution == ExecutionStatus.Unknown ? definition : ConnectionLost,
            { IsWatched: true } => definition.Execution == ExecutionStatus.NotExecuted ? definition : ConnectionRefused,
            _ => definition,
        };
    }

    private static ErrorDefinition Of(Exception exception) => exception switch
    {
        // A timeout while connecting cannot be distinguished from one while waiting for the reply.
        OperationCanceledException or TimeoutException => AttemptTimedOut,
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => ProxyRefused,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => ConnectionRefused,
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound } } => ConnectionRefused,
        InvalidDataException => ReplyBroken,
        _ => ConnectionLost,
    };
}
