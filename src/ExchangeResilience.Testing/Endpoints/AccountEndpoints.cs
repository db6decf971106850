using System.Globalization;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Balances, positions, settings and listen keys.</summary>
internal static class AccountEndpoints
{
    private const int HighestLeverage = 125;
    private static readonly TimeSpan ListenKeyLife = TimeSpan.FromMinutes(60);

    public static Answer Balance(Call call) => new JsonArray(new JsonObject
    {
        ["accountAlias"] = call.Account.Name,
        ["asset"] = "USDT",
        ["balance"] = WireValue.Number(call.Account.Balance),
        ["crossWalletBalance"] = WireValue.Number(call.Account.Balance),
        ["crossUnPnl"] = WireValue.Number(call.Account.Positions.Sum(position => AccountBodies.Unrealised(call, position))),
        ["availableBalance"] = WireValue.Number(call.Account.Available),
        ["maxWithdrawAmount"] = WireValue.Number(call.Account.Available),
        ["marginAvailable"] = true,
        ["updateTime"] = call.Moment.Milliseconds,
    });

    public static Answer OverviewV2(Call call)
    {
        var body = Config(call);
        AccountBodies.Sums(call, body, total: true);
        body["totalWalletBalance"] = WireValue.Number(call.Account.Balance);
        body["assets"] = new JsonArray(AccountBodies.Asset(call));
        body["positions"] = new JsonArray([.. AllPositions(call).Select(position => AccountBodies.InAccountV2(call, position))]);
        return body;
    }

    public static Answer OverviewV3(Call call)
    {
        var body = new JsonObject { ["totalWalletBalance"] = WireValue.Number(call.Account.Balance) };
        AccountBodies.Sums(call, body, total: true);
        body["assets"] = new JsonArray(AccountBodies.Asset(call));
        body["positions"] = new JsonArray([.. OpenPositions(call).Select(position => AccountBodies.InAccountV3(call, position))]);
        return body;
    }

    public static Answer GetConfig(Call call) => Config(call);

    public static Answer PositionsV2(Call call) => new JsonArray([.. AllPositions(call).Select(position => AccountBodies.Risk(call, position))]);

    public static Answer PositionsV3(Call call) => new JsonArray([.. OpenPositions(call).Select(position => AccountBodies.Risk(call, position))]);

    public static Answer Brackets(Call call) => MarketEndpoints.One(call, MarginBracket.Of);

    /// <summary>There are no fees.</summary>
    public static Answer Commission(Call call) => new JsonObject { ["symbol"] = call.Parameters["symbol"], ["makerCommissionRate"] = "0", ["takerCommissionRate"] = "0" };

    /// <summary>What fills realised; there are no other incomes.</summary>
    public static Answer Incomes(Call call)
    {
        var wanted = call.Parameters["incomeType"] is null or "REALIZED_PNL" ? call.Account.Incomes : [];
        var incomes = wanted.Where(income => call.IsAbout(income.Symbol) && call.IsInRange(income.Time));
        return new JsonArray([.. call.Limited(incomes, 100, 1000).Select(income => new JsonObject
        {
            ["symbol"] = income.Symbol,
            ["incomeType"] = "REALIZED_PNL",
            ["income"] = WireValue.Number(income.Amount),
            ["asset"] = "USDT",
            ["info"] = income.TradeId.ToString(CultureInfo.InvariantCulture),
            ["time"] = WireValue.Time(income.Time),
            ["tranId"] = income.TradeId,
            ["tradeId"] = income.TradeId.ToString(CultureInfo.InvariantCulture),
        })]);
    }

    /// <summary>Nobody is liquidated.</summary>
    public static Answer Liquidations(Call call) => new JsonArray();

    /// <summary>Nobody is in danger of having to give way to another's liquidation.</summary>
    public static Answer Deleveraging(Call call) => new JsonArray([.. OpenPositions(call).Select(static position => position.Symbol).Distinct(StringComparer.Ordinal).Select(symbol => new JsonObject
    {
        ["symbol"] = symbol,
        ["adlQuantile"] = call.Account.IsHedging ? new JsonObject { ["LONG"] = 0, ["SHORT"] = 0, ["HEDGE"] = 0 } : new JsonObject { ["LONG"] = 0, ["SHORT"] = 0, ["BOTH"] = 0 },
    })]);

