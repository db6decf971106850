using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>A question bears the key and a signature: it goes to hosts that the client or the venue names, whatever a record of the journal says.</summary>
public sealed class KnownHostTests
{
    [Theory]
    [InlineData("http://evil.test")]
    [InlineData("https://evil.test")]
    [InlineData("https://fapi.test.evil.test")]
    [InlineData("http://fapi.test")]
    [InlineData("https://fapi.test:444")]
    [InlineData("http://fapi.binance.com")]
    [InlineData("https://fapi.binance.com:8443")]
    public async Task No_question_goes_to_a_host_that_only_a_record_names(string host)
    {
        using var world = new JournalledWorld(static options => options.Account = "desk");
        await world.Journal.RecordAsync(Entry(world, new Uri(host), account: "desk"), CancellationToken.None);
        var run = world.Start();

        await run.OpenAsync();
        await world.LetPassAsync(120);

        world.Exchange.Requests.ShouldBeEmpty();
        run.InDoubt.List().ShouldHaveSingleItem().State.ShouldBe(InDoubtState.NobodyToAsk);
    }

    /// <summary>A program that has moved to another address asks there about what it sent from the old one: the key shows the account to be the same.</summary>
    [Fact]
    public async Task What_a_record_says_was_sent_elsewhere_under_the_same_key_is_asked_about_at_the_clients_own_address()
    {
        using var world = new JournalledWorld();
        await world.Journal.RecordAsync(Entry(world, new Uri("https://old.test")), CancellationToken.None);
        var run = world.Start();

        await run.OpenAsync();
        await world.LetPassAsync(120);

        world.Exchange.Seen(ExchangeLooks.Look).ShouldNotBeEmpty();
        run.InDoubt.List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://fapi.test")]
    [InlineData("https://FAPI.test:443")]
    [InlineData("https://fapi.binance.com")]
    public async Task The_clients_base_address_and_the_venues_hosts_are_known_before_anything_is_sent(string host)
    {
        using var world = new JournalledWorld();
        await world.Journal.RecordAsync(Entry(world, new Uri(host)), CancellationToken.None);
        var run = world.Start();

        await run.OpenAsync();
        await world.LetPassAsync(120);

        world.Exchange.Seen(ExchangeLooks.Look).ShouldNotBeEmpty();
        run.InDoubt.List().ShouldBeEmpty();
    }

    private static JournalEntry Entry(JournalledWorld world, Uri host, string? account = null)
    {
        var now = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new JournalEntry
        {
            Id = "entry",
            Run = "earlier",
            Key = new JournalKey(ExchangeVenue.BinanceUsdFutures.EnvironmentOf(host), account ?? SigningCredentials.AccountOf(SimulatedExchangeOptions.DefaultApiKey), "BTCUSDT", OperationKind.Place, "a"),
            ClientName = "futures",
            Host = host,
            Venue = "BinanceUsdFutures",
            Method = "POST",
            Path = "/fapi/v1/order",
            ClientOrderId = "a",
            Fingerprint = "",
            Side = "BUY",
            Quantity = 0.01m,
            Attempts = [new JournalAttempt(now, now + 5_000, 5_000)],
        };
    }
}
