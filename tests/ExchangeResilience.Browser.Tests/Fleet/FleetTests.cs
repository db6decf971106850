using ExchangeResilience.PostgreSql;
using ExchangeResilience.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests.Fleet;

/// <summary>What one member's page shows of a fleet with a real store.</summary>
public sealed class FleetTests(Browser browser) : IAsyncLifetime
{
    private const string Balance = "/fapi/v2/balance";
    private readonly SimulatedExchange _exchange = new();
    private LocalPostgreSql? _store;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await LocalPostgreSql.StartAsync(Stop);

    public ValueTask DisposeAsync() => _store!.DisposeAsync();

    [Fact]
    public async Task The_page_shows_the_members_whose_hold_it_is_and_that_the_store_is_away()
    {
        await using var first = await FleetMember.StartAsync("bot-1", _exchange, _store!.ConnectionString);
        await using var second = await FleetMember.StartAsync("bot-2", _exchange, _store.ConnectionString);
        await using var tab = await browser.OpenAsync(first.Dashboard);
        await Expect(tab["#fleet-count"]).ToHaveTextAsync("2");
        await Expect(tab["#members tr"]).ToContainTextAsync(["bot-1 (this process)", "bot-2"]);
        await Expect(tab["#members .tag"]).ToHaveTextAsync(["held", "held"]);

        // An order that nobody finds again is open until there is proof, and the other's to settle.
        (await second.GetAsync(Balance)).Dispose();
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.SilenceBeforeExecute);
        (await Should.ThrowAsync<ExchangeErrorException>(() => second.PlaceAsync("lost"))).Error.Execution.ShouldBe(ExecutionStatus.Unknown);
        await Expect(tab["#members tr"].Nth(1).Locator("td").Last).ToHaveTextAsync("1");

        _exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(2)));
        (await second.GetAsync(Balance)).Dispose();
        await Expect(tab[".card.Held"]).ToContainTextAsync("told to bot-2");
        await LookAsync(first, "fleet", isWhole: true);

        await _store.StopAsync();
        await Expect(tab["#fleet-store"]).ToContainTextAsync("The shared store cannot be reached.");
        await Expect(tab["#headline"]).ToContainTextAsync("The fleet's store is away");
        await LookAsync(first, "fleet-away", isWhole: false);
        await _store.ResumeAsync(Stop);
        await Expect(tab["#fleet-store"]).ToBeHiddenAsync();

        await second.DisposeAsync();
        await Expect(tab["#members tr"]).ToHaveCountAsync(1);
        tab.Complaints.ShouldBeEmpty();
    }

    private async Task LookAsync(FleetMember member, string name, bool isWhole)
    {
        await using var tab = await browser.OpenAsync(member.Dashboard);
        await Expect(tab["#members tr"]).ToHaveCountAsync(2);
        await tab.ShouldBeReadableEverywhereAsync(name, isWhole);
    }
}
