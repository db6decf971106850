using System.Text;

namespace ExchangeResilience;

/// <summary>
/// Stamps and signs at the very moment of sending, innermost before the wire, afresh each time the request passes. What it writes
/// is taken back when the reply is there, so that nothing signed stays on the caller's message.
/// </summary>
/// <param name="credentialsInForce">Null: every request passes as it is.</param>
/// <param name="recvWindow">Sent where the request names no window itself.</param>
/// <param name="clockOf">The clock of the environment the request goes to.</param>
/// <param name="securityOf">What the venue demands of the request.</param>
internal sealed class ExchangeSigningHandler(
    Func<SigningCredentials?> credentialsInForce,
    TimeSpan recvWindow,
    Func<HttpRequestMessage, ExchangeClock> clockOf,
    Func<HttpRequestMessage, EndpointSecurity> securityOf) : DelegatingHandler
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

        return securityOf(request) switch
        {
            EndpointSecurity.Public => base.SendAsync(request, cancellationToken),
            EndpointSecurity.Key => SendWithKeyAsync(credentials, request, cancellationToken),
            _ => SendSignedAsync(credentials, request, address, cancellationToken),
        };
    }

    private async Task<HttpResponseMessage> SendWithKeyAsync(SigningCredentials credentials, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var hadKey = request.Headers.Remove(ExchangeHeaders.ApiKey);
        request.Headers.TryAddWithoutValidation(ExchangeHeaders.ApiKey, credentials.ApiKey);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hadKey)
            {
                request.Headers.Remove(ExchangeHeaders.ApiKey);
            }
        }
    }

    private async Task<HttpResponseMessage> SendSignedAsync(
        SigningCredentials credentials, HttpRequestMessage request, Uri address, CancellationToken cancellationToken)
    {
        var content = request.Content;
        var form = await ReadFormAsync(request, cancellationToken).ConfigureAwait(false);
        var signed = await SignAsync(new RequestSigner(credentials.Signer, recvWindow), request, address, form, cancellationToken).ConfigureAwait(false);
        try
        {
            request.RequestUri = signed.Address;
            if (signed.Body is { } body)
            {
                request.Content = Copy(content!, body);
            }
            else if (content is null && request.Method != HttpMethod.Get)
            {
                request.Content = new ByteArrayContent([]); // Without content the transport would send again by itself after a closed connection.
            }

            return await SendWithKeyAsync(credentials, request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            request.RequestUri = address;
            request.Content = content;
        }
    }

    private async ValueTask<SignedRequest> SignAsync(RequestSigner signer, HttpRequestMessage request, Uri address, string? form, CancellationToken cancellationToken)
    {
        var clock = clockOf(request);
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
            var signed = await signer.SignAsync(address, form, stampMs, within, clock.Time, cancellationToken).ConfigureAwait(false);
            if (attempt?.MayLeave() == false)
            {
                throw new StampRefusedException("While the attempt was signed its lane closed, or orders were stopped.");
            }

            attempt?.Fill(stampMs, signed.RecvWindowMs, reading.Generation);
            return signed;
        }
        catch (Exception failure) when (failure is not (NotSignedException or StampRefusedException or OutOfMemoryException)
            && !(failure is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw new NotSignedException($"The signer failed with {failure.GetType().Name}.", failure);
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

    private static ByteArrayContent Copy(HttpContent original, string body)
    {
        var copy = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        foreach (var (name, values) in original.Headers.NonValidated)
        {
            if (!string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return copy;
    }
}
