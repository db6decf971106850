namespace ExchangeResilience;

/// <summary>Writes timestamp, recvWindow and signature into a request.</summary>
/// <param name="signer">Signs the text of query and form.</param>
/// <param name="recvWindow">Sent where the request names no window itself.</param>
internal readonly struct RequestSigner(IExchangeSigner signer, TimeSpan recvWindow)
{
    /// <param name="target">Where it goes.</param>
    /// <param name="body">The form body; null if the request has none, or one the exchange takes no parameters from.</param>
    /// <param name="stampMs">The timestamp, in milliseconds since 1970.</param>
    /// <exception cref="NotSignedException">There is no signature.</exception>
    public SignedRequest Sign(in RequestTarget target, string? body, long stampMs)
    {
        using var request = new UnsignedRequest(target, body, stampMs, recvWindow);
        return request.SignedBy(signer);
    }

    /// <summary>Signs as <see cref="Sign"/> does, and waits for a signer of the program's own no longer than it may.</summary>
    public ValueTask<SignedRequest> SignAsync(in RequestTarget target, string? body, long stampMs, TimeSpan within, TimeProvider time, CancellationToken cancellationToken) => signer is PatientSigner patient
        ? FinishAsync(patient, new UnsignedRequest(target, body, stampMs, recvWindow), within, time, cancellationToken)
        : new(Sign(target, body, stampMs));

    private static async ValueTask<SignedRequest> FinishAsync(PatientSigner signer, UnsignedRequest request, TimeSpan within, TimeProvider time, CancellationToken cancellationToken)
    {
        using (request)
        {
            return request.With(await signer.SignAsync(request.Payload(), within, time, cancellationToken).ConfigureAwait(false));
        }
    }
}
