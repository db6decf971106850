using ExchangeResilience.Ed25519;
using ExchangeResilience.Stacking.Tests.Migration;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NSec.Cryptography;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>Ed25519 keys sign from the settings, however they are written there, once their package is added; without it they are called by their name.</summary>
public sealed class Ed25519KeyTests : IDisposable
{
    // Of no account; made for this test with: openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -passout pass:right
    private const string Encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAibB3h01KGGlQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEA/oyFEJzfH2w65IQk7+rJkEQMVY
        uKEmohrzxkv5ia8LuKWF3IPPY6ozEkjuHnfbetYwRJLzdh9OGLqlrikEAVBGg/C+
        ObYIN6zYs019cL2kOro=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    private const string TheSameOpen = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJT6Rq/6ebYcMtv9JA90UOs9xYnxGqBCR1Wpcz7FERB7
        -----END PRIVATE KEY-----
        """;

    private readonly Key _key = Key.Import(SignatureAlgorithm.Ed25519, Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEIJT6Rq/6ebYcMtv9JA90UOs9xYnxGqBCR1Wpcz7FERB7").AsSpan(16), KeyBlobFormat.RawPrivateKey);
    private readonly ManualTimeProvider _time = new();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        _key.Dispose();
        File.Delete(_file);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("encrypted")]
    [InlineData("file")]
    [InlineData("environment")]
    public async Task An_exchange_that_knows_the_public_half_takes_what_they_sign(string form)
    {
        await File.WriteAllTextAsync(_file, TheSameOpen, TestContext.Current.CancellationToken);
        await using var services = Program(withPackage: true, form switch
        {
            "encrypted" => [new("PrivateKeyPem", Encrypted), new("PrivateKeyPassphrase", "right")],
            "file" => [new("PrivateKeyPath", _file)],
            "environment" => [new("PrivateKeyPem", TheSameOpen.ReplaceLineEndings("\\n"))],
            _ => [new("PrivateKeyPem", TheSameOpen)],
        });

        var told = await _time.RunAsync(() => services.GetRequiredService<FuturesClient>().BuyAsync("BTCUSDT", 0.001m, "a", TestContext.Current.CancellationToken));

        told.ShouldBe(ExecutionStatus.Executed);
    }

    [Theory]
    [InlineData(true, "wrong", "is encrypted, and cannot be opened with PrivateKeyPassphrase")]
    [InlineData(true, null, "is encrypted; set PrivateKeyPassphrase")]
    [InlineData(false, "right", "add the package ExchangeResilience.Ed25519 and call AddEd25519Keys()")]
    public async Task What_is_missing_is_told(bool withPackage, string? passphrase, string told)
    {
        await using var services = Program(withPackage, [new("PrivateKeyPem", Encrypted), new("PrivateKeyPassphrase", passphrase)]);

        Should.Throw<OptionsValidationException>(services.GetRequiredService<FuturesClient>).Message.ShouldContain(told);
    }

    [Fact]
    public void The_signer_signs_what_the_public_half_verifies_and_shows_nothing_of_what_it_cannot_read()
    {
        using var signer = new Ed25519Signer(Encrypted, "right");

        var signature = Convert.FromBase64String(signer.Sign("symbol=BTCUSDT"u8));

        SignatureAlgorithm.Ed25519.Verify(_key.PublicKey, "symbol=BTCUSDT"u8, signature).ShouldBeTrue();
        SignatureAlgorithm.Ed25519.Verify(_key.PublicKey, "symbol=BTCUSDX"u8, signature).ShouldBeFalse();
        foreach (var unusable in new[] { "hidden-word", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", Encrypted })
        {
            Should.Throw<ArgumentException>(() => new Ed25519Signer(unusable, "hidden-word")).ToString().ShouldNotContain("hidden-word");
        }
    }

    private ServiceProvider Program(bool withPackage, KeyValuePair<string, string?>[] keys)
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey("ed-key", "")
        {
            Verify = (bytes, signature) => SignatureAlgorithm.Ed25519.Verify(_key.PublicKey, bytes.Span, Convert.FromBase64String(signature)),
        });
        var exchange = new SimulatedExchange(options, _time);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create("ExchangeSigning:" + key.Key, key.Value))
            .Append(new("ExchangeSigning:ApiKey", "ed-key")).Append(new("ExchangeErrorHandling:Mode", "Enforce"))).Build();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.ConfigureHttpClientDefaults(client => client.ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler()));
        if (withPackage)
        {
            ClientSnippets.AddEd25519(services, SimulatedExchange.Address, configuration);
        }
        else
        {
            MigrationSnippets.AddThis(services, SimulatedExchange.Address, configuration);
        }

        return services.BuildServiceProvider();
    }
}
