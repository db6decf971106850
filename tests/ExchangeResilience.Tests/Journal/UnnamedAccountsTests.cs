using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>Two accounts without a name in the settings use one id. Where an earlier run could not learn whose an order is, this one asks.</summary>
public sealed class UnnamedAccountsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly InMemoryOrderJournal _journal;

    public UnnamedAccountsTests()
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Clear();
        options.ApiKeys.Add(new SimulatedApiKey("key-a", "secret-a", "A"));
        options.ApiKeys.Add(new SimulatedApiKey("key-b", "secret-b", "B"));
        _exchange = new SimulatedExchange(options, _time);
        _journal = new InMemoryOrderJournal(_time);
    }

    [Fact]
    public async Task An_order_is_not_refused_for_an_earlier_runs_order_of_another_account_whose_key_is_still_in_use()
    {
        await using (var first = Start())
        {
            _exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path.EndsWith("balance", StringComparison.Ordinal) ? Fault.HtmlReply(502) : null);
            (await BuyAsync(first, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
            _exchange.Faults.Plan = FaultPlan.None;
        }

        await using var next = Start();

        var told = await BuyAsync(next, "a");

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        _exchange.Orders.Select(static order => order.Account).ShouldBe(["B", "A"]);
    }

    [Fact]
    public async Task Where_that_key_is_in_use_no_more_it_stays_unclear()
    {
        await using (var first = Start())
        {
            _exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path.EndsWith("balance", StringComparison.Ordinal) ? Fault.HtmlReply(502) : null);
            (await BuyAsync(first, "b")).Execution.ShouldBe(ExecutionStatus.Executed);
            _exchange.Faults.Plan = FaultPlan.None;
        }

        await using var next = Start("a");

        (await BuyAsync(next, "a")).Error.ShouldNotBeNull().Name.ShouldBe("ACCOUNT_UNCLEAR");
    }

    private Task<Told> BuyAsync(ServiceProvider run, string client) =>
        _time.RunAsync(() => Told.HearAsync(run.GetRequiredService<IHttpClientFactory>().CreateClient(client).PostAsync(SimulatedFixture.Market("o1"), content: null)));

    private ServiceProvider Start(params string[] clients)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddSingleton<IOrderJournal>(_journal);
        foreach (var client in clients is [] ? ["a", "b"] : clients)
        {
            services.AddHttpClient(client, static http => http.BaseAddress = SimulatedExchange.Address)
                .AddExchangeErrorHandling()
                .AddExchangeSigning(signing => (signing.ApiKey, signing.Secret) = ($"key-{client}", $"secret-{client}"))
                .ConfigurePrimaryHttpMessageHandler(() => _exchange.CreateHandler());
        }

        var provider = services.BuildServiceProvider();
        foreach (var client in clients is [] ? ["a", "b"] : clients)
        {
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(client).Dispose();
        }

        return provider;
    }
}
