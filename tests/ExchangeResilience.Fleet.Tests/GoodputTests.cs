using System.Globalization;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>Eight processes of one account that would all like to send more orders than the account may.</summary>
public sealed class GoodputTests(Store store, ITestOutputHelper output)
{
    private const int Members = 8;
    private const int Callers = 8;
    private const int Limit = 300;
    private const int Windows = 2;
    private const int WindowSeconds = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task They_share_what_the_exchange_allows_and_are_refused_nothing()
    {
        var state = await store.NewDatabaseAsync();
        await using var market = await Market.OpenAsync(Members, TimeSpan.FromMilliseconds(5), Limit);
        var members = new List<Member>();
        try
        {
            for (var slot = 0; slot < Members; slot++)
            {
                members.Add(new Member(market.Address, state, Market.KeyOf(slot), null, "fill", string.Create(CultureInfo.InvariantCulture, $"m{slot}"), string.Create(CultureInfo.InvariantCulture, $"{Callers}")));
            }

            foreach (var member in members)
            {
                await member.HearAsync("started");
            }

            // In the next window they warm up, and from the one after it on all of them ask.
            var first = WindowOf(TimeProvider.System.GetUtcNow()) + 2;
            await Wait.UntilAsync(() => WindowOf(TimeProvider.System.GetUtcNow()) >= first + Windows, Patience);
            var sent = market.Exchange.Requests.Where(static request => request.Method == "POST").ToList();
            foreach (var member in members)
            {
                await member.FinishAsync();
            }

            var whole = sent.Where(request => WindowOf(request.Time) >= first && WindowOf(request.Time) < first + Windows).ToList();
            var perWindow = whole.Where(static request => request.Status == 200).CountBy(request => WindowOf(request.Time)).Select(static window => window.Value).ToList();
            var story = $"{string.Join(" and ", perWindow)} of {Limit} orders in {WindowSeconds} s by {whole.Select(static request => request.ApiKey).Distinct(StringComparer.Ordinal).Count()} processes; {market.Exchange.Scoreboard}";
            output.WriteLine(story);
            perWindow.Count.ShouldBe(Windows, story);

            // Nine processes share two processors with whatever else the machine does; one window shows what they can.
            perWindow.Max().ShouldBeGreaterThanOrEqualTo(Limit * 95 / 100, story);
            perWindow.Sum().ShouldBeGreaterThanOrEqualTo(Windows * Limit * 80 / 100, story);
            market.Exchange.Requests.ShouldNotContain(static request => request.Status == 429 || request.Status == 418, story);
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    private static long WindowOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / WindowSeconds;
}
