using System.Security.Cryptography;

namespace ExchangeResilience;

/// <summary>What a text that is meant as a private key holds: what signs with it, or what it was recognised as and what to do about that. Nothing of the text is repeated.</summary>
internal readonly record struct PrivateKeyReading(IExchangeSigner? Signer, string Problem = "", string Remedy = "");

/// <summary>Reads private keys in PEM form, encrypted ones too.</summary>
internal static class PrivateKeyReader
{
    private const string OtherKinds = "add the package ExchangeResilience.Ed25519 and call AddEd25519Keys() on the client, where it is an Ed25519 key; else set Signer in code to what signs with it";
    private const string PrivateOne = "write the private key, whose public half is registered at the exchange";

    // The object identifier of Ed25519 keys (RFC 8410), in the first bytes of their PKCS#8.
    private static readonly byte[] Ed25519 = [0x06, 0x03, 0x2B, 0x65, 0x70];

    // What an import says of a key of another kind; where a passphrase opens the key, it is the inner reason, and where it does not, another is.
    private static readonly Lazy<string> OfAnotherKind = new(static () =>
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(curve.ExportPkcs8PrivateKey(), out _);
            return "";
        }
        catch (CryptographicException refused)
        {
            return refused.Message;
        }
    });

    /// <param name="text">The text.</param>
    /// <param name="passphrase">Opens the key where it is encrypted.</param>
    /// <param name="kinds">Kinds of keys besides those of .NET.</param>
    public static PrivateKeyReading Read(string text, string? passphrase, IReadOnlyList<IPrivateKeyKind>? kinds = null)
    {
        // Where a variable of the environment holds it, its line breaks are written out.
        var pem = text.Replace("\\r", "", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).AsSpan();
        var found = new PrivateKeyReading(null, "holds no key in PEM form", "write the private key with its BEGIN and END lines; its line breaks may be written as \\n");
        while (PemEncoding.TryFind(pem, out var fields))
        {
            var block = pem[fields.Location];
            found = Read(pem[fields.Label].ToString(), block, pem[fields.Base64Data], passphrase, kinds ?? []);
            if (found.Signer is not null)
            {
                return found;
            }

            pem = pem[fields.Location.End..];
        }

        return found;
    }

    /// <summary>Whether a text is a key in PEM form, of any kind.</summary>
    public static bool IsPem(string text) => text.Contains("-----BEGIN ", StringComparison.Ordinal);

    private static PrivateKeyReading Read(string label, ReadOnlySpan<char> block, ReadOnlySpan<char> data, string? passphrase, IReadOnlyList<IPrivateKeyKind> kinds) => label switch
    {
        "PUBLIC KEY" or "RSA PUBLIC KEY" => new(null, "is a public key", PrivateOne),
        "CERTIFICATE" => new(null, "is a certificate", PrivateOne),
        "OPENSSH PRIVATE KEY" => new(null, "is a private key in OpenSSH's own form", "convert it to PKCS#8: ssh-keygen -p -m PKCS8 -f FILE"),
        "ENCRYPTED PRIVATE KEY" when passphrase is null => new(null, "is encrypted", "set PrivateKeyPassphrase beside it, or write the key unencrypted"),
        "ENCRYPTED PRIVATE KEY" => Import(block, passphrase, kinds) ?? (Opens(block, passphrase)
            ? new(null, "opens with PrivateKeyPassphrase, and is neither an RSA nor an EC key", OtherKinds)
            : new(null, "is encrypted, and cannot be opened with PrivateKeyPassphrase", "write the passphrase it was encrypted with; try it with: openssl pkey -noout -in FILE")),
        "PRIVATE KEY" or "RSA PRIVATE KEY" or "EC PRIVATE KEY" => Import(block, passphrase: null, kinds) ?? Unusable(data),
        _ => new(null, $"holds a block '{(label.Length <= 40 ? label : label[..40])}', which is no private key", PrivateOne),
    };

    private static PrivateKeyReading? Import(ReadOnlySpan<char> block, string? passphrase, IReadOnlyList<IPrivateKeyKind> kinds)
    {
        var rsa = RSA.Create();
        if (TryImport(rsa, block, passphrase, static key => key.SignData([], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)))
        {
            return new(new RsaSha256Signer(rsa));
        }

        var curve = ECDsa.Create();
        if (TryImport(curve, block, passphrase, static key => key.SignData([], HashAlgorithmName.SHA256)))
        {
            return new(new EcdsaSha256Signer(curve));
        }

        var pem = block.ToString();
        return kinds.Select(kind => kind.Read(pem, passphrase)).FirstOrDefault(static signer => signer is not null) is { } other ? new(other) : null;
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

    /// <summary>Whether a passphrase opens a key that is no RSA key.</summary>
    private static bool Opens(ReadOnlySpan<char> block, string passphrase)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromEncryptedPem(block, passphrase);
            return true;
        }
        catch (CryptographicException refused)
        {
            return string.Equals(refused.InnerException?.Message, OfAnotherKind.Value, StringComparison.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static PrivateKeyReading Unusable(ReadOnlySpan<char> data)
    {
        var bytes = new byte[data.Length];
        var isEd25519 = Convert.TryFromBase64Chars(data, bytes, out var count) && bytes.AsSpan(0, Math.Min(count, 16)).IndexOf(Ed25519) >= 0;
        return isEd25519
            ? new(null, "is an Ed25519 key, which .NET cannot sign with", OtherKinds)
            : new(null, "is a private key that is broken, or neither an RSA nor an EC key", "compare it with the file that was made: openssl pkey -noout -in FILE");
    }
}
