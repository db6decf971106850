using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace ExchangeResilience.Tests.Clients;

/// <summary>Private keys of every kind that the exchange hands out, however they are written down; and what cannot be used is called by its name.</summary>
[Trait("Speed", "Slow")]
public sealed class PrivateKeyTests : IDisposable
{
    private const string Passphrase = "open sesame";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        _rsa.Dispose();
        _curve.Dispose();
        File.Delete(_file);
    }

    public static TheoryData<string> Forms => ["pkcs8", "pkcs1", "encrypted", "escaped", "escaped for another system", "escaped twice", "marked with its encoding", "in quotation marks", "on one line", "after a comment"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_rsa_key_signs_however_it_is_written(string form)
    {
        var signer = SignerOf(Rsa(form), form == "encrypted" ? Passphrase : null).ShouldBeOfType<RsaSha256Signer>();

        _rsa.VerifyData("symbol=BTCUSDT"u8, Convert.FromBase64String(signer.Sign("symbol=BTCUSDT"u8)), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_key_of_a_curve_signs(bool isEncrypted)
    {
        var pem = isEncrypted ? _curve.ExportEncryptedPkcs8PrivateKeyPem(Passphrase, Encryption) : _curve.ExportECPrivateKeyPem();
        using var signer = SignerOf(pem, isEncrypted ? Passphrase : null).ShouldBeOfType<EcdsaSha256Signer>();

        _curve.VerifyData("symbol=BTCUSDT"u8, Convert.FromBase64String(signer.Sign("symbol=BTCUSDT"u8)), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence).ShouldBeTrue();
    }

    [Fact]
    public void A_key_may_stand_in_a_file()
    {
        File.WriteAllText(_file, _rsa.ExportPkcs8PrivateKeyPem());

        SigningCredentials.From(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPath = _file })!.Signer.ShouldBeOfType<RsaSha256Signer>();
        Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPath = _file }).ShouldBeEmpty();
    }

    [Fact]
    public void A_key_may_stand_behind_a_link_and_be_marked_with_its_encoding()
    {
        File.WriteAllText(_file, _rsa.ExportPkcs8PrivateKeyPem(), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        var link = _file + ".link";
        File.CreateSymbolicLink(link, _file);
        try
        {
            Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPath = link }).ShouldBeEmpty();
        }
        finally
        {
            File.Delete(link);
        }
    }

    [Fact]
    public void What_is_no_file_or_no_key_by_its_length_is_refused_unread()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Devices and pipes have other names elsewhere");
        var pipe = _file + ".pipe";
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            made.WaitForExit();
        }

        try
        {
            File.WriteAllText(_file, new string('x', (64 * 1024) + 1));
            foreach (var path in (string[])[pipe, "/dev/zero", "/dev/null"])
            {
                Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPath = path }).ShouldHaveSingleItem().ShouldContain("no file but a device or a pipe");
            }

            Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPath = _file }).ShouldHaveSingleItem().ShouldContain("more than 64 KiB");
        }
        finally
        {
            File.Delete(pipe);
        }
    }

    public static TheoryData<string, string, string> Unusable()
    {
        using var rsa = RSA.Create(1024);
        return new()
        {
            { rsa.ExportSubjectPublicKeyInfoPem(), "is a public key", "private key" },
            { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "is a certificate", "private key" },
            { "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "OpenSSH", "ssh-keygen" },
            { rsa.ExportEncryptedPkcs8PrivateKeyPem("x", Encryption), "is encrypted", "PrivateKeyPassphrase" },
            { "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----", "is an Ed25519 key", "AddEd25519Keys" },
            { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "is broken", "openssl" },
            { "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----", "'DH PARAMETERS'", "private key" },
        };
    }

    [Theory]
    [MemberData(nameof(Unusable))]
    public void What_cannot_be_used_is_called_by_its_name(string pem, string problem, string remedy)
    {
        var fault = Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPem = pem }).ShouldHaveSingleItem();

        fault.ShouldStartWith("Keys:PrivateKeyPem: ");
        fault.ShouldContain(problem);
        fault.ShouldContain(remedy);
        fault.ShouldNotContain(pem.Split('\n')[1]);
    }

    [Fact]
    public void A_wrong_passphrase_is_told_and_not_shown()
    {
        var fault = Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPem = Rsa("encrypted"), PrivateKeyPassphrase = "hidden-word" }).ShouldHaveSingleItem();

        fault.ShouldContain("cannot be opened with PrivateKeyPassphrase");
        fault.ShouldNotContain("hidden-word");
    }

    [Fact]
    public void Misplaced_values_have_each_a_sentence_of_their_own()
    {
        Faults(new ExchangeSigningOptions { ApiKey = "k", Secret = _rsa.ExportPkcs8PrivateKeyPem() }).ShouldHaveSingleItem().ShouldContain("move it to PrivateKeyPem");
        Faults(new ExchangeSigningOptions { ApiKey = "k", Secret = "s", PrivateKeyPassphrase = "p" }).ShouldHaveSingleItem().ShouldStartWith("Keys:PrivateKeyPassphrase: is set without a private key");
        Faults(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPath = _file + ".missing" }).ShouldHaveSingleItem().ShouldStartWith("Keys:PrivateKeyPath: names a file that is not there; write the whole path");
        Read("RecvWindow", "5000").ShouldHaveSingleItem().ShouldBe("Keys:RecvWindow: is a bare number; add its unit: 5000ms and 5s are five seconds");
    }

    [Fact]
    public void Configuration_sets_file_passphrase_and_hosts()
    {
        var options = new ExchangeSigningOptions();
        var faults = new List<string>();

        SigningSectionReader.Read(Section([new("Keys:PrivateKeyPath", "key.pem"), new("Keys:PrivateKeyPassphrase", "p"), new("Keys:Hosts:0", "proxy.example")]), options, faults);

        faults.ShouldBeEmpty();
        options.PrivateKeyPath.ShouldBe("key.pem");
        options.PrivateKeyPassphrase!.Reveal().ShouldBe("p");
        options.Hosts.ShouldBe(["proxy.example"]);
    }

    private static PbeParameters Encryption => new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000);

    private string Rsa(string form) => form switch
    {
        "pkcs1" => _rsa.ExportRSAPrivateKeyPem(),
        "encrypted" => _rsa.ExportEncryptedPkcs8PrivateKeyPem(Passphrase, Encryption),
        "escaped" => _rsa.ExportPkcs8PrivateKeyPem().Replace("\n", "\\n", StringComparison.Ordinal),
        "escaped for another system" => _rsa.ExportPkcs8PrivateKeyPem().Replace("\n", "\\r\\n", StringComparison.Ordinal),
        "escaped twice" => _rsa.ExportPkcs8PrivateKeyPem().Replace("\n", "\\\\n", StringComparison.Ordinal),
        "marked with its encoding" => "\uFEFF" + _rsa.ExportPkcs8PrivateKeyPem(),
        "in quotation marks" => $"\"{_rsa.ExportPkcs8PrivateKeyPem()}\"",
        "on one line" => _rsa.ExportPkcs8PrivateKeyPem().ReplaceLineEndings(" "),
        "after a comment" => "Bag Attributes\n" + _rsa.ExportSubjectPublicKeyInfoPem() + "\n" + _rsa.ExportPkcs8PrivateKeyPem(),
        _ => _rsa.ExportPkcs8PrivateKeyPem(),
    };

    private static IExchangeSigner? SignerOf(string pem, string? passphrase)
    {
        var options = new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPem = pem, PrivateKeyPassphrase = passphrase };
        Faults(options).ShouldBeEmpty();
        return SigningCredentials.From(options)!.Signer;
    }

    private static IReadOnlyList<string> Faults(ExchangeSigningOptions options) =>
        [.. new ExchangeSigningOptionsValidator("bot", "Keys").Validate("bot", options) is { Failed: true, Failures: { } failures } ? failures : []];

    private static List<string> Read(string key, string value)
    {
        var faults = new List<string>();
        SigningSectionReader.Read(Section([new($"Keys:{key}", value)]), new ExchangeSigningOptions(), faults);
        return faults;
    }

    private static IConfigurationSection Section(IEnumerable<KeyValuePair<string, string?>> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Keys");
}
