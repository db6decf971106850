using System.Net.Sockets;
using System.Security.Authentication;

namespace ExchangeResilience.Tests.Errors;

public sealed class TransportErrorsTests
{
    public static TheoryData<Exception, string, ExecutionStatus> Cases => new()
    {
        { new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)), "CONNECTION_REFUSED", ExecutionStatus.NotExecuted },
        { new HttpRequestException(HttpRequestError.Unknown, "x", new SocketException((int)SocketError.HostNotFound)), "CONNECTION_REFUSED", ExecutionStatus.NotExecuted },
        { new HttpRequestException(HttpRequestError.NameResolutionError, "x"), "CONNECTION_REFUSED", ExecutionStatus.NotExecuted },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new AuthenticationException()), "CONNECTION_REFUSED", ExecutionStatus.NotExecuted },
        { new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.TimedOut)), "CONNECTION_REFUSED", ExecutionStatus.NotExecuted },
        { new HttpRequestException(HttpRequestError.ProxyTunnelError, "x"), "PROXY_REFUSED", ExecutionStatus.NotExecuted },
        { new HttpRequestException(HttpRequestError.ResponseEnded, "x"), "CONNECTION_LOST", ExecutionStatus.Unknown },
        { new HttpRequestException("x", new IOException("x", new SocketException((int)SocketError.ConnectionReset))), "CONNECTION_LOST", ExecutionStatus.Unknown },
        { new HttpRequestException("x"), "CONNECTION_LOST", ExecutionStatus.Unknown },
        { new SocketException((int)SocketError.NotConnected), "CONNECTION_LOST", ExecutionStatus.Unknown },
        { new IOException("x"), "CONNECTION_LOST", ExecutionStatus.Unknown },
        { new InvalidDataException("x"), "REPLY_BROKEN", ExecutionStatus.Unknown },
        { new InvalidOperationException("x"), "CONNECTION_LOST", ExecutionStatus.Unknown },
        { new TaskCanceledException("x", new TimeoutException()), "ATTEMPT_TIMED_OUT", ExecutionStatus.Unknown },
        { new OperationCanceledException(), "ATTEMPT_TIMED_OUT", ExecutionStatus.Unknown },
        { new TimeoutException(), "ATTEMPT_TIMED_OUT", ExecutionStatus.Unknown },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Only_a_connection_that_never_was_proves_that_nothing_left(Exception exception, string name, ExecutionStatus execution)
    {
        var definition = TransportErrors.From(exception);

        definition.Name.ShouldBe(name);
        definition.Execution.ShouldBe(execution);
        definition.Category.ShouldBe(ErrorCategory.Transport);
        definition.Code.ShouldBe(0);
    }

    [Theory]
    [InlineData(true, false, false, "CONNECTION_REFUSED CONNECTION_REFUSED CONNECTION_REFUSED")]
    [InlineData(true, true, false, "CONNECTION_LOST CONNECTION_LOST ATTEMPT_TIMED_OUT")]
    [InlineData(true, true, true, "PROXY_REFUSED PROXY_REFUSED PROXY_REFUSED")]
    [InlineData(false, false, false, "CONNECTION_REFUSED CONNECTION_LOST ATTEMPT_TIMED_OUT")]
    [InlineData(false, true, false, "CONNECTION_LOST CONNECTION_LOST ATTEMPT_TIMED_OUT")]
    public void What_was_seen_next_to_the_wire_counts_more_than_what_an_error_says(bool isWatched, bool hasBegun, bool wasChallenged, string expected)
    {
        var departure = new Departure { IsWatched = isWatched, HasBegun = hasBegun, WasChallenged = wasChallenged };
        Exception[] errors = [new HttpRequestException(HttpRequestError.ConnectionError, "x"), new IOException("x"), new OperationCanceledException()];

        string.Join(' ', errors.Select(error => TransportErrors.From(error, departure).Name)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(nameof(TransportErrors.ConnectionRefused), "CONNECTION_REFUSED", ExecutionStatus.NotExecuted, "sending again is safe")]
    [InlineData(nameof(TransportErrors.ProxyRefused), "PROXY_REFUSED", ExecutionStatus.NotExecuted, "Proxy with Credentials")]
    [InlineData(nameof(TransportErrors.ConnectionLost), "CONNECTION_LOST", ExecutionStatus.Unknown, "look it up before sending again")]
    [InlineData(nameof(TransportErrors.AttemptTimedOut), "ATTEMPT_TIMED_OUT", ExecutionStatus.Unknown, "look it up before sending again")]
    [InlineData(nameof(TransportErrors.ReplyBroken), "REPLY_BROKEN", ExecutionStatus.Unknown, "before sending again")]
    public void The_advice_says_whether_sending_again_is_safe(string property, string name, ExecutionStatus execution, string advice)
    {
        var definition = typeof(TransportErrors).GetProperty(property)!.GetValue(null).ShouldBeOfType<ErrorDefinition>();

        definition.Name.ShouldBe(name);
        definition.Execution.ShouldBe(execution);
        definition.Advice.ShouldContain(advice);
    }
}
