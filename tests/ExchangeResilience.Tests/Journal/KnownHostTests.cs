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
        using var world = new JournalledWorld();
        await world.Journal.RecordAsync(Entry(world, new Uri(host)), CancellationToken.None);
        var run = world.Start();

        await run.OpenAsync();
        await world.LetPassAsync(120);

        world.Exchange.Requests.ShouldBeEmpty();
        run.InDoubt.List().ShouldHaveSingleItem();
        run.Log.Of("NoEvidence").First().Text.ShouldContain("HOST_NOT_KNOWN");
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

    [Fact]
    public async Task A_host_becomes_known_by_what_the_application_sends_there()
    {
        using var world = new JournalledWorld();
        await world.Journal.RecordAsync(Entry(world, new Uri("https://proxy.test")), CancellationToken.None);
        var run = world.Start();

        await run.OpenAsync();
        await world.LetPassAsync(10);
        world.Exchange.Requests.ShouldBeEmpty();
        await run.GetAsync("https://proxy.test/fapi/v1/openOrders?symbol=BTCUSDT");
        await world.LetPassAsync(120);

        run.InDoubt.List().ShouldBeEmpty();
    }

    private static JournalEntry Entry(JournalledWorld world, Uri host)
    {
        var now = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new JournalEntry
        {
            Id = "entry",
            Run = "earlier",
            Key = new JournalKey(ExchangeVenue.BinanceUsdFutures.EnvironmentOf(host), SigningCredentials.AccountOf(SimulatedExchangeOptions.DefaultApiKey), "BTCUSDT", OperationKind.Place, "a"),
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
