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
            ["walletBalance"] = Text(call.Account.Balance),
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

        void Add(string name, string totalName, decimal value) => body[total ? totalName : name] = Text(value);
    }

    /// <summary>A position in an account of the second version, which shows every contract.</summary>
    public static JsonObject InAccountV2(Call call, Position position)
    {
        var settings = call.Account.SettingsOf(position.Symbol);
        return new JsonObject
        {
            ["symbol"] = position.Symbol,
            ["positionSide"] = position.Side,
            ["positionAmt"] = Text(position.Quantity),
            ["entryPrice"] = Text(position.EntryPrice),
            ["breakEvenPrice"] = Text(position.EntryPrice),
            ["unrealizedProfit"] = Text(Unrealised(call, position)),
            ["leverage"] = settings.Leverage.ToString(CultureInfo.InvariantCulture),
            ["isolated"] = settings.IsIsolated,
            ["isolatedWallet"] = Text(Isolated(call, position)),
            ["notional"] = Text(Notional(call, position)),
            ["maxNotional"] = MostNotional,
            ["initialMargin"] = Text(Initial(call, position)),
            ["maintMargin"] = Text(Maintenance(call, position)),
            ["positionInitialMargin"] = Text(Initial(call, position)),
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
        ["positionAmt"] = Text(position.Quantity),
        ["unrealizedProfit"] = Text(Unrealised(call, position)),
        ["isolatedMargin"] = Text(Isolated(call, position)),
        ["isolatedWallet"] = Text(Isolated(call, position)),
        ["notional"] = Text(Notional(call, position)),
        ["initialMargin"] = Text(Initial(call, position)),
        ["maintMargin"] = Text(Maintenance(call, position)),
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
            ["positionAmt"] = Text(position.Quantity),
            ["entryPrice"] = Text(position.EntryPrice),
            ["breakEvenPrice"] = Text(position.EntryPrice),
            ["markPrice"] = Text(PriceOf(call, position)),
            ["unRealizedProfit"] = Text(Unrealised(call, position)),
            ["liquidationPrice"] = "0",
            ["leverage"] = settings.Leverage.ToString(CultureInfo.InvariantCulture),
            ["maxNotionalValue"] = MostNotional,
            ["marginType"] = settings.IsIsolated ? "isolated" : "cross",
            ["marginAsset"] = "USDT",
            ["isAutoAddMargin"] = "false",
            ["isolatedMargin"] = Text(Isolated(call, position)),
            ["isolatedWallet"] = Text(Isolated(call, position)),
            ["notional"] = Text(Notional(call, position)),
            ["initialMargin"] = Text(Initial(call, position)),
            ["maintMargin"] = Text(Maintenance(call, position)),
            ["positionInitialMargin"] = Text(Initial(call, position)),
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

    private static string Text(decimal value) => WireValue.Number(value);
}
