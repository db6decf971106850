namespace ExchangeResilience;

/// <summary>Writes timestamp, signature and, where the request names none itself, recvWindow into a request.</summary>
internal readonly struct RequestSigner(IExchangeSigner signer, TimeSpan recvWindow)
{
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