    public static Answer Leverage(Call call)
    {
        var leverage = call.Parameters.Integer("leverage")!.Value;
        if (leverage is < 1 or > HighestLeverage)
        {
            return Refusal.BadLeverage;
        }

        call.Account.SettingsOf(call.Parameters["symbol"]!).Leverage = (int)leverage;
        return new JsonObject { ["leverage"] = leverage, ["maxNotionalValue"] = "1000000000", ["symbol"] = call.Parameters["symbol"] };
    }

    public static Answer MarginType(Call call)
    {
        var symbol = call.Parameters["symbol"]!;
        var isolated = call.Parameters["marginType"] == "ISOLATED";
        var settings = call.Account.SettingsOf(symbol);
        var refusal = call.Parameters["marginType"] is not ("ISOLATED" or "CROSSED") ? Refusal.BadData("marginType")
            : settings.IsIsolated == isolated ? Refusal.SameMarginType
            : call.Engine.OpenOrders(call.Account, symbol).Any() ? Refusal.MarginTypeHasOrders
            : call.Account.Positions.Any(position => position.Symbol == symbol && position.Quantity != 0) ? Refusal.MarginTypeHasPosition
            : null;
        if (refusal is not null)
        {
            return refusal;
        }

        settings.IsIsolated = isolated;
        return Success();
    }

    public static Answer GetPositionMode(Call call) => new JsonObject { ["dualSidePosition"] = call.Account.IsHedging };

    public static Answer SetPositionMode(Call call)
    {
        var hedging = call.Parameters.Flag("dualSidePosition");
        var refusal = call.Account.IsHedging == hedging ? Refusal.SamePositionMode
            : call.Engine.OpenOrders(call.Account, symbol: null).Any() ? Refusal.PositionModeHasOrders
            : call.Account.Positions.Any(position => position.Quantity != 0) ? Refusal.PositionModeHasPosition
            : null;
        if (refusal is not null)
        {
            return refusal;
        }

        call.Account.IsHedging = hedging;
        return Success();
    }

    public static Answer GetAssetMode(Call call) => new JsonObject { ["multiAssetsMargin"] = call.Account.HasMultipleAssets };

    public static Answer SetAssetMode(Call call)
    {
        var multiple = call.Parameters.Flag("multiAssetsMargin");
        if (call.Account.HasMultipleAssets == multiple)
        {
            return Refusal.SameAssetMode;
        }

        call.Account.HasMultipleAssets = multiple;
        return Success();
    }

    public static Answer GetFeeBurn(Call call) => new JsonObject { ["feeBurn"] = call.Account.BurnsFee };

    public static Answer SetFeeBurn(Call call)
    {
        call.Account.BurnsFee = call.Parameters.Flag("feeBurn");
        return Success();
    }

    /// <summary>Adds to a position's margin, or takes from it; every call does it again.</summary>
    public static Answer PositionMargin(Call call)
    {
        var symbol = call.Parameters["symbol"]!;
        var side = call.Parameters["positionSide"] ?? "BOTH";
        var amount = call.Parameters.Decimal("amount")!.Value;
        var type = call.Parameters["type"] switch { "1" => 1, "2" => 2, _ => 0 };
        var position = call.Account.PositionOf(symbol, side);
        var refusal = type switch
        {
            0 => Refusal.BadData("type"),
            _ when amount <= 0 => Refusal.AmountNotPositive,
            _ when !call.Account.SettingsOf(symbol).IsIsolated => Refusal.NotIsolated,
            _ when position.Quantity == 0 => Refusal.NoPosition,
            1 when amount > call.Account.Available => Refusal.CrossBalance,
            2 when amount > position.ExtraMargin => Refusal.IsolatedBalance,
            _ => null,
        };
        if (refusal is not null)
        {
            return refusal;
        }

        position.ExtraMargin += type == 1 ? amount : -amount;
        var change = new MarginChange(symbol, side, amount, type, call.Moment.Now);
        call.Account.MarginChanges.Add(change);
        call.Engine.Note(change, call);
        return new JsonObject { ["amount"] = amount, ["code"] = 200, ["msg"] = "Successfully modify position margin.", ["type"] = type };
    }

