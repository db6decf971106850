using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>Who signs: the key, how, and the name of the account wherever the key itself must not stand.</summary>
internal sealed class SigningCredentials
{
    public const string ApiKeyHeader = "X-MBX-APIKEY";

    public SigningCredentials(string apiKey, ISigner signer)
    {
        ApiKey = apiKey;
        Signer = signer;
        AccountId = AccountOf(apiKey);
    }

    public string ApiKey { get; }

    /// <summary>The first 16 hexadecimal digits of the key's SHA-256.</summary>
    public string AccountId { get; }

    public ISigner Signer { get; }

    /// <summary>The credentials that validated options hold, or null if they hold none.</summary>
    public static SigningCredentials? From(ExchangeSigningOptions options)
    {
        if (options.ApiKey is not { } apiKey)
            return null;

        // Ours compute and return; what the program brings may ask a vault.
        var signer = options.Signer is { } own ? (own is HmacSha256Signer or RsaSha256Signer ? own : new PatientSigner(own))
            : (options.Secret is { } secret ? new HmacSha256Signer(secret)
            : options.PrivateKeyPem is { } pem ? new RsaSha256Signer(pem)
            : null);
        return signer is null ? null : new SigningCredentials(apiKey, signer);
    }

    public static string AccountOf(string apiKey) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)))[..16];

    /// <summary>Whether the request is ours to sign and to reconcile: it bears no key, or this one.</summary>
    public bool Owns(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.TryGetValues(ApiKeyHeader, out var keys))
            return true;

        foreach (var key in keys)
        {
            if (!string.Equals(key, ApiKey, StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>Shows the account, never the key.</summary>
    public override string ToString() => AccountId;
}
