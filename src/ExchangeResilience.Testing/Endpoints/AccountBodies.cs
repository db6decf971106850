using System.Globalization;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Balances and positions as the exchange writes them, in the format of each version of its interface.</summary>
internal static class AccountBodies
{
    private const string MostNotional = "1000000000";

    public static JsonObject Asset(Call call)
    {
        var body = new JsonObject
        {
            ["asset"] = "USDT",
            ["walletBalance"] = WireValue.Number(call.Account.Balance),
            ["marginAvailable"] = true,
            ["updateTime"] = call.Moment.Milliseconds,
        };
        Sums(call, body, total: false);
        return body;
    }

    /// <summary>The sums over all positions, under the names they have for an asset or in total.</summary>
    public static void Sums(Call call, JsonObject body, bool total)
    {
        var positions = call.Account.Positions.ToList();
        var unrealised = positions.Sum(position => Unrealised(call, position));
        var initial = positions.Sum(position => Initial(call, position));
        Add("unrealizedProfit", "totalUnrealizedProfit", unrealised);
        Add("marginBalance", "totalMarginBalance", call.Account.Balance + unrealised);
        Add("maintMargin", "totalMaintMargin", positions.Sum(position => Maintenance(call, position)));
        Add("initialMargin", "totalInitialMargin", initial);
        Add("positionInitialMargin", "totalPositionInitialMargin", initial);
        Add("openOrderInitialMargin", "totalOpenOrderInitialMargin", 0);
        Add("crossWalletBalance", "totalCrossWalletBalance", call.Account.Balance);
        Add("crossUnPnl", "totalCrossUnPnl", unrealised);
        Add("availableBalance", "availableBalance", call.Account.Available);
        Add("maxWithdrawAmount", "maxWithdrawAmount", call.Account.Available);

        void Add(string name, string totalName, decimal value) => body[total ? totalName : name] = WireValue.Number(value);
    }

    /// <summary>A position in an account of the second version, which shows every contract.</summary>
    public static JsonObject InAccountV2(Call call, Position position)
    {
        var settings = call.Account.SettingsOf(position.Symbol);
        return new JsonObject
        {
            ["symbol"] = position.Symbol,
            ["positionSide"] = position.Side,
            ["positionAmt"] = WireValue.Number(position.Quantity),
            ["entryPrice"] = WireValue.Number(position.EntryPrice),
            ["breakEvenPrice"] = WireValue.Number(position.EntryPrice),
            ["unrealizedProfit"] = WireValue.Number(Unrealised(call, position)),
            ["leverage"] = settings.Leverage.ToString(CultureInfo.InvariantCulture),
            ["isolated"] = settings.IsIsolated,
            ["isolatedWallet"] = WireValue.Number(Isolated(call, position)),
            ["notional"] = WireValue.Number(Notional(call, position)),
            ["maxNotional"] = MostNotional,
            ["initialMargin"] = WireValue.Number(Initial(call, position)),
            ["maintMargin"] = WireValue.Number(Maintenance(call, position)),
            ["positionInitialMargin"] = WireValue.Number(Initial(call, position)),
            ["openOrderInitialMargin"] = "0",
            ["bidNotional"] = "0",
            ["askNotional"] = "0",
            ["updateTime"] = WireValue.Time(position.Updated),
        };
    }

    /// <summary>A position in an account of the third version, which shows those that are open.</summary>
    public static JsonObject InAccountV3(Call call, Position position) => new()
    {
        ["symbol"] = position.Symbol,
        ["positionSide"] = position.Side,
        ["positionAmt"] = WireValue.Number(position.Quantity),
        ["unrealizedProfit"] = WireValue.Number(Unrealised(call, position)),
        ["isolatedMargin"] = WireValue.Number(Isolated(call, position)),
        ["isolatedWallet"] = WireValue.Number(Isolated(call, position)),
        ["notional"] = WireValue.Number(Notional(call, position)),
        ["initialMargin"] = WireValue.Number(Initial(call, position)),
        ["maintMargin"] = WireValue.Number(Maintenance(call, position)),
        ["updateTime"] = WireValue.Time(position.Updated),
    };

    /// <summary>A position by itself, with the fields of both versions: leverage and margin type are the second one's alone.</summary>
    public static JsonObject Risk(Call call, Position position)
    {
        var settings = call.Account.SettingsOf(position.Symbol);
        return new JsonObject
        {
            ["symbol"] = position.Symbol,
            ["positionSide"] = position.Side,
            ["positionAmt"] = WireValue.Number(position.Quantity),
            ["entryPrice"] = WireValue.Number(position.EntryPrice),
            ["breakEvenPrice"] = WireValue.Number(position.EntryPrice),
            ["markPrice"] = WireValue.Number(PriceOf(call, position)),
            ["unRealizedProfit"] = WireValue.Number(Unrealised(call, position)),
            ["liquidationPrice"] = "0",
            ["leverage"] = settings.Leverage.ToString(CultureInfo.InvariantCulture),
            ["maxNotionalValue"] = MostNotional,
            ["marginType"] = settings.IsIsolated ? "isolated" : "cross",
            ["marginAsset"] = "USDT",
            ["isAutoAddMargin"] = "false",
            ["isolatedMargin"] = WireValue.Number(Isolated(call, position)),
            ["isolatedWallet"] = WireValue.Number(Isolated(call, position)),
            ["notional"] = WireValue.Number(Notional(call, position)),
            ["initialMargin"] = WireValue.Number(Initial(call, position)),
            ["maintMargin"] = WireValue.Number(Maintenance(call, position)),
            ["positionInitialMargin"] = WireValue.Number(Initial(call, position)),
            ["openOrderInitialMargin"] = "0",
            ["adl"] = 0,
            ["bidNotional"] = "0",
            ["askNotional"] = "0",
            ["updateTime"] = WireValue.Time(position.Updated),
        };
    }

    public static decimal Unrealised(Call call, Position position) => position.Quantity * (PriceOf(call, position) - position.EntryPrice);

    private static decimal Notional(Call call, Position position) => position.Quantity * PriceOf(call, position);

    private static decimal Initial(Call call, Position position) => position.Margin(call.Account.SettingsOf(position.Symbol).Leverage);

    private static decimal Maintenance(Call call, Position position) => MarginBracket.Maintenance(Notional(call, position));

    private static decimal Isolated(Call call, Position position) => call.Account.SettingsOf(position.Symbol).IsIsolated ? Initial(call, position) : 0;

    private static decimal PriceOf(Call call, Position position) => call.Engine.Find(position.Symbol)!.Price;
}
