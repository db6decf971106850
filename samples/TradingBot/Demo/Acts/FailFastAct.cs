namespace TradingBot;

internal sealed class FailFastAct : IAct
{
    public string Title => "A request that can never succeed fails at once";

    public string Promise => "-1121 is not retried; the error says what it means and what to do.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        var error = await scene.PlaceAsync(Scene.Buy("typo") with { Symbol = "BTCUSTD" }, cancellationToken);

        scene.Bot($"advice: {error?.Advice}");
        var info = await scene.Client.GetExchangeInfoAsync(cancellationToken);
        scene.Bot($"what is traded here: {string.Join(", ", info.Symbols.Select(static symbol => symbol.Symbol))}");
        scene.Check("the error is known and says that nothing was executed", error is { Code: -1121, Execution: ExchangeResilience.ExecutionStatus.NotExecuted });
        scene.Check("the exchange was asked once", scene.Seen("POST", "/fapi/v1/order") == 1);
    }
}
