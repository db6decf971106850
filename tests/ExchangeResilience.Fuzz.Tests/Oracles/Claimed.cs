using System.Text.Json;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The request that evidence is sought for in these tests, and a plain statement of what agrees with it.</summary>
internal static class Claimed
{
    public const long StampMs = 1_767_225_600_000;
    public const long RecvWindowMs = 5_000;

    public static AttemptWindow Window => new(StampMs, RecvWindowMs);

    public static Claim Of(string route, string parameters, bool idIsGenerated = false) => ClaimedRequest.Of(route, parameters, idIsGenerated, canAsk: true, Window);

    /// <summary>BUY LIMIT 1000 BTCUSDT as my-order-1. What the reply leaves out, quantity and time excepted, contradicts nothing.</summary>
    public static bool MayBe(JsonElement order, bool checkTime) =>
        Agrees(order, "BTCUSDT", "symbol")
        && Agrees(order, "BUY", "side")
        && (Agrees(order, "LIMIT", "type", "orderType") || Agrees(order, "LIMIT", "origType"))
        && Agrees(order, "my-order-1", "clientOrderId", "clientAlgoId")
        && (Wire.Decimal(Wire.Only(order, "origQty")) ?? Wire.Decimal(Wire.Only(order, "quantity"))) == 1000
        && (!checkTime || IsWithin(order, "time") || IsWithin(order, "createTime"));

    public static bool IsWithin(JsonElement record, string name) =>
        Wire.Members(record, name).Any(time => Wire.Whole(time) is > StampMs - 1000 and <= StampMs + RecvWindowMs + 1000);

    private static bool Agrees(JsonElement order, string asked, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Wire.Only(order, name) is { } found)
            {
                return string.Equals(asked, found, StringComparison.OrdinalIgnoreCase);
            }
        }

        return true;
    }
}
