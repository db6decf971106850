using ExchangeResilience.Testing;

namespace TradingBot;

internal sealed class RateLimitAct : IAct
{
    private const string Price = "/fapi/v1/ticker/price";

    public string Title => "-1003: too many requests";

    public string Promise => "One refusal makes every client of the address wait as long as asked; then all calls succeed.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        scene.Exchange.Faults.Next($"GET {Price}", Fault.TooManyRequests(TimeSpan.FromSeconds(1)));
        scene.Script("will answer the next request 429 with -1003 and Retry-After: 1");

        scene.Bot("asks the price");
        var first = scene.Client.GetPriceAsync("BTCUSDT", cancellationToken);
        await Scene.UntilAsync(() => scene.Heard(LibraryEvents.LaneClosed), cancellationToken);
        scene.Bot("another client asks the price meanwhile");
        var prices = await Task.WhenAll(first, scene.SecondClient.GetPriceAsync("BTCUSDT", cancellationToken));
        scene.Bot($"both have it: {prices[0]}");

        var asked = scene.Requests("GET", Price).ToList();
        scene.Check("the exchange saw three requests, none of them into the wait", asked.Count == 3 && scene.Exchange.SentIntoHold.Count == 0);
        scene.Check("a second or more passed after the refusal", asked.Count > 1 && asked[1].Elapsed - asked[0].Elapsed >= TimeSpan.FromSeconds(1));
    }
}
