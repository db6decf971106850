using System.Text;

namespace ExchangeResilience;

/// <summary>
/// Stamps and signs at the very moment of sending, innermost before the wire, afresh each time the request passes. What it writes is taken back when the reply is there, so
/// that nothing signed stays on the caller's message. Without credentials every request passes as it is.
/// </summary>
internal sealed class ExchangeSigningHandler(
    Func<SigningCredentials?> credentialsInForce,
    TimeSpan recvWindow,
    Func<RequestTarget, ExchangeClock> clockOf,
    Func<HttpMethod, RequestTarget, EndpointSecurity> securityOf) : DelegatingHandler
{
    private const string FormMediaType = "application/x-www-form-urlencoded";
    private const long MaxFormBytes = 1024 * 1024;

    // What cannot be read as UTF-8 must not be signed as something else.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Exchange requests are sent asynchronously; use SendAsync.");

    /// <exception cref="StampRefusedException">The attempt may not be stamped any more; nothing was sent.</exception>
    /// <exception cref="NotSignedException">The signer gave no signature; nothing was sent.</exception>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if ((SigningCredentials.AheadOf(request) ?? credentialsInForce()) is not { } credentials || request.RequestUri is not { IsAbsoluteUri: true } address || !credentials.Owns(request))
        {
            return base.SendAsync(request, cancellationToken);
        }

        var target = RequestTarget.Of(address);
        var security = securityOf(request.Method, target);
        return security == EndpointSecurity.Public
            ? base.SendAsync(request, cancellationToken)
            : SendAsync(credentials, request, security == EndpointSecurity.Key ? null : target, cancellationToken);
    }

    /// <summary>Sends the request, which is as it was when the reply is there. Without a target to sign for, the key alone will do.</summary>
    private async Task<HttpResponseMessage> SendAsync(SigningCredentials credentials, HttpRequestMessage request, RequestTarget? toSign, CancellationToken cancellationToken)
    {
        var (address, content) = (request.RequestUri, request.Content);
        var hadKey = request.Headers.NonValidated.Contains(ExchangeHeaders.ApiKey);
        try
        {
            if (toSign is { } target)
            {
                await SignAsync(new RequestSigner(credentials.Signer, recvWindow), request, target, cancellationToken).ConfigureAwait(false);
            }

            if (hadKey)
            {
                request.Headers.Remove(ExchangeHeaders.ApiKey);
            }

            request.Headers.TryAddWithoutValidation(ExchangeHeaders.ApiKey, credentials.ApiKey);
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            request.RequestUri = address;
            request.Content = content;
            if (!hadKey)
            {
                request.Headers.Remove(ExchangeHeaders.ApiKey);
            }
        }
    }

    private async ValueTask SignAsync(RequestSigner signer, HttpRequestMessage request, RequestTarget target, CancellationToken cancellationToken)
    {
        var form = request.Content is null ? null : await ReadFormAsync(request, cancellationToken).ConfigureAwait(false);
        var clock = clockOf(target);
        var reading = clock.Read();
        request.Options.TryGetValue(AttemptStamp.Key, out var attempt);
        if (attempt is { Stamped: true })
        {
            throw new StampRefusedException("The attempt was stamped and sent before; sending it again needs a new one.");
        }

        var stampMs = Math.Max(reading.StampMs, attempt?.NotBeforeMs ?? long.MinValue);
        var within = attempt?.TimeLeft(stampMs) ?? Timeout.InfiniteTimeSpan;
        try
        {
            var signed = await signer.SignAsync(target, form, stampMs, within, clock.Time, cancellationToken).ConfigureAwait(false);
            if (attempt?.MayLeave() == false)
            {
                throw new StampRefusedException("While the attempt was signed its lane closed, or orders were stopped.");
            }

            attempt?.Fill(stampMs, signed.RecvWindowMs, reading.Generation);
            Write(signed, request);
        }
        catch (Exception failure) when (failure is not (NotSignedException or StampRefusedException or OutOfMemoryException)
            && !(failure is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw new NotSignedException($"The signer failed with {failure.GetType().Name}.", failure);
        }
    }

    private static void Write(in SignedRequest signed, HttpRequestMessage request)
    {
        request.RequestUri = signed.Address;
        if (signed.Body is { } body)
        {
            request.Content = ContentCopy.Of(request.Content!, Encoding.ASCII.GetBytes(body));
        }
        else if (request.Content is null && request.Method != HttpMethod.Get)
        {
            request.Content = new ByteArrayContent([]); // Without content the transport would send again by itself after a closed connection.
        }
    }

    /// <summary>The form the exchange takes parameters from, or null. Reading it leaves the content buffered, to be read again.</summary>
    private static async ValueTask<string?> ReadFormAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Get
            || request.Content is not { } content
            || !string.Equals(content.Headers.ContentType?.MediaType, FormMediaType, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        await content.LoadIntoBufferAsync(MaxFormBytes, cancellationToken).ConfigureAwait(false);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        return StrictUtf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
