using System.Text.Json;
using System.Text.Json.Serialization;

namespace TradingBot;

/// <summary>The JSON line a run ends with.</summary>
/// <param name="Intended">Orders asked for.</param>
/// <param name="Executed">Those that took effect.</param>
/// <param name="Rejected">Those the exchange will never take.</param>
/// <param name="NotExecuted">Those that provably did not take effect and were given up.</param>
/// <param name="Unknown">Those nobody knows about.</param>
/// <param name="Requests">HTTP requests this process sent, clock and evidence included.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record TradeResult(int Intended, int Executed, int Rejected, int NotExecuted, int Unknown, long Requests, double Seconds)
{
    public static TradeResult Of(TradingRun run, long requests, TimeSpan elapsed) =>
        new(run.Intended, run.Executed, run.Rejected, run.NotExecuted, run.Unknown, requests, Math.Round(elapsed.TotalSeconds, 3));

    public string ToJson() => JsonSerializer.Serialize(this, TradeResultJson.Default.TradeResult);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TradeResult))]
internal sealed partial class TradeResultJson : JsonSerializerContext;
