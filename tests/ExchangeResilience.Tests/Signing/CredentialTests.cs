using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests;

public sealed class CredentialTests
{
    private const string Hidden = "s3cr3t-v4lue";

    [Fact]
    public void Hmac_signs_as_the_exchange_documents()
    {
        // The example of the exchange's spot documentation, with its key.
        var signer = new HmacSha256Signer("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");

        signer.Sign("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"u8)
            .ShouldBe("c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
    }

    [Fact]
    public void Rsa_signs_what_the_public_key_verifies()
    {
        using var key = RSA.Create(2048);
        using var signer = new RsaSha256Signer(key.ExportPkcs8PrivateKeyPem());

        var signature = Convert.FromBase64String(signer.Sign("symbol=BTCUSDT"u8));

        key.VerifyData("symbol=BTCUSDT"u8, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue();
        key.VerifyData("symbol=BTCUSDX"u8, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(UnusableKeys))]
    public void A_key_that_cannot_sign_is_refused_without_showing_it(string kind, string pem)
    {
        var refusal = Should.Throw<ArgumentException>(() => new RsaSha256Signer(pem), kind);

        refusal.ToString().ShouldNotContain(Body(pem), Case.Sensitive, kind);
    }

    public static TheoryData<string, string> UnusableKeys()
    {
        using var rsa = RSA.Create(1024);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new()
        {
            { "not PEM", Hidden },
            { "broken", $"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String(Encoding.ASCII.GetBytes(Hidden))}\n-----END PRIVATE KEY-----" },
            { "public", rsa.ExportRSAPublicKeyPem() },
            { "not RSA", curve.ExportPkcs8PrivateKeyPem() },
            { "encrypted", rsa.ExportEncryptedPkcs8PrivateKeyPem("pw", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)) },
        };
    }

    [Fact]
    public void A_secret_shows_nowhere()
    {
        var secret = new ExchangeSecret(Hidden);
        var options = new ExchangeSigningOptions { ApiKey = "key", Secret = secret, PrivateKeyPem = secret };

        secret.ToString().ShouldBe("***");
        $"{secret}".ShouldBe("***");
        JsonSerializer.Serialize(secret).ShouldBe("\"***\"");
        JsonSerializer.Serialize(options).ShouldNotContain(Hidden);
        JsonSerializer.Deserialize<ExchangeSecret>($"\"{Hidden}\"")!.Reveal().ShouldBe(Hidden);
        typeof(ExchangeSecret).GetProperties().ShouldBeEmpty();
        ((ExchangeSecret?)(string?)null).ShouldBeNull();
    }

    [Fact]
    public void Secrets_are_compared_by_identity_alone()
    {
        var secret = new ExchangeSecret(Hidden);

        secret.Equals(new ExchangeSecret(Hidden)).ShouldBeFalse();
        secret.Equals(secret).ShouldBeTrue();
    }

    [Fact]
    public void Configuration_gives_a_secret_like_a_string()
    {
        var options = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ApiKey", "key"), new("Secret", Hidden), new("RecvWindow", "00:00:03")])
            .Build()
            .Get<ExchangeSigningOptions>();

        options!.Secret!.Reveal().ShouldBe(Hidden);
        options.ApiKey.ShouldBe("key");
        options.RecvWindow.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Credentials_show_the_account_and_not_the_key()
    {
        var credentials = SigningCredentials.From(new ExchangeSigningOptions { ApiKey = "my-key", Secret = Hidden })!;

        // printf my-key | sha256sum
        credentials.AccountId.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("my-key"u8))[..16]);
        credentials.AccountId.Length.ShouldBe(16);
        credentials.ToString().ShouldBe(credentials.AccountId);
    }

    [Fact]
    public void Options_choose_the_signer()
    {
        using var key = RSA.Create(2048);
        var own = new HmacSha256Signer("x");

        SigningCredentials.From(new ExchangeSigningOptions()).ShouldBeNull();
        SigningCredentials.From(new ExchangeSigningOptions { ApiKey = "k", Secret = "s" })!.Signer.ShouldBeOfType<HmacSha256Signer>();
        SigningCredentials.From(new ExchangeSigningOptions { ApiKey = "k", PrivateKeyPem = key.ExportPkcs8PrivateKeyPem() })!.Signer.ShouldBeOfType<RsaSha256Signer>();
        SigningCredentials.From(new ExchangeSigningOptions { ApiKey = "k", Signer = own })!.Signer.ShouldBeSameAs(own);
    }

