namespace ExchangeResilience;

/// <summary>Signs requests. Implement it for keys this library does not know (one in a vault, for instance); it is called from several threads at once.</summary>
/// <remarks>It is waited for as long as the attempt may last. What it has not signed by then, or throws at, is not sent.</remarks>
public interface IExchangeSigner
{
    /// <summary>Signs the exact bytes the exchange will verify: the query and the form body, without anything between them.</summary>
    /// <returns>The signature as text, before URL encoding: hexadecimal for HMAC, base64 for RSA.</returns>
    string Sign(ReadOnlySpan<byte> payload);
}
