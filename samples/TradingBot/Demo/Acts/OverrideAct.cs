using ExchangeResilience;
using ExchangeResilience.Testing;

namespace TradingBot;

internal sealed class OverrideAct : IAct
{
    private const string Price = "/fapi/v1/ticker/price";

    public string Title => "appsettings.json changes while the bot runs";

    public string Promise => "A row for -1001 takes effect on the next call; a faulty edit is refused with its fault, and the last good settings stay.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        var usual = await AskAsync(scene, cancellationToken);
        scene.Check("by default -1001 is retried", usual == 2);

        scene.Heard(LibraryEvents.SettingsInForce);
        scene.Bot("writes \"Policies\": { \"-1001\": { \"Action\": \"FailFast\" } }");
        scene.Settings.SetPolicy("-1001", "FailFast");
        var inForce = await Scene.UntilAsync(() => scene.Heard(LibraryEvents.SettingsInForce), cancellationToken);
        var changed = await AskAsync(scene, cancellationToken);
        scene.Check("now -1001 fails at once", inForce && changed == 1);

        scene.Bot("writes \"Action\": \"Retri\"");
        scene.Settings.SetPolicy("-1001", "Retri");
        var refused = await Scene.UntilAsync(() => scene.Heard(LibraryEvents.SettingsRefused), cancellationToken);
        var kept = await AskAsync(scene, cancellationToken);
        scene.Check("the faulty edit was refused and FailFast is still in force", refused && kept == 1);
    }

    /// <summary>How many requests it takes to get past one -1001, or to give up on it.</summary>
    private static async Task<int> AskAsync(Scene scene, CancellationToken cancellationToken)
    {
        var before = scene.Seen("GET", Price);
        scene.Exchange.Faults.Next($"GET {Price}", Fault.RefuseWithCode(503, -1001, "Internal error; unable to process your request. Please try again."));
        scene.Bot("asks the price, which the exchange answers with -1001");
        try
        {
            scene.Bot($"the price is {await scene.Client.GetPriceAsync("BTCUSDT", cancellationToken)}");
        }
        catch (ExchangeErrorException failure)
        {
            scene.Bot(failure.Error.ToString());
        }

        return scene.Seen("GET", Price) - before;
    }
}
