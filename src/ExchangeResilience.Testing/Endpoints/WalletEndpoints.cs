using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>What libraries read from the wallet's interface before they trade.</summary>
internal static class WalletEndpoints
{
    public static Answer SystemStatus(Call call) => new JsonObject { ["status"] = 0, ["msg"] = "normal" };

    /// <summary>Nothing is traded on borrowed money.</summary>
    public static Answer MarginPairs(Call call) => new JsonArray();

    /// <summary>All currencies there are. What the account owns lies in its futures wallet, and nothing here.</summary>
    public static Answer Coins(Call call) => new JsonArray([.. call.Engine.Instruments.Select(static instrument => instrument.BaseAsset).Prepend("USDT").Distinct(StringComparer.Ordinal).Select(static coin => new JsonObject
    {
        ["coin"] = coin,
        ["name"] = coin,
        ["depositAllEnable"] = false,
        ["withdrawAllEnable"] = false,
        ["trading"] = true,
        ["isLegalMoney"] = false,
        ["free"] = "0",
        ["freeze"] = "0",
        ["ipoable"] = "0",
        ["ipoing"] = "0",
        ["locked"] = "0",
        ["storage"] = "0",
        ["withdrawing"] = "0",
        ["networkList"] = new JsonArray(),
    })]);
}
