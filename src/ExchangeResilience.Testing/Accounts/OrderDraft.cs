using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>An order as it was requested, after every check that does not need the book.</summary>
internal sealed record OrderDraft
{
    private static readonly string[] PlainTypes = ["LIMIT", "MARKET"];
    private static readonly string[] ConditionalTypes = ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"];
    private static readonly string[] TimesInForce = ["GTC", "IOC", "FOK", "GTX"];

    public static IReadOnlyList<string> Mandatory { get; } = ["symbol", "side", "type"];

    public required Instrument Instrument { get; init; }

    public required string ClientOrderId { get; init; }

    public required string Side { get; init; }

    public required string Type { get; init; }

    public required string TimeInForce { get; init; }

    public required string PositionSide { get; init; }

    public required bool ReduceOnly { get; init; }

    public required decimal Price { get; init; }

    public required decimal Quantity { get; init; }

    public required bool WantsResult { get; init; }

    public bool IsBuy => Side == "BUY";

    public bool IsMarket => Type == "MARKET";

    public decimal Sign => IsBuy ? 1 : -1;

    public static bool IsConditional(string? type) => ConditionalTypes.Contains(type, StringComparer.Ordinal);

    /// <summary>Reads a draft, or returns why the exchange's gate refuses it.</summary>
    public static Refusal? Read(Func<string?, Instrument?> find, Account account, Parameters parameters, out OrderDraft? draft)
    {
        draft = null;
        if (parameters.Inspect(Mandatory) is { } malformed)
        {
            return malformed;
        }

        if (find(parameters["symbol"]) is not { } instrument)
        {
            return Refusal.BadSymbol;
        }

        var type = parameters["type"]!;
        if ((CheckKind(instrument, type, parameters) ?? CheckForm(parameters) ?? Positions(account, parameters)) is { } refusal)
        {
            return refusal;
        }

        var quantity = parameters.Decimal("quantity")!.Value;
        var price = type == "LIMIT" ? parameters.Decimal("price")!.Value : 0;
        if (Size(instrument, quantity, price == 0 ? instrument.Price : price, parameters.Flag("reduceOnly"), Refusal.MinNotional) is { } wrongSize)
        {
            return wrongSize;
        }

        draft = new OrderDraft
        {
            Instrument = instrument,
            ClientOrderId = parameters.Has("newClientOrderId") ? parameters["newClientOrderId"]! : "",
            Side = parameters["side"]!,
            Type = type,
            TimeInForce = parameters["timeInForce"] ?? "GTC",
            PositionSide = parameters["positionSide"] ?? "BOTH",
            ReduceOnly = parameters.Flag("reduceOnly"),
            Price = price,
            Quantity = quantity,
            WantsResult = parameters["newOrderRespType"] == "RESULT",
        };
        return null;
    }

    private static Refusal? CheckKind(Instrument instrument, string type, Parameters parameters) =>
        !instrument.Definition.IsTrading ? Refusal.SymbolClosed
        : parameters["side"] is not ("BUY" or "SELL") ? Refusal.BadSide
        : IsConditional(type) ? Refusal.ConditionalElsewhere
        : !PlainTypes.Contains(type, StringComparer.Ordinal) ? Refusal.BadOrderType
        : type == "MARKET" && parameters.Flag("closePosition") ? Refusal.CloseOfMarket
        : type == "LIMIT" ? Limit(parameters, instrument)
        : Market(parameters);

    private static Refusal? CheckForm(Parameters parameters) =>
        !parameters.Has("quantity") ? Refusal.Mandatory("quantity")
        : parameters["newClientOrderId"] is { Length: > 36 } ? Refusal.IdTooLong
        : parameters["newOrderRespType"] is not (null or "ACK" or "RESULT") ? Refusal.BadResponseType
        : null;

    /// <summary>The filters on price.</summary>
    public static Refusal? CheckPrice(Instrument instrument, decimal price)
    {
        var rules = instrument.Definition;
        return price switch
        {
            <= 0 => Refusal.PriceNotPositive,
            _ when price > rules.MaxPrice => Refusal.PriceTooHigh,
            _ when price < rules.MinPrice => Refusal.PriceTooLow,
            _ when Digits(price) > Digits(rules.TickSize) => Refusal.Precision,
            _ when price % rules.TickSize != 0 => Refusal.OffTick,
            _ => null,
        };
    }

    /// <summary>The filters on quantity and value.</summary>
    public static Refusal? Size(Instrument instrument, decimal quantity, decimal price, bool reduceOnly, Func<decimal, Refusal> tooLittleValue)
    {
        var rules = instrument.Definition;
        return quantity switch
        {
            <= 0 => Refusal.QuantityNotPositive,
            _ when Digits(quantity) > Digits(rules.StepSize) => Refusal.Precision,
            _ when quantity < rules.MinQuantity => Refusal.QuantityTooSmall,
            _ when quantity > rules.MaxQuantity => Refusal.QuantityTooLarge,
            _ when quantity % rules.StepSize != 0 => Refusal.Precision,
            _ when !reduceOnly && quantity * price < rules.MinNotional => tooLittleValue(rules.MinNotional),
            _ => null,
        };
    }

    private static Refusal? Limit(Parameters parameters, Instrument instrument) => parameters switch
    {
        _ when !parameters.Has("timeInForce") => Refusal.Mandatory("timeInForce"),
        _ when !TimesInForce.Contains(parameters["timeInForce"], StringComparer.Ordinal) => Refusal.BadTimeInForce,
        _ => parameters.Decimal("price") is { } price ? CheckPrice(instrument, price) : Refusal.Mandatory("price"),
    };

    private static Refusal? Market(Parameters parameters) => parameters switch
    {
        _ when parameters.Has("timeInForce") => Refusal.TimeInForceNotRequired,
        _ when parameters.Has("price") => Refusal.NotRequired("price"),
        _ => null,
    };

    private static Refusal? Positions(Account account, Parameters parameters) => parameters["positionSide"] switch
    {
        not (null or "BOTH" or "LONG" or "SHORT") => Refusal.BadPositionSide,
        var side when account.IsHedging != (side is "LONG" or "SHORT") => Refusal.PositionSideMismatch,
        _ => account.IsHedging && parameters.Has("reduceOnly") ? Refusal.NotRequired("reduceonly") : null,
    };

    /// <summary>The digits after the point that matter.</summary>
    private static int Digits(decimal value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? 0 : text.AsSpan(point + 1).TrimEnd('0').Length;
    }
}
