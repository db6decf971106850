using ExchangeResilience.Testing;

namespace TradingBot;

internal sealed class AmendCancelAct : IAct
{
    public string Title => "Amend and cancel, with both replies lost";

    public string Promise => "The amendment is found in the order's history, the cancel by the order's status.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        var order = NewOrder.Limit("BTCUSDT", "BUY", 0.01m, 45_000m) with { ClientOrderId = "resting" };
        scene.Bot($"places {order.Side} {order.Quantity} {order.Symbol} at {order.Price} as resting");
        await scene.Client.PlaceAsync(order, cancellationToken);

        scene.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.ExecutedTimeout);
        scene.Script("will amend and answer 408 with -1007");
        scene.Bot("amends it to 0.02 at 45100");
        var amended = await scene.Client.AmendAsync("BTCUSDT", "resting", "BUY", 0.02m, 45_100m, cancellationToken);
        scene.Bot($"resting: {amended.OrigQty} at {amended.Price}, {amended.Status}");

        scene.Exchange.Faults.Next("DELETE /fapi/v1/order", Fault.ExecuteThenDrop);
        scene.Script("will cancel and reset the connection");
        scene.Bot("cancels it");
        var cancelled = await scene.Client.CancelAsync("BTCUSDT", "resting", cancellationToken);
        scene.Bot($"resting: {cancelled.Status}");
        var found = await scene.Client.FindAsync("BTCUSDT", "resting", cancellationToken);
        scene.Bot($"looks it up: {found.OrigQty} at {found.Price}, {found.Status}");

        var book = scene.Exchange.ExecutionsOf("resting");
        scene.Check("the amendment was sent once", scene.Seen("PUT", "/fapi/v1/order") == 1);
        scene.Check("the book shows 0.02 at 45100, cancelled", book is [{ Quantity: 0.02m, Price: 45_100m, Status: "CANCELED" }]);
        scene.Check("the bot knows it", amended is { OrigQty: 0.02m, Price: 45_100m } && cancelled.Status == "CANCELED" && found.Status == "CANCELED");
    }
}