    [Theory]
    [InlineData(null, null, null, 5_000, null)]
    [InlineData("key", "s", null, 5_000, null)]
    [InlineData("key", "s", null, 100, null)]
    [InlineData("key", "s", null, 60_000, null)]
    [InlineData("key", "s", null, 99, "RecvWindow: '99ms' is out of range; choose 100ms to 1m")]
    [InlineData("key", "s", null, 61_000, "RecvWindow: '61s' is out of range; choose 100ms to 1m")]
    [InlineData("key", null, null, 5_000, "ApiKey: has nothing to sign with; add Secret or PrivateKeyPem, or set Signer in code")]
    [InlineData(null, "s", null, 5_000, "ApiKey: is missing where a secret, private key or signer is set; write the API key that it belongs to")]
    [InlineData(" ", "s", null, 5_000, "ApiKey: is blank; write the API key, or leave it out with all else where requests are not to be signed")]
    [InlineData("key\n", "s", null, 5_000, "ApiKey: holds a character that no key has; look for a space or a line break at its ends")]
    [InlineData("key", "", null, 5_000, "Secret: is blank; write the secret of the key, or leave it out where another key signs")]
    [InlineData("key", "s\n", null, 5_000, "Secret: has a space or a line break at one of its ends; remove it")]
    [InlineData("key", null, Hidden, 5_000, "PrivateKeyPem: holds no key in PEM form; write the private key with its BEGIN and END lines, its line breaks as \\n if need be; the secret of an HMAC key belongs in Secret")]
    [InlineData("key", "s", Hidden, 5_000, "PrivateKeyPem: is set beside Secret; keep the one of Secret, PrivateKeyPem and Signer that belongs to the API key")]
    public void Options_that_cannot_work_are_refused_with_path_and_remedy(string? key, string? secret, string? pem, int windowMs, string? fault)
    {
        var options = new ExchangeSigningOptions
        {
            ApiKey = key,
            Secret = secret,
            PrivateKeyPem = pem,
            RecvWindow = TimeSpan.FromMilliseconds(windowMs),
        };

        var inSection = new ExchangeSigningOptionsValidator("bot", "BotA:Keys").Validate("bot", options);
        var inCode = new ExchangeSigningOptionsValidator("bot", sectionPath: null).Validate("bot", options);

        inSection.Failed.ShouldBe(fault is not null);
        if (fault is null)
        {
            return;
        }

        inSection.Failures!.ShouldContain($"BotA:Keys:{fault}");
        inCode.Failures!.ShouldContain($"client 'bot': {fault}");
        inSection.FailureMessage!.ShouldNotContain(Hidden);
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var result = new ExchangeSigningOptionsValidator("bot", sectionPath: null).Validate(
            "bot",
            new ExchangeSigningOptions { Secret = " ", PrivateKeyPem = Hidden, RecvWindow = TimeSpan.Zero });

        result.Failures!.Count().ShouldBe(5);
    }

    [Fact]
    public void Each_client_is_judged_by_its_own_section()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("BotA:ApiKey", "key"), new("BotA:Secret", ""), new("BotB:ApiKey", "key"), new("BotB:Secret", "s"), new("BotB:RecvWindow", "61s")])
            .Build();
        var services = new ServiceCollection();
        foreach (var bot in new[] { "BotA", "BotB" })
        {
            services.AddHttpClient(bot).AddExchangeErrorHandling().AddExchangeSigning(configuration.GetSection(bot));
        }

        using var provider = services.BuildServiceProvider();
        var registry = provider.GetRequiredService<SigningRegistry>();

        Should.Throw<OptionsValidationException>(() => registry.OptionsOf("BotA")).Failures.ShouldHaveSingleItem().ShouldStartWith("Client 'BotA': BotA:Secret: is blank; ");
        Should.Throw<OptionsValidationException>(() => registry.OptionsOf("BotB")).Failures.ShouldBe(["Client 'BotB': BotB:RecvWindow: '61s' is out of range; choose 100ms to 1m"]);
    }

    private static string Body(string pem) => pem.Split('\n')[Math.Min(1, pem.Split('\n').Length - 1)];
}
