namespace TradingBot;

internal sealed class BatchAct : IAct
{
    public string Title => "A batch with mixed results";

    public string Promise => "The exchange answers 200 with orders and errors side by side; each order has its own answer.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        NewOrder[] orders =
        [
            Scene.Buy("first"),
            Scene.Buy("too-fine", 0.00015m),
            Scene.Buy("unneeded", 0.002m) with { Side = "SELL", Symbol = "ETHUSDT", ReduceOnly = true },
            Scene.Buy("last", 0.003m),
        ];
        scene.Bot($"places a batch of {orders.Length}");

        var results = await scene.Client.PlaceBatchAsync(orders, cancellationToken);

        foreach (var (order, result) in orders.Zip(results))
        {
            scene.Bot($"{order.ClientOrderId}: {(result.Error is { } error ? error.ToString() : $"executed, order {result.Order!.OrderId}")}");
        }

        scene.Check("two were executed and two refused, each with its own reason", results is [{ Error: null }, { Error.Code: -1111 }, { Error.Code: -2022 }, { Error: null }]);
        scene.Check("the book holds exactly the two", scene.Exchange.Orders.Select(static order => order.ClientOrderId).SequenceEqual(["first", "last"], StringComparer.Ordinal));
    }
}
