using System.Text.Json;
using System.Text.Json.Serialization;
using ExchangeResilience;

namespace TradingBot;

/// <summary>An order to place.</summary>
internal sealed record NewOrder(string Symbol, string Side, string Type, decimal Quantity)
{
    /// <summary>The price of a LIMIT order.</summary>
    public decimal? Price { get; init; }

    /// <summary>How long a LIMIT order stands.</summary>
    public string? TimeInForce { get; init; }

    /// <summary>Whether the order may only shrink a position.</summary>
    public bool ReduceOnly { get; init; }

    /// <summary>One id per intent, kept for every question about it. The middleware makes one where it is null.</summary>
    public string? ClientOrderId { get; init; }

    public static NewOrder Market(string symbol, string side, decimal quantity) => new(symbol, side, "MARKET", quantity);

    public static NewOrder Limit(string symbol, string side, decimal quantity, decimal price) =>
        new(symbol, side, "LIMIT", quantity) { Price = price, TimeInForce = "GTC" };
}

/// <summary>An order as the exchange shows it.</summary>
internal sealed record Order(long OrderId, string? Symbol, string? ClientOrderId, string? Status, string? Side, string? Type)
{
    public decimal Price { get; init; }

    public decimal OrigQty { get; init; }

    public decimal ExecutedQty { get; init; }
}

/// <summary>What became of one order of a batch: the order, or the reason why there is none.</summary>
internal sealed record BatchResult(Order? Order, ExchangeError? Error);

internal sealed record SymbolInfo(string Symbol, string? Status);

internal sealed record ExchangeInfo(IReadOnlyList<SymbolInfo> Symbols);

internal sealed record Ticker(string Symbol, decimal Price);

internal sealed record Balance(string Asset, [property: JsonPropertyName("balance")] decimal Total, decimal AvailableBalance);

internal sealed record LeverageSetting(string Symbol, int Leverage);

internal sealed record ServerTime([property: JsonPropertyName("serverTime")] long Milliseconds);

/// <summary>All JSON of the client, compiled ahead of time. The exchange writes most numbers as text.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(ExchangeInfo))]
[JsonSerializable(typeof(Ticker))]
[JsonSerializable(typeof(Balance[]))]
[JsonSerializable(typeof(LeverageSetting))]
[JsonSerializable(typeof(ServerTime))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonElement[]))]
[JsonSerializable(typeof(Dictionary<string, string>[]))]
internal sealed partial class FuturesJson : JsonSerializerContext;
