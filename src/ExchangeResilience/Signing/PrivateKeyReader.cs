using System.Security.Cryptography;

namespace ExchangeResilience;

/// <summary>What a text that is meant as a private key holds: what signs with it, or what it was recognised as and what to do about that. Nothing of the text is repeated.</summary>
internal readonly record struct PrivateKeyReading(IExchangeSigner? Signer, string Problem = "", string Remedy = "", bool IsRecognised = true);

/// <summary>Reads private keys in PEM form, encrypted ones too.</summary>
internal static class PrivateKeyReader
{
    private const string PrivateOne = "write the private key, whose public half is registered at the exchange";

    // The object identifier of Ed25519 keys (RFC 8410), in the first bytes of their PKCS#8.
    private static readonly byte[] Ed25519 = [0x06, 0x03, 0x2B, 0x65, 0x70];

    public static PrivateKeyReading Read(string text, string? passphrase)
    {
        // Where a variable of the environment holds it, its line breaks are written out.
        var pem = text.Replace("\\r", "", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).AsSpan();
        var found = new PrivateKeyReading(null, "cannot be read", "write an unencrypted private RSA key in PEM form (BEGIN PRIVATE KEY)", IsRecognised: false);
        while (PemEncoding.TryFind(pem, out var fields))
        {
            var block = pem[fields.Location];
            found = Read(pem[fields.Label].ToString(), block, pem[fields.Base64Data], passphrase);
            if (found.Signer is not null)
            {
                return found;
            }

            pem = pem[fields.Location.End..];
        }

        return found;
    }

    /// <summary>Whether a text is a key in PEM form, of whatever kind.</summary>
    public static bool IsPem(string text) => text.Contains("-----BEGIN ", StringComparison.Ordinal);

    private static PrivateKeyReading Read(string label, ReadOnlySpan<char> block, ReadOnlySpan<char> data, string? passphrase) => label switch
    {
        "PUBLIC KEY" or "RSA PUBLIC KEY" => new(null, "is a public key", PrivateOne),
        "CERTIFICATE" => new(null, "is a certificate", PrivateOne),
        "OPENSSH PRIVATE KEY" => new(null, "is a private key in OpenSSH's own form", "convert it to PKCS#8: ssh-keygen -p -m PKCS8 -f FILE"),
        "ENCRYPTED PRIVATE KEY" when passphrase is null => new(null, "is encrypted", "set PrivateKeyPassphrase beside it, or write the key unencrypted"),
        "ENCRYPTED PRIVATE KEY" => Import(block, passphrase) ?? new(null, "cannot be opened with PrivateKeyPassphrase, or is neither an RSA nor an EC key", "try the passphrase with: openssl pkey -noout -in FILE"),
        "PRIVATE KEY" or "RSA PRIVATE KEY" or "EC PRIVATE KEY" => Import(block, passphrase: null) ?? Unusable(data),
        _ => new(null, $"holds a block '{(label.Length <= 40 ? label : label[..40])}', which is no private key", PrivateOne),
    };

    private static PrivateKeyReading? Import(ReadOnlySpan<char> block, string? passphrase)
    {
        var rsa = RSA.Create();
        if (TryImport(rsa, block, passphrase, static key => key.SignData([], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)))
        {
            return new(new RsaSha256Signer(rsa));
        }

        var curve = ECDsa.Create();
        return TryImport(curve, block, passphrase, static key => key.SignData([], HashAlgorithmName.SHA256)) ? new(new EcdsaSha256Signer(curve)) : null;
    }

    private static bool TryImport<T>(T key, ReadOnlySpan<char> block, string? passphrase, Action<T> sign)
        where T : AsymmetricAlgorithm
    {
        try
        {
            if (passphrase is null)
            {
                key.ImportFromPem(block);
            }
            else
            {
                key.ImportFromEncryptedPem(block, passphrase);
            }

            sign(key);
            return true;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return false;
        }
    }

    private static PrivateKeyReading Unusable(ReadOnlySpan<char> data)
    {
        var bytes = new byte[data.Length];
        var isEd25519 = Convert.TryFromBase64Chars(data, bytes, out var count) && bytes.AsSpan(0, Math.Min(count, 16)).IndexOf(Ed25519) >= 0;
        return isEd25519
            ? new(null, "is an Ed25519 key, which .NET cannot sign with", "set Signer in code to one of a library that can, or register an RSA key at the exchange")
            : new(null, "is a private key that is broken, or neither an RSA nor an EC key", "compare it with the file that was made: openssl pkey -noout -in FILE");
    }
}