    public static Answer MarginHistory(Call call) => new JsonArray(
    [
        .. call.Limited(call.Account.MarginChanges.Where(change => IsShown(call, change)), 500, 1000).Select(change => new JsonObject
        {
            ["symbol"] = change.Symbol,
            ["type"] = change.Type,
            ["deltaType"] = "USER_ADJUST",
            ["amount"] = WireValue.Number(change.Amount),
            ["asset"] = "USDT",
            ["time"] = WireValue.Time(change.Time),
            ["positionSide"] = change.PositionSide,
        }),
    ]);

    private static bool IsShown(Call call, MarginChange change) =>
        change.Symbol == call.Parameters["symbol"]
        && (call.Parameters.Integer("type") is not { } type || type == change.Type)
        && call.IsInRange(change.Time)
        && call.Moment.Now - change.Time >= call.Engine.Options.QueryLag;

    public static Answer SymbolConfig(Call call) => new JsonArray(
    [
        .. call.Engine.Instruments.Where(instrument => call.IsAbout(instrument.Name)).Select(instrument =>
        {
            var settings = call.Account.SettingsOf(instrument.Name);
            return new JsonObject
            {
                ["symbol"] = instrument.Name,
                ["marginType"] = settings.IsIsolated ? "ISOLATED" : "CROSSED",
                ["isAutoAddMargin"] = false,
                ["leverage"] = settings.Leverage,
                ["maxNotionalValue"] = "1000000000",
            };
        }),
    ]);

    /// <summary>Gives the listen key that is active, with a full life, or a new one.</summary>
    public static Answer OpenListenKey(Call call)
    {
        if (!HasListenKey(call))
        {
            call.Account.ListenKey = string.Create(CultureInfo.InvariantCulture, $"{call.Account.Name}-{call.Moment.Milliseconds:x}").PadRight(64, '0');
        }

        return Extend(call);
    }

    public static Answer ExtendListenKey(Call call) => HasListenKey(call) ? Extend(call) : Refusal.BadListenKey;

    public static Answer CloseListenKey(Call call)
    {
        if (!HasListenKey(call))
        {
            return Refusal.BadListenKey;
        }

        call.Account.ListenKey = null;
        call.Engine.Streams.End(call.Account.Name);
        return new JsonObject();
    }

    private static bool HasListenKey(Call call) => call.Account.ListenKey is not null && call.Moment.Elapsed < call.Account.ListenKeyEnds;

    private static JsonObject Extend(Call call)
    {
        call.Account.ListenKeyEnds = call.Moment.Elapsed + ListenKeyLife;
        call.Engine.Schedule(call.Moment.Before(-ListenKeyLife), due => Expire(call, due));
        return new JsonObject { ["listenKey"] = call.Account.ListenKey };
    }

    private static void Expire(Call call, Moment moment)
    {
        if (call.Account.ListenKey is { } key && moment.Elapsed >= call.Account.ListenKeyEnds)
        {
            call.Account.ListenKey = null;
            call.Engine.Streams.Publish(call.Account.Name, moment, () => UserDataEvents.Expired(key, moment));
            call.Engine.Streams.End(call.Account.Name);
        }
    }

    private static JsonObject Success() => new() { ["code"] = 200, ["msg"] = "success" };

    private static JsonObject Config(Call call) => new()
    {
        ["feeTier"] = 0,
        ["canTrade"] = true,
        ["canDeposit"] = true,
        ["canWithdraw"] = true,
        ["dualSidePosition"] = call.Account.IsHedging,
        ["multiAssetsMargin"] = call.Account.HasMultipleAssets,
        ["tradeGroupId"] = -1,
        ["updateTime"] = 0,
    };

    private static IEnumerable<Position> OpenPositions(Call call) =>
        call.Account.Positions.Where(position => position.Quantity != 0 && call.IsAbout(position.Symbol));

    /// <summary>Those of every contract, whether there is one or not, on every side of the account's mode.</summary>
    private static IEnumerable<Position> AllPositions(Call call)
    {
        string[] sides = call.Account.IsHedging ? ["BOTH", "LONG", "SHORT"] : ["BOTH"];
        return from instrument in call.Engine.Instruments
               where call.IsAbout(instrument.Name)
               from side in sides
               select call.Account.Positions.FirstOrDefault(position => position.Symbol == instrument.Name && position.Side == side) ?? new Position(instrument.Name, side);
    }
}
