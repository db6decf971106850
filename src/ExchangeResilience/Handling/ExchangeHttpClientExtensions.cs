using System.Text.Json.Serialization.Metadata;

namespace ExchangeResilience;

/// <summary>Sends a request and returns its outcome in one value, whatever the exchange or the network did.</summary>
public static class ExchangeHttpClientExtensions
{
    /// <summary>
    /// Sends a request through a client with <c>AddExchangeErrorHandling</c>. What the exchange or the network does is in the result and never thrown, whatever
    /// <see cref="ExchangeErrorHandlingOptions.ThrowOnError"/> says.
    /// </summary>
    /// <param name="client">The client. Where it has no exchange error handling, the outcome is <see cref="ExecutionStatus.Unknown"/> and the error says so.</param>
    /// <param name="request">The request. A message can be sent once.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <returns>Its outcome. An order in doubt is searched for during <see cref="ExchangeErrorHandlingOptions.TotalTimeout"/>; after that the outcome is unknown.</returns>
    /// <exception cref="ExchangeOperationCanceledException">The caller cancelled a mutation; the exception says whether that may have taken effect.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled a query.</exception>
    /// <exception cref="InvalidOperationException">The message was sent before, or neither it nor the client has an address.</exception>
    /// <remarks>
    /// A fault of the program's own code, such as a handler that throws or the content of a query that cannot be written, is thrown as it is where nothing can have taken effect by the call.
    /// Of a mutation that may have left it is in <see cref="ExchangeResult.Exception"/>.
    /// </remarks>
    public static async Task<ExchangeResult> SendExchangeAsync(this HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        return (await new ResultCall<object>(client, request, typeInfo: null).SendAsync(cancellationToken).ConfigureAwait(false)).Outcome;
    }

    /// <summary>The same, with the body of a success read as JSON. A body that cannot be read so changes nothing of the outcome; <see cref="ExchangeResult{T}.Error"/> says so.</summary>
    /// <typeparam name="T">What the body is read as.</typeparam>
    /// <param name="client">The client. Where it has no exchange error handling, the outcome is <see cref="ExecutionStatus.Unknown"/> and the error says so.</param>
    /// <param name="request">The request. A message can be sent once.</param>
    /// <param name="typeInfo">How the body is read, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <returns>Its outcome. An order in doubt is searched for during <see cref="ExchangeErrorHandlingOptions.TotalTimeout"/>; after that the outcome is unknown.</returns>
    /// <exception cref="ExchangeOperationCanceledException">The caller cancelled a mutation; the exception says whether that may have taken effect.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled a query.</exception>
    /// <exception cref="InvalidOperationException">The message was sent before, or neither it nor the client has an address.</exception>
    /// <remarks>
    /// A fault of the program's own code, such as a handler that throws or the content of a query that cannot be written, is thrown as it is where nothing can have taken effect by the call.
    /// Of a mutation that may have left it is in <see cref="ExchangeResult.Exception"/>.
    /// </remarks>
    public static Task<ExchangeResult<T>> SendExchangeAsync<T>(this HttpClient client, HttpRequestMessage request, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(typeInfo);
        return new ResultCall<T>(client, request, typeInfo).SendAsync(cancellationToken);
    }
}
