using System.Net;
using System.Security.Cryptography;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>Keys change while the program runs: by its settings or by the file of the private key, with orders in doubt, and back to the last good ones where the new ones cannot be used.</summary>
public sealed class KeyRotationTests : RotatedKeys
{
    private static readonly TimeSpan UntilTheFileIsLookedAt = TimeSpan.FromSeconds(31);

    [Fact]
    public async Task Another_key_in_the_settings_signs_from_then_on()
    {
        var (http, settings, services) = Start(Hmac("old-key"));
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);

        Change(settings, Hmac("new-key"));
        Revoked = "old-key";

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        LastKey.ShouldBe("new-key");
        Log.Of("KeysInForce").ShouldHaveSingleItem().Text.ShouldNotContain("new-key");
        ReloadOf(services).Accepted.ShouldBeTrue();
    }

    [Fact]
    public async Task An_order_in_doubt_under_the_earlier_key_is_found_with_the_new_one()
    {
        var (http, settings, services) = Start(Hmac("old-key"), static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        ReadsNothing = "old-key";
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        Change(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(1));

        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
        Log.Of("Settled").ShouldHaveSingleItem().Text.ShouldContain(nameof(ExecutionStatus.Executed));
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_search_that_ended_because_the_earlier_key_was_refused_begins_anew()
    {
        var (http, settings, services) = Start(Hmac("old-key"), static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        ReadsNothing = "old-key";
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Unknown);
        await LetPassAsync(TimeSpan.FromMinutes(15));
        Log.Of("Unresolved").ShouldHaveSingleItem().Text.ShouldContain("CredentialsRefused");

        Change(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(1));

        services.GetRequiredService<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_of_another_account_proves_nothing_about_an_order_of_the_earlier_one()
    {
        var (http, settings, services) = Start(Hmac("old-key"));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        Exchange.Faults.Next(ExchangeLooks.Look, Fault.DropBeforeExecute, Fault.DropBeforeExecute);

        var told = await Time.RunAsync(async () =>
        {
            var buying = Told.HearAsync(http.PostAsync(BuyPath + "a", content: null, TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(100), Time);
            Change(settings, Hmac("other-key"));
            return await buying;
        });
        await LetPassAsync(TimeSpan.FromMinutes(15));

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        var doubts = services.GetRequiredService<IInDoubtOrders>();
        doubts.List().ShouldHaveSingleItem().State.ShouldBe(InDoubtState.CredentialsRefused);
        doubts.List()[0].Trail.ShouldContain(static line => line.Contains("KEY_OF_ANOTHER_ACCOUNT", StringComparison.Ordinal));

        Change(settings, Hmac("new-key"));
        await LetPassAsync(TimeSpan.FromMinutes(1));
        doubts.List().ShouldBeEmpty("a key of its account is back");
        Log.Of("Settled").ShouldHaveSingleItem().Text.ShouldContain(nameof(ExecutionStatus.Executed));
    }

    [Fact]
    public async Task The_same_order_again_under_the_new_key_joins_the_one_in_doubt()
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var (first, second) = await Time.RunAsync(async () =>
        {
            Exchange.Faults.Next(ExchangeLooks.Look, Fault.DropBeforeExecute);
            var one = Told.HearAsync(http.PostAsync(BuyPath + "a", content: null, TestContext.Current.CancellationToken));
            await Task.Delay(TimeSpan.FromMilliseconds(50), Time);
            Change(settings, Hmac("new-key"));
            var two = Told.HearAsync(http.PostAsync(BuyPath + "a", content: null, TestContext.Current.CancellationToken));
            return (await one, await two);
        });

        (first.Execution, second.Execution).ShouldBe((ExecutionStatus.Executed, ExecutionStatus.Executed));
        Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_library_that_still_signs_with_the_earlier_key_is_signed_with_the_new_one()
    {
        var (http, settings, _) = Start(Hmac("old-key"));
        Change(settings, Hmac("new-key"));
        Revoked = "old-key";

        using var request = SelfSigned.Query(HttpMethod.Post, BuyPath + "a", Time, key: "old-key", secret: "old-key-secret");
        (await Time.RunAsync(() => Told.HearAsync(http.SendAsync(request, TestContext.Current.CancellationToken)))).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task Another_private_key_in_the_file_signs_from_then_on()
    {
        await File.WriteAllTextAsync(KeyFile, First.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, _) = Start(Pem());
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);

        await File.WriteAllTextAsync(KeyFile, Second.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        Registered = Second;
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_leaves_the_last_good_key_in_force_and_is_told_once()
    {
        await File.WriteAllTextAsync(KeyFile, First.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, services) = Start(Pem());
        await BuyAsync(http, "a");

        await File.WriteAllTextAsync(KeyFile, Second.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        await LetPassAsync(UntilTheFileIsLookedAt * 4);

        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
        Log.Of("KeysRefused").ShouldHaveSingleItem().Text.ShouldContain("PrivateKeyPath: is a public key; write the private key");
        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldContain("is a public key");

        await File.WriteAllTextAsync(KeyFile, Second.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        Registered = Second;
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "c")).Execution.ShouldBe(ExecutionStatus.Executed);
        ReloadOf(services).Accepted.ShouldBeTrue();
    }

    /// <summary>As whoever writes it in place leaves it for a moment.</summary>
    [Theory]
    [InlineData(0, "names what is empty")]
    [InlineData(200, "is cut off")]
    public async Task A_file_that_is_half_written_leaves_the_last_good_key_in_force_until_it_is_whole(int length, string reason)
    {
        var next = Second.ExportPkcs8PrivateKeyPem();
        await File.WriteAllTextAsync(KeyFile, First.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, services) = Start(Pem());

        await File.WriteAllTextAsync(KeyFile, next[..length], TestContext.Current.CancellationToken);
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldContain(reason);

        await File.WriteAllTextAsync(KeyFile, next, TestContext.Current.CancellationToken);
        Registered = Second;
        await LetPassAsync(UntilTheFileIsLookedAt);
        (await BuyAsync(http, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_file_that_is_gone_leaves_the_last_good_key_in_force()
    {
        await File.WriteAllTextAsync(KeyFile, First.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (http, _, services) = Start(Pem());

        File.Delete(KeyFile);
        await LetPassAsync(UntilTheFileIsLookedAt);

        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        ReloadOf(services).Faults.ShouldHaveSingleItem().ShouldContain("is not there");
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "ApiKey", "", "is blank" },
        { "Secret", "-----BEGIN PRIVATE KEY-----", "holds a key in PEM form" },
        { "RecvWindow", "10s", "cannot change while the program runs" },
        { "Hosts:0", "proxy.example", "cannot change while the program runs" },
        { "Secrets", "hidden-word", "unknown key" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_take_their_place_is_refused_with_the_reason(string setting, string value, string reason)
    {
        var (http, settings, services) = Start(Hmac("old-key"));

        Change(settings, [new(setting, value)]);

        ReloadOf(services).Accepted.ShouldBeFalse();
        Log.Of("KeysRefused").ShouldHaveSingleItem().Text.ShouldContain(reason);
        Log.Of("KeysRefused").Single().Text.ShouldNotContain("hidden-word");
        (await BuyAsync(http, "a")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public void A_change_of_other_settings_is_none_of_the_keys()
    {
        var (_, settings, services) = Start(Hmac("old-key"));

        Change(settings, []);

        services.GetRequiredService<SigningRegistry>().SourceOf("futures")!.LastReload.ShouldBeNull();
        Log.Of("KeysInForce").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signer_that_code_makes_anew_is_no_other_key()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("ExchangeSigning:ApiKey", "test-key")]).Build();
        using var exchange = new ScriptedExchange().On("GET /fapi/v3/balance", 200, "[]");
        var services = new ServiceCollection();
        services.AddLogging(Log.Register);
        services.AddHttpClient("bot", static http => http.BaseAddress = new Uri("https://fapi.test"))
            .AddExchangeErrorHandling()
            .AddExchangeSigning(settings.GetSection("ExchangeSigning"))
            .ConfigurePrimaryHttpMessageHandler(() => exchange);
        services.PostConfigure<ExchangeSigningOptions>("bot", static options => options.Signer = new OwnSigner());
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("bot");

        settings.Reload();

        (await Told.HearAsync(http.GetAsync("/fapi/v3/balance", TestContext.Current.CancellationToken))).Status.ShouldBe(200);
        Log.Of("KeysInForce").ShouldBeEmpty();
        Log.Of("KeysRefused").ShouldBeEmpty();
    }

    private sealed class OwnSigner : IExchangeSigner
    {
        public string Sign(ReadOnlySpan<byte> payload) => "S";
    }
}
