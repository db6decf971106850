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
        ["balance"] = OrderBodies.Text(call.Account.Balance),
        ["crossWalletBalance"] = OrderBodies.Text(call.Account.Balance),
        ["crossUnPnl"] = OrderBodies.Text(Unrealised(call)),
        ["availableBalance"] = OrderBodies.Text(call.Account.Available),
        ["maxWithdrawAmount"] = OrderBodies.Text(call.Account.Available),
        ["marginAvailable"] = true,
        ["updateTime"] = call.Moment.Milliseconds,
    });

    public static Answer Overview(Call call) => new JsonObject
    {
        ["totalWalletBalance"] = OrderBodies.Text(call.Account.Balance),
        ["totalUnrealizedProfit"] = OrderBodies.Text(Unrealised(call)),
        ["totalMarginBalance"] = OrderBodies.Text(call.Account.Balance + Unrealised(call)),
        ["availableBalance"] = OrderBodies.Text(call.Account.Available),
        ["assets"] = new JsonArray(new JsonObject { ["asset"] = "USDT", ["walletBalance"] = OrderBodies.Text(call.Account.Balance) }),
        ["positions"] = PositionList(call),
    };

    public static Answer Positions(Call call) => PositionList(call);

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
        if (call.Parameters["marginType"] is not ("ISOLATED" or "CROSSED"))
        {
            return Refusal.BadData("marginType");
        }

        var settings = call.Account.SettingsOf(symbol);
        var isolated = call.Parameters["marginType"] == "ISOLATED";
        if (settings.IsIsolated == isolated)
        {
            return Refusal.SameMarginType;
        }

        if (call.Engine.OpenOrders(call.Account, symbol).Any())
        {
            return Refusal.MarginTypeHasOrders;
        }

        if (call.Account.Positions.Any(position => position.Symbol == symbol && position.Quantity != 0))
        {
            return Refusal.MarginTypeHasPosition;
        }

        settings.IsIsolated = isolated;
        return Success();
    }

    public static Answer GetPositionMode(Call call) => new JsonObject { ["dualSidePosition"] = call.Account.IsHedging };

    public static Answer SetPositionMode(Call call)
    {
        var hedging = call.Parameters.Flag("dualSidePosition");
        if (call.Account.IsHedging == hedging)
        {
            return Refusal.SamePositionMode;
        }

        if (call.Engine.OpenOrders(call.Account, symbol: null).Any())
        {
            return Refusal.PositionModeHasOrders;
        }

        if (call.Account.Positions.Any(position => position.Quantity != 0))
        {
            return Refusal.PositionModeHasPosition;
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
        Refusal? refusal = type switch
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
            ["amount"] = OrderBodies.Text(change.Amount),
            ["asset"] = "USDT",
            ["time"] = OrderBodies.Milliseconds(change.Time),
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
        .. call.Engine.Instruments.Where(instrument => !call.Parameters.Has("symbol") || instrument.Name == call.Parameters["symbol"]).Select(instrument =>
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
        return new JsonObject();
    }

    private static bool HasListenKey(Call call) => call.Account.ListenKey is not null && call.Moment.Elapsed < call.Account.ListenKeyEnds;

    private static JsonObject Extend(Call call)
    {
        call.Account.ListenKeyEnds = call.Moment.Elapsed + ListenKeyLife;
        return new JsonObject { ["listenKey"] = call.Account.ListenKey };
    }

    private static JsonObject Success() => new() { ["code"] = 200, ["msg"] = "success" };

    private static decimal Unrealised(Call call) =>
        call.Account.Positions.Sum(position => position.Quantity * (call.Engine.Find(position.Symbol)!.Price - position.EntryPrice));

    private static JsonArray PositionList(Call call)
    {
        var positions = call.Account.Positions.Where(position => position.Quantity != 0 && (!call.Parameters.Has("symbol") || position.Symbol == call.Parameters["symbol"]));
        return new JsonArray(
        [
            .. positions.Select(position =>
            {
                var settings = call.Account.SettingsOf(position.Symbol);
                var price = call.Engine.Find(position.Symbol)!.Price;
                return new JsonObject
                {
                    ["symbol"] = position.Symbol,
                    ["positionSide"] = position.Side,
                    ["positionAmt"] = OrderBodies.Text(position.Quantity),
                    ["entryPrice"] = OrderBodies.Text(position.EntryPrice),
                    ["markPrice"] = OrderBodies.Text(price),
                    ["unRealizedProfit"] = OrderBodies.Text(position.Quantity * (price - position.EntryPrice)),
                    ["leverage"] = settings.Leverage.ToString(CultureInfo.InvariantCulture),
                    ["marginType"] = settings.IsIsolated ? "isolated" : "cross",
                    ["isolatedMargin"] = OrderBodies.Text(settings.IsIsolated ? position.Margin(settings.Leverage) : 0),
                    ["notional"] = OrderBodies.Text(position.Quantity * price),
                    ["updateTime"] = OrderBodies.Milliseconds(position.Updated),
                };
            }),
        ]);
    }
}
