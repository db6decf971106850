using System.Formats.Asn1;
using System.Security.Cryptography;

namespace ExchangeResilience;

/// <summary>What a text that is meant as a private key holds: what signs with it, or what it was recognised as and what to do about that. Nothing of the text is repeated.</summary>
internal readonly record struct PrivateKeyReading(IExchangeSigner? Signer, string Problem = "", string Remedy = "");

/// <summary>Reads private keys in PEM form, encrypted ones too.</summary>
internal static class PrivateKeyReader
{
    private const string OtherKinds = "add the package ExchangeResilience.Ed25519 and call AddEd25519Keys() on the client, where it is an Ed25519 key; else set Signer in code to what signs with it";
    private const string PrivateOne = "write the private key, whose public half is registered at the exchange";

    private const int LongestLabel = 40;

    // In bytes; that of Ed25519 is the shortest of all.
    private const int ShortestKey = 40;

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

    public static PrivateKeyReading Read(string text, string? passphrase, IReadOnlyList<IPrivateKeyKind>? kinds = null)
    {
        var pem = Plain(text).AsSpan();
        var found = WithoutBlock(text);
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

    /// <summary>Whether a text is what stands between the BEGIN and END lines of a private key.</summary>
    public static bool IsBare(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length > ShortestKey
            && AsnDecoder.TryReadEncodedValue(bytes.AsSpan(0, length), AsnEncodingRules.BER, out var tag, out _, out _, out var whole) && tag.HasSameClassAndValue(Asn1Tag.Sequence) && whole == length;
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
            : passphrase.AsSpan().Trim().Length != passphrase.Length ? new(null, "is encrypted, and cannot be opened with PrivateKeyPassphrase, which has a space or a line break at one of its ends", "remove it")
            : new(null, "is encrypted, and cannot be opened with PrivateKeyPassphrase", "write the passphrase it was encrypted with; try it with: openssl pkey -noout -in FILE")),
        "PRIVATE KEY" or "RSA PRIVATE KEY" or "EC PRIVATE KEY" => Import(block, passphrase: null, kinds) ?? Unusable(data),
        _ when label.EndsWith("PRIVATE KEY", StringComparison.Ordinal) && label.Length <= LongestLabel => new(null, $"is a '{label}', which is neither an RSA nor an EC key", OtherKinds),
        _ => new(null, $"holds a block '{(label.Length <= LongestLabel ? label : label[..LongestLabel])}', which is no private key", PrivateOne),
    };

    // Where a variable of the environment holds it, its line breaks are written out, once or twice, and the quotation marks of a file of variables may stand around it.
    private static string Plain(string text) =>
        text.Replace("\\r", "", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal).Trim(['\uFEFF', '"', '\'', ' ', '\t', '\r', '\n']);

    private static PrivateKeyReading WithoutBlock(string text) =>
        text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal) ? new(null, "is encrypted in OpenSSL's older form", "convert it to PKCS#8, which PrivateKeyPassphrase opens: openssl pkcs8 -topk8 -in FILE")
        : IsPem(text) ? new(null, "begins as a key in PEM form, and is cut off or altered", "write it as it is in the file that was made, from its BEGIN line to its END line")
        : IsBare(text) ? new(null, "holds a key without its BEGIN and END lines", "write it with them, as they are in the file that was made")
        : text.StartsWith('0') && text.Contains('\uFFFD', StringComparison.Ordinal) ? new(null, "holds a key in binary form (DER)", "convert it to PEM: openssl pkey -inform DER -in FILE")
        : new(null, "holds no key in PEM form", "write the private key with its BEGIN and END lines, its line breaks as \\n if need be; the secret of an HMAC key belongs in Secret");

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
