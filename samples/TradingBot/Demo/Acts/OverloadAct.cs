using ExchangeResilience.Testing;

namespace TradingBot;

internal sealed class OverloadAct : IAct
{
    public string Title => "-1008: overload";

    public string Promise => "Opening orders back off; an order that only closes a position is exempt and passes through the hold.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        await scene.PlaceAsync(Scene.Buy("position", 0.01m), cancellationToken);
        scene.Exchange.Faults.Next(static request => request is { IsPlace: true, ClientOrderId: "opening" }, Fault.Throttled, Fault.Throttled, Fault.Throttled);
        scene.Script("will refuse the opening order three times with -1008");

        var opening = scene.PlaceAsync(Scene.Buy("opening", 0.02m), cancellationToken);
        await Scene.UntilAsync(() => scene.Heard(LibraryEvents.LaneClosed), cancellationToken);
        var closing = await scene.PlaceAsync(NewOrder.Market("BTCUSDT", "SELL", 0.01m) with { ReduceOnly = true, ClientOrderId = "closing" }, cancellationToken);
        var opened = await opening;

        var closed = scene.Requests("POST", "/fapi/v1/order", "closing").ToList();
        var tried = scene.Requests("POST", "/fapi/v1/order", "opening").ToList();
        scene.Check("both orders were executed, once each", opened is null && closing is null && scene.Exchange.Orders.Count == 3);
        scene.Check("the opening order was sent four times, ever later", tried.Count == 4 && tried[3].Elapsed - tried[0].Elapsed > TimeSpan.FromMilliseconds(400));
        scene.Check("the closing order overtook it", closed.Count == 1 && closed[0].Number < tried[^1].Number);
    }
}
