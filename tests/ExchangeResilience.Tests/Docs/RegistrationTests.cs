using Documented;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Docs;

/// <summary>Registrations as the documentation shows them, and the one it warns of.</summary>
public sealed class RegistrationTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();

    public RegistrationTests()
    {
        var options = new SimulatedExchangeOptions();
        foreach (var account in (string[])["main", "hedge"])
        {
            options.ApiKeys.Add(new SimulatedApiKey($"{account}-key", $"{account}-secret", account));
            (_configuration[$"Keys:{account}:ApiKey"], _configuration[$"Keys:{account}:Secret"]) = ($"{account}-key", $"{account}-secret");
        }

        _exchange = new SimulatedExchange(options, _time);
    }

    [Fact]
    public async Task Two_accounts_of_one_class_trade_each_with_its_own_key()
    {
        await using var provider = Build(services => Snippets.AddTwo(services, _configuration, SimulatedExchange.Address));

        await BuyAsync(provider.GetRequiredKeyedService<FuturesClient>("main"), "from-main");
        await BuyAsync(provider.GetRequiredKeyedService<FuturesClient>("hedge"), "from-hedge");

        OrdersBy("main-key").ShouldBe(["from-main"]);
        OrdersBy("hedge-key").ShouldBe(["from-hedge"]);
    }

    [Fact]
    public async Task Two_typed_clients_of_one_class_are_both_the_one_that_was_registered_last()
    {
        await using var provider = Build(services =>
        {
            foreach (var account in (string[])["main", "hedge"])
            {
                services.AddHttpClient<FuturesClient>(account, http => http.BaseAddress = SimulatedExchange.Address)
                    .AddExchangeErrorHandling(options => options.Account = account)
                    .AddExchangeSigning(_configuration.GetSection($"Keys:{account}"));
            }
        });

        await BuyAsync(provider.GetServices<FuturesClient>().Last(), "a");
        await BuyAsync(provider.GetRequiredService<FuturesClient>(), "b");

        OrdersBy("main-key").ShouldBeEmpty();
        OrdersBy("hedge-key").ShouldBe(["a", "b"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_library_registers_its_client_with_or_without_a_section_and_the_host_gives_the_key(bool hasSection)
    {
        if (hasSection)
        {
            _configuration["Exchange:TotalTimeout"] = "20s";
        }

        await using var provider = Build(services => services.AddFuturesClient(_configuration.GetSection("Exchange"))
            .ConfigureHttpClient(http => http.BaseAddress = SimulatedExchange.Address)
            .ConfigureExchangeErrorHandling(options => options.Account = "main")
            .AddExchangeSigning(_configuration.GetSection("Keys:main")));

        await BuyAsync(provider.GetRequiredService<FuturesClient>(), "a");

        OrdersBy("main-key").ShouldBe(["a"]);
        provider.GetRequiredService<ClientSettingsRegistry>().For(nameof(FuturesClient)).Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(hasSection ? 20 : 30));
    }

    [Fact]
    public async Task Options_of_a_librarys_own_are_followed_each_time_they_change()
    {
        await using var provider = Build(services =>
        {
            services.Configure<FuturesOptions>(_configuration.GetSection("Futures"));
            Snippets.MapOptions(services);
            services.AddFuturesClient();
        });

        FollowedPatience(provider).ShouldBe([11, 12, 13, 14, 15]);
    }

    [Fact]
    public async Task Followed_by_the_section_instead_they_are_read_before_they_have_changed()
    {
        await using var provider = Build(services =>
        {
            services.Configure<FuturesOptions>(_configuration.GetSection("Futures"));
            services.AddOptions<ExchangeErrorHandlingOptions>(nameof(FuturesClient))
                .Configure<IOptionsMonitor<FuturesOptions>>((options, own) => options.TotalTimeout = own.CurrentValue.Patience);
            services.AddSingleton<IOptionsChangeTokenSource<ExchangeErrorHandlingOptions>>(
                new ConfigurationChangeTokenSource<ExchangeErrorHandlingOptions>(nameof(FuturesClient), _configuration.GetSection("Futures")));
            services.AddFuturesClient();
        });

        FollowedPatience(provider).ShouldBe([10, 12, 12, 14, 14], "as the page warns: a value of before in every second reload");
    }

    [Fact]
    public async Task Keys_that_code_sets_are_followed_where_it_gives_a_source_of_changes()
    {
        var account = "main";
        await using var provider = Build(services =>
        {
            services.AddFuturesClient()
                .ConfigureHttpClient(http => http.BaseAddress = SimulatedExchange.Address)
                .ConfigureExchangeErrorHandling(options => options.Account = "main")
                .AddExchangeSigning(options => (options.ApiKey, options.Secret) = ($"{account}-key", $"{account}-secret"));
            services.AddSingleton<IOptionsChangeTokenSource<ExchangeSigningOptions>>(
                new ConfigurationChangeTokenSource<ExchangeSigningOptions>(nameof(FuturesClient), _configuration));
        });
        var client = provider.GetRequiredService<FuturesClient>();
        await BuyAsync(client, "a");

        account = "hedge";
        _configuration.Reload();
        await BuyAsync(client, "b");

        OrdersBy("main-key").ShouldBe(["a"]);
        OrdersBy("hedge-key").ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_signer_and_a_journal_of_ones_own_come_from_the_container()
    {
        var journal = new InMemoryOrderJournal();
        _configuration["ExchangeSigning:ApiKey"] = "main-key";
        await using var provider = Build(services =>
        {
            Snippets.AddJournal(services, _ => journal);
            Snippets.AddSigner(services.AddFuturesClient().ConfigureHttpClient(http => http.BaseAddress = SimulatedExchange.Address), _configuration);
        });

        await BuyAsync(provider.GetRequiredService<FuturesClient>(), "a");

        OrdersBy("main-key").ShouldBe(["a"]);
        journal.Entries.ShouldHaveSingleItem().ClientOrderId.ShouldBe("a");
    }

    [Fact]
    public async Task A_batch_tells_of_each_of_its_orders()
    {
        await using var provider = Build(services => Snippets.AddTwo(services, _configuration, SimulatedExchange.Address));
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("main");
        _exchange.Faults.Next("POST /fapi/v1/batchOrders", Fault.OfItems([Fault.ExecutedTimeout, Fault.None]));

        var items = await _time.RunAsync(() => Snippets.PlaceAsync(http, CancellationToken.None));

        items.Select(static item => item.Execution).ShouldBe([ExecutionStatus.Executed, ExecutionStatus.Executed]);
        _exchange.ExecutionsOf("entry-1").ShouldHaveSingleItem();
    }

    // Seconds, after each change of the section.
    private List<double> FollowedPatience(ServiceProvider provider)
    {
        _configuration["Futures:Patience"] = "00:00:10";
        var settings = provider.GetRequiredService<ClientSettingsRegistry>().For(nameof(FuturesClient));
        settings.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(10));
        return [.. Enumerable.Range(11, 5).Select(seconds =>
        {
            _configuration["Futures:Patience"] = $"00:00:{seconds}";
            _configuration.Reload();
            return settings.Current.Options.TotalTimeout.TotalSeconds;
        })];
    }

    private ServiceProvider Build(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_time);
        services.ConfigureHttpClientDefaults(client => client.ConfigurePrimaryHttpMessageHandler(() => _exchange.CreateHandler()));
        register(services);
        return services.BuildServiceProvider();
    }

    private async Task BuyAsync(FuturesClient client, string id) => (await _time.RunAsync(() => client.BuyAsync("BTCUSDT", 0.001m, id))).ShouldBe(ExecutionStatus.Executed);

    private IEnumerable<string> OrdersBy(string key) =>
        _exchange.Requests.Where(request => request.Method == "POST" && request.ApiKey == key).Select(static request => request.Parameters["newClientOrderId"]);
}
