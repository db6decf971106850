using System.Security.Cryptography;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A key that cannot be used stops the program at its start, in a sentence of its own: which client, which setting, what was recognised there, and what to do.</summary>
[Trait("Speed", "Slow")]
public sealed class KeyFaultTests : IDisposable
{
    private const string Hidden = "hidden-word";

    // Of no account; made for this test.
    private const string EncryptedEd25519 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAibB3h01KGGlQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEA/oyFEJzfH2w65IQk7+rJkEQMVY
        uKEmohrzxkv5ia8LuKWF3IPPY6ozEkjuHnfbetYwRJLzdh9OGLqlrikEAVBGg/C+
        ObYIN6zYs019cL2kOro=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose()
    {
        _rsa.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string, string, string, string> Faulty => new()
    {
        { "a PEM in Secret", "Secret", "holds a key in PEM form", "move it to PrivateKeyPem" },
        { "a bare number", "RecvWindow", "is a bare number", "add its unit" },
        { "encrypted, no passphrase", "PrivateKeyPem", "is encrypted", "set PrivateKeyPassphrase beside it" },
        { "wrong passphrase", "PrivateKeyPem", "is encrypted, and cannot be opened with PrivateKeyPassphrase", "write the passphrase it was encrypted with" },
        { "encrypted Ed25519", "PrivateKeyPem", "opens with PrivateKeyPassphrase, and is neither an RSA nor an EC key", "AddEd25519Keys()" },
        { "a public key", "PrivateKeyPem", "is a public key", "write the private key" },
        { "no PEM", "PrivateKeyPem", "holds no key in PEM form", "BEGIN and END lines" },
        { "a path in PrivateKeyPem", "PrivateKeyPem", "is the path of a file", "move it to PrivateKeyPath" },
        { "a PEM in PrivateKeyPath", "PrivateKeyPath", "holds a key in PEM form", "move it to PrivateKeyPem" },
        { "no such file", "PrivateKeyPath", "names a file that is not there", Environment.CurrentDirectory },
        { "a folder", "PrivateKeyPath", "names a folder", "the PEM file in it" },
        { "an older encryption", "PrivateKeyPem", "is encrypted in OpenSSL's older form", "openssl pkcs8 -topk8" },
        { "a PEM that is cut off", "PrivateKeyPem", "begins as a key in PEM form, and is cut off or altered", "from its BEGIN line to its END line" },
        { "a key without its lines", "PrivateKeyPem", "holds a key without its BEGIN and END lines", "as they are in the file" },
        { "a DSA key", "PrivateKeyPem", "is a 'DSA PRIVATE KEY', which is neither an RSA nor an EC key", "set Signer in code" },
        { "a passphrase with a line break", "PrivateKeyPem", "is encrypted, and cannot be opened with PrivateKeyPassphrase, which has a space or a line break at one of its ends", "remove it" },
        { "a binary file", "PrivateKeyPath", "holds a key in binary form (DER)", "openssl pkey -inform DER" },
        { "a link to nothing", "PrivateKeyPath", "names a file that is not there", Environment.CurrentDirectory },
        { "a key without its lines in Secret", "Secret", "holds a key without its BEGIN and END lines", "move it to PrivateKeyPem, with them" },
        { "a path in Secret", "Secret", "is the path of a file", "write the secret itself" },
        { "quotation marks", "Secret", "stands in quotation marks", "remove them" },
        { "quotation marks around the key", "ApiKey", "stands in quotation marks", "remove them" },
        { "the key as its secret", "Secret", "is the API key itself", "write the secret that the exchange showed beside it" },
        { "an empty file", "PrivateKeyPath", "names what is empty", "write the path of the PEM file" },
        { "nothing at all", "", "the section is empty or missing", "write ApiKey with Secret or PrivateKeyPem there" },
        { "no secret", "ApiKey", "has nothing to sign with", "add Secret or PrivateKeyPem" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task It_has_a_sentence_of_its_own(string kind, string setting, string recognised, string remedy)
    {
        using var host = Host(Keys(kind));

        var told = (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken))).Failures.ShouldHaveSingleItem();

        told.ShouldStartWith($"Client 'bot': ExchangeSigning{(setting.Length == 0 ? "" : ":")}{setting}: {recognised}");
        told.ShouldContain(remedy);
        told.ShouldNotContain(Hidden);
        told.ShouldNotContain(_folder);
    }

    [Fact]
    public async Task A_PEM_from_the_environment_signs_with_its_line_breaks_written_out()
    {
        using var host = Host([new("PrivateKeyPem", _rsa.ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\\n"))]);

        await host.StartAsync(TestContext.Current.CancellationToken);

        host.Services.GetRequiredService<SigningRegistry>().SourceOf("bot")!.Credentials!.Signer.ShouldBeOfType<RsaSha256Signer>();
    }

    private static PbeParameters Encryption => new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000);

    private KeyValuePair<string, string?>[] Keys(string kind) => kind switch
    {
        "a PEM in Secret" => [new("Secret", _rsa.ExportPkcs8PrivateKeyPem())],
        "a bare number" => [new("Secret", "s"), new("RecvWindow", "5000")],
        "encrypted, no passphrase" => [new("PrivateKeyPem", _rsa.ExportEncryptedPkcs8PrivateKeyPem(Hidden, Encryption))],
        "wrong passphrase" => [new("PrivateKeyPem", _rsa.ExportEncryptedPkcs8PrivateKeyPem("right", Encryption)), new("PrivateKeyPassphrase", Hidden)],
        "encrypted Ed25519" => [new("PrivateKeyPem", EncryptedEd25519), new("PrivateKeyPassphrase", "right")],
        "a public key" => [new("PrivateKeyPem", _rsa.ExportSubjectPublicKeyInfoPem())],
        "no PEM" => [new("PrivateKeyPem", Hidden)],
        "a path in PrivateKeyPem" => [new("PrivateKeyPem", WithFile("key.pem", ""))],
        "a PEM in PrivateKeyPath" => [new("PrivateKeyPath", _rsa.ExportPkcs8PrivateKeyPem())],
        "no such file" => [new("PrivateKeyPath", Path.Combine(_folder, "none.pem"))],
        "a folder" => [new("PrivateKeyPath", _folder)],
        "an older encryption" => [new("PrivateKeyPem", $"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\n{Hidden}\n-----END RSA PRIVATE KEY-----"), new("PrivateKeyPassphrase", Hidden)],
        "a PEM that is cut off" => [new("PrivateKeyPem", _rsa.ExportPkcs8PrivateKeyPem()[..200])],
        "a key without its lines" => [new("PrivateKeyPem", Convert.ToBase64String(_rsa.ExportPkcs8PrivateKey()))],
        "a DSA key" => [new("PrivateKeyPem", "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----")],
        "a passphrase with a line break" => [new("PrivateKeyPem", _rsa.ExportEncryptedPkcs8PrivateKeyPem(Hidden, Encryption)), new("PrivateKeyPassphrase", Hidden + "\n")],
        "a binary file" => [new("PrivateKeyPath", WithFile("key.der", _rsa.ExportPkcs8PrivateKey()))],
        "a link to nothing" => [new("PrivateKeyPath", File.CreateSymbolicLink(Path.Combine(_folder, "link.pem"), Path.Combine(_folder, "none.pem")).FullName)],
        "a key without its lines in Secret" => [new("Secret", "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")],
        "a path in Secret" => [new("Secret", WithFile("secret", Hidden))],
        "quotation marks" => [new("Secret", $"\"{Hidden}\"")],
        "quotation marks around the key" => [new("ApiKey", $"'{Hidden}'"), new("Secret", "s")],
        "the key as its secret" => [new("ApiKey", Hidden), new("Secret", Hidden)],
        "an empty file" => [new("PrivateKeyPath", WithFile("key.pem", ""))],
        "nothing at all" => [],
        _ => [new("RecvWindow", "5s")],
    };

    private string WithFile(string name, string text) => WithFile(name, System.Text.Encoding.UTF8.GetBytes(text));

    private string WithFile(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static IHost Host(KeyValuePair<string, string?>[] keys)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create("ExchangeSigning:" + key.Key, key.Value)));
        if (keys.Length > 0)
        {
            builder.Configuration["ExchangeSigning:ApiKey"] ??= "test-key";
        }

        builder.Services.AddHttpClient("bot", static http => http.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeErrorHandling()
            .AddExchangeSigning(builder.Configuration.GetSection("ExchangeSigning"))
            .ConfigurePrimaryHttpMessageHandler(static () => new ScriptedExchange());
        return builder.Build();
    }
}
