using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>Who signs: the key, how, and the name of the account wherever the key itself must not stand.</summary>
internal sealed class SigningCredentials
{

    public SigningCredentials(string apiKey, IExchangeSigner signer)
    {
        ApiKey = apiKey;
        Signer = signer;
        AccountId = AccountOf(apiKey);
    }

    public string ApiKey { get; }

    /// <summary>The first 16 hexadecimal digits of the key's SHA-256.</summary>
    public string AccountId { get; }

    public IExchangeSigner Signer { get; }

    /// <summary>The credentials that validated options hold, or null if they hold none.</summary>
    public static SigningCredentials? From(ExchangeSigningOptions options)
    {
        if (options.ApiKey is not { } apiKey)
        {
            return null;
        }

        // Ours compute and return; what the program brings may ask a vault.
        var signer = options.Signer is { } own ? (own is HmacSha256Signer or RsaSha256Signer or EcdsaSha256Signer ? own : new PatientSigner(own))
            : (options.Secret is { } secret ? new HmacSha256Signer(secret)
            : PrivateKeyOf(options) is { } pem ? PrivateKeyReader.Read(pem, options.PrivateKeyPassphrase?.Reveal()).Signer
            : null);
        return signer is null ? null : new SigningCredentials(apiKey, signer);
    }

    /// <summary>The text of the private key, wherever it stands; null where there is none.</summary>
    /// <exception cref="IOException">Its file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Its file cannot be read.</exception>
    public static string? PrivateKeyOf(ExchangeSigningOptions options) =>
        options.PrivateKeyPem is { } pem ? pem.Reveal() : options.PrivateKeyPath is { } path ? File.ReadAllText(path) : null;

    public static string AccountOf(string apiKey) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)))[..16];

    /// <summary>Whether the request is ours to sign and to reconcile: it bears no key, or this one.</summary>
    public bool Owns(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.TryGetValues(ExchangeHeaders.ApiKey, out var keys))
        {
            return true;
        }

        foreach (var key in keys)
        {
            if (!string.Equals(key, ApiKey, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the request bears this key in its header already, whoever put it there.</summary>
    public bool IsIn(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(ExchangeHeaders.ApiKey, out var keys) && keys.ToString().Contains(ApiKey, StringComparison.Ordinal);

    /// <summary>Shows the account, never the key.</summary>
    public override string ToString() => AccountId;
}
