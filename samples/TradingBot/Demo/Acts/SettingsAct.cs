using ExchangeResilience.Testing;

namespace TradingBot;

internal sealed class SettingsAct : IAct
{
    public string Title => "Leverage and margin type";

    public string Promise => "Settings are absolute and safe to repeat: -4046 \"no need to change\" after a lost reply means that it worked.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        var leverage = await scene.Client.SetLeverageAsync("BTCUSDT", 20, cancellationToken);
        scene.Bot($"sets the leverage to {leverage.Leverage}");

        scene.Exchange.Faults.Next("POST /fapi/v1/marginType", Fault.ExecuteThenDrop);
        scene.Script("will set the margin type and reset the connection");
        scene.Bot("sets the margin type to ISOLATED");
        await scene.Client.SetMarginTypeAsync("BTCUSDT", "ISOLATED", cancellationToken);
        scene.Bot("the margin type is set");

        var sent = scene.Requests("POST", "/fapi/v1/marginType").ToList();
        scene.Check("it was sent twice, and -4046 counted as success", sent.Count == 2 && sent[1].Code == -4046);
        scene.Check("the leverage is 20", leverage.Leverage == 20);
    }
}
