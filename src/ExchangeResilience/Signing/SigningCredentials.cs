using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>The signing identity: the key, how it signs, and the account's name for places where the key itself must not appear.</summary>
internal sealed class SigningCredentials
{
    private static readonly HttpRequestOptionsKey<SigningCredentials> AheadKey = new("ExchangeResilience.SignedAhead");

    // What distinguishes one from another: the kind of the program's own signer, or the text that the key is made of.
    private readonly object _material;

    public SigningCredentials(string apiKey, IExchangeSigner signer)
        : this(apiKey, signer, signer)
    {
    }

    private SigningCredentials(string apiKey, IExchangeSigner signer, object material)
    {
        ApiKey = apiKey;
        Signer = signer;
        AccountId = AccountOf(apiKey);
        _material = material;
    }

    public string ApiKey { get; }

    /// <summary>The first 16 hexadecimal digits of the key's SHA-256.</summary>
    public string AccountId { get; }

    public IExchangeSigner Signer { get; }

    private string? Passphrase { get; init; }

    private string? KeyPath { get; init; }

    private string[] EarlierKeys { get; init; } = [];

    /// <summary>Whether the private key is in a file, which may change.</summary>
    public bool IsFromFile => KeyPath is not null;

    /// <summary>The credentials that validated options hold, or null if they hold none.</summary>
    public static SigningCredentials? From(ExchangeSigningOptions options, IReadOnlyList<IPrivateKeyKind>? kinds = null)
    {
        if (options.ApiKey is not { } apiKey)
        {
            return null;
        }

        if (options.Signer is { } own)
        {
            // Ours compute and return; the program's own may query a vault. The program's code creates it each time the settings are read, which is not another key.
            return new(apiKey, own is HmacSha256Signer or RsaSha256Signer or EcdsaSha256Signer ? own : new PatientSigner(own), own.GetType());
        }

        if (options.Secret is { } secret)
        {
            return new(apiKey, new HmacSha256Signer(secret), secret.Reveal());
        }

        var passphrase = options.PrivateKeyPassphrase?.Reveal();
        return PrivateKeyOf(options) is { } pem && PrivateKeyReader.Read(pem, passphrase, kinds).Signer is { } signer
            ? new(apiKey, signer, pem) { Passphrase = passphrase, KeyPath = options.PrivateKeyPem is null ? options.PrivateKeyPath : null }
            : null;
    }

    /// <summary>Whether the file of the private key holds another text by now, or cannot be read.</summary>
    public bool HasOtherText()
    {
        try
        {
            return KeyPath is not null && !Equals(PrivateKeyFile.Read(KeyPath), _material);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Whether two are the same key and sign alike.</summary>
    public bool IsSameAs(SigningCredentials other) =>
        string.Equals(ApiKey, other.ApiKey, StringComparison.Ordinal) && string.Equals(KeyPath, other.KeyPath, StringComparison.Ordinal) && Equals(_material, other._material) && string.Equals(Passphrase, other.Passphrase, StringComparison.Ordinal);

    /// <summary>These, which take the place of earlier ones of the same account: a request with the earlier key is signed with this one.</summary>
    public SigningCredentials After(SigningCredentials earlier) =>
        new(ApiKey, Signer, _material)
        {
            Passphrase = Passphrase,
            KeyPath = KeyPath,
            EarlierKeys = [.. earlier.EarlierKeys.Append(earlier.ApiKey).Except([ApiKey], StringComparer.Ordinal)],
        };

    /// <summary>Whether a key is the client's: this one, or one that this took the place of.</summary>
    public bool IsOwn(string key) => string.Equals(key, ApiKey, StringComparison.Ordinal) || EarlierKeys.Contains(key, StringComparer.Ordinal);

    /// <summary>The text of the private key, from settings or file; null where there is none.</summary>
    /// <exception cref="IOException">Its file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Its file cannot be read.</exception>
    public static string? PrivateKeyOf(ExchangeSigningOptions options) =>
        options.PrivateKeyPem is { } pem ? pem.Reveal() : options.PrivateKeyPath is { } path ? PrivateKeyFile.Read(path) : null;

    public static string AccountOf(string apiKey) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)))[..16];

    /// <summary>Whether the request is ours to sign and to reconcile: it has no key, or one of the client's.</summary>
    public bool Owns(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.TryGetValues(ExchangeHeaders.ApiKey, out var keys))
        {
            return true;
        }

        foreach (var key in keys)
        {
            if (!IsOwn(key))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A look-up is signed with these, although they are not in force yet.</summary>
    public void SignAhead(HttpRequestMessage lookUp) => lookUp.Options.Set(AheadKey, this);

    /// <summary>What a look-up is to be signed with ahead of its being in force; null for every other request.</summary>
    public static SigningCredentials? AheadOf(HttpRequestMessage request) => request.Options.TryGetValue(AheadKey, out var ahead) ? ahead : null;

    /// <summary>Whether the request already has one of the client's keys in its header.</summary>
    public bool IsIn(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(ExchangeHeaders.ApiKey, out var keys) && keys.ToString() is var borne
        && (borne.Contains(ApiKey, StringComparison.Ordinal) || Array.Exists(EarlierKeys, key => borne.Contains(key, StringComparison.Ordinal)));

    /// <summary>Shows the account, never the key.</summary>
    public override string ToString() => AccountId;
}
