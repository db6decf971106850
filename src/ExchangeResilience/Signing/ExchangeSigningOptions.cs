namespace ExchangeResilience;

/// <summary>
/// The account's credentials: a key, and one of <see cref="ExchangeSecret"/>, <see cref="PrivateKeyPem"/>, <see cref="PrivateKeyPath"/> and <see cref="Signer"/>. With none
/// of them set requests leave as they are, and the outcome of an order whose reply is lost cannot be looked up. From configuration, keys change while the program runs, to others of the same
/// account: <c>Account</c> of the error handling settings names it, or the exchange shows it.
/// </summary>
public sealed class ExchangeSigningOptions
{
    /// <summary>The API key, sent as <c>X-MBX-APIKEY</c>. Requests that have another key are left alone.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The secret of an HMAC key.</summary>
    public ExchangeSecret? Secret { get; set; }

    /// <summary>The private key in PEM form, RSA or EC (Ed25519 with the package ExchangeResilience.Ed25519), whose public half belongs to <see cref="ApiKey"/>. Line breaks may be written as <c>\n</c>.</summary>
    public ExchangeSecret? PrivateKeyPem { get; set; }

    /// <summary>The file that holds the private key, in place of <see cref="PrivateKeyPem"/>. It is looked at every 30 seconds.</summary>
    public string? PrivateKeyPath { get; set; }

    /// <summary>Opens the private key, where it is encrypted (PKCS#8, <c>BEGIN ENCRYPTED PRIVATE KEY</c>).</summary>
    public ExchangeSecret? PrivateKeyPassphrase { get; set; }

    /// <summary>Signs in another way; set in code.</summary>
    public IExchangeSigner? Signer { get; set; }

    /// <summary>
    /// Hosts that the key belongs to besides the client's <c>BaseAddress</c> and the venue's own, for example <c>proxy.example:8443</c>. Requests to any other are refused before they
    /// leave, and so is plain http, but for this machine (<c>http://localhost:8080</c>).
    /// </summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>How late a request may reach the exchange, where the request does not say it itself; 100 ms to 60 s. Defaults to 5 s.</summary>
    public TimeSpan RecvWindow { get; set; } = TimeSpan.FromSeconds(5);
}
