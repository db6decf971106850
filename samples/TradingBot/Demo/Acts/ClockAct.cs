namespace TradingBot;

internal sealed class ClockAct : IAct
{
    public string Title => "-1021: the clock is off by seven seconds";

    public string Promise => "Measured, stamped and signed anew, and sent again inside the same call; the bot notices nothing.";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        var balances = await scene.Client.GetBalancesAsync(cancellationToken);
        scene.Bot($"asks the balance: {balances[0].AvailableBalance:0} {balances[0].Asset}");
        await scene.UntilQuietAsync(cancellationToken);
        scene.Exchange.Clock.Step(TimeSpan.FromSeconds(7));
        scene.Script("steps its clock by seven seconds");
        var ahead = await scene.Client.GetTimeAsync(cancellationToken) - TimeProvider.System.GetUtcNow();
        scene.Bot(FormattableString.Invariant($"asks the exchange's time: {ahead.TotalSeconds:0.0} s ahead of ours"));

        var error = await scene.PlaceAsync(Scene.Buy("healed"), cancellationToken);

        var sent = scene.Requests("POST", "/fapi/v1/order").ToList();
        scene.Check("the order was refused once with -1021, then taken", error is null && sent.Count == 2 && sent[0].Code == -1021);
        scene.Check("it bore a fresh stamp and signature", sent.Count == 2 && sent[0].Parameters["signature"] != sent[1].Parameters["signature"]);
        scene.Check("it is in the book once", scene.Exchange.ExecutionsOf("healed").Count == 1);
    }
}
