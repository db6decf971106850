namespace ExchangeResilience;

/// <summary>
/// The account's credentials: a key, and one of <see cref="Secret"/>, <see cref="PrivateKeyPem"/> and <see cref="Signer"/>. With none
/// of them set requests leave as they are, and the outcome of an order that gets lost cannot be asked.
/// </summary>
public sealed class ExchangeSigningOptions
{
    /// <summary>The API key, sent as <c>X-MBX-APIKEY</c>. Requests that bear another key are left alone.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The secret of an HMAC key.</summary>
    public Secret? Secret { get; set; }

    /// <summary>The private key, unencrypted PKCS#8 PEM, whose public half belongs to <see cref="ApiKey"/> (RSA).</summary>
    public Secret? PrivateKeyPem { get; set; }

    /// <summary>Signs in another way; set in code.</summary>
    public ISigner? Signer { get; set; }

    /// <summary>How late a request may reach the exchange, where the request does not say it itself; 100 ms to 60 s. Defaults to 5 s.</summary>
    public TimeSpan RecvWindow { get; set; } = TimeSpan.FromSeconds(5);
}
