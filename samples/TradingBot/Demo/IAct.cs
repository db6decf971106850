namespace TradingBot;

/// <summary>Shows one behaviour against an exchange that asks for it, and checks it against the exchange's own book.</summary>
internal interface IAct
{
    string Title { get; }

    /// <summary>What the act is to show, in a sentence.</summary>
    string Promise { get; }

    Task PlayAsync(Scene scene, CancellationToken cancellationToken);
}
