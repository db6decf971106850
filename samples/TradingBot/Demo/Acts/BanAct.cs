using ExchangeResilience.Testing;

namespace TradingBot;

internal sealed class BanAct : IAct
{
    public string Title => "418: the address is banned";

    public string Promise => "A ban told to one client is obeyed by every other; nothing is sent that would make it longer.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        scene.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromSeconds(1)));
        scene.Script("will ban the address for one second");

        scene.Bot("one client asks the price");
        var price = scene.SecondClient.GetPriceAsync("BTCUSDT", cancellationToken);
        await Scene.UntilAsync(() => scene.Heard(LibraryEvents.LaneClosed), cancellationToken);
        var error = await scene.PlaceAsync(Scene.Buy("patient"), cancellationToken);
        scene.Bot($"the price is {await price}");

        var ban = scene.Exchange.Requests.First(static request => request.Status == 418);
        var order = scene.Requests("POST", "/fapi/v1/order").Single();
        scene.Check("the order was executed, and left after the ban", error is null && order.Elapsed - ban.Elapsed >= TimeSpan.FromSeconds(1));
        scene.Check("no request was sent into the ban", scene.Exchange.SentIntoHold.Count == 0);
    }
}
