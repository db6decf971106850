using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>An error the exchange answers with, in its documented wording.</summary>
internal sealed record Refusal(int Status, int Code, string Message)
{
    public static readonly Refusal TooOld = new(400, -1021, "Timestamp for this request is outside of the recvWindow.");
    public static readonly Refusal Ahead = new(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    public static readonly Refusal BadSignature = new(400, -1022, "Signature for this request is not valid.");
    public static readonly Refusal Duplicates = new(400, -1101, "Duplicate values for a parameter detected.");
    public static readonly Refusal Precision = new(400, -1111, "Precision is over the maximum defined for this asset.");
    public static readonly Refusal TimeInForceNotRequired = new(400, -1114, "TimeInForce parameter sent when not required.");
    public static readonly Refusal BadTimeInForce = new(400, -1115, "Invalid timeInForce.");
    public static readonly Refusal BadOrderType = new(400, -1116, "Invalid orderType.");
    public static readonly Refusal BadSide = new(400, -1117, "Invalid side.");
    public static readonly Refusal BadInterval = new(400, -1120, "Invalid interval.");
    public static readonly Refusal BadSymbol = new(400, -1121, "Invalid symbol.");
    public static readonly Refusal BadListenKey = new(400, -1125, "This listenKey does not exist. Please use `POST /fapi/v1/listenKey` to recreate `listenKey`");
    public static readonly Refusal TooLongAnInterval = new(400, -1127, "Lookup interval is too big.");
    public static readonly Refusal BadResponseType = new(400, -1136, "Invalid newOrderRespType.");
    public static readonly Refusal CancelRejected = new(400, -2011, "Unknown order sent.");
    public static readonly Refusal NoSuchOrder = new(400, -2013, "Order does not exist.");
    public static readonly Refusal BadKeyFormat = new(401, -2014, "API-key format invalid.");
    public static readonly Refusal RejectedKey = new(401, -2015, "Invalid API-key, IP, or permissions for action.");
    public static readonly Refusal Margin = new(400, -2019, "Margin is insufficient.");
    public static readonly Refusal WouldTrigger = new(400, -2021, "Order would immediately trigger.");
    public static readonly Refusal ReduceOnly = new(400, -2022, "ReduceOnly Order is rejected.");
    public static readonly Refusal PriceNotPositive = new(400, -4001, "Price less than 0.");
    public static readonly Refusal PriceTooHigh = new(400, -4002, "Price greater than max price.");
    public static readonly Refusal QuantityNotPositive = new(400, -4003, "Quantity less than or equal to zero.");
    public static readonly Refusal QuantityTooSmall = new(400, -4004, "Quantity less than min quantity.");
    public static readonly Refusal QuantityTooLarge = new(400, -4005, "Quantity greater than max quantity.");
    public static readonly Refusal PriceTooLow = new(400, -4013, "Price less than min price.");
    public static readonly Refusal OffTick = new(400, -4014, "Price not increased by tick size.");
    public static readonly Refusal IdTooLong = new(400, -4015, "Client order id length should be less than 36 chars");
    public static readonly Refusal BadLeverage = new(400, -4028, "Leverage is not valid");
    public static readonly Refusal TooManyCancels = new(400, -4032, "Exceed maximum cancel order size.");
    public static readonly Refusal SameMarginType = new(400, -4046, "No need to change margin type.");
    public static readonly Refusal MarginTypeHasOrders = new(400, -4047, "Margin type cannot be changed if there exists open orders.");
    public static readonly Refusal MarginTypeHasPosition = new(400, -4048, "Margin type cannot be changed if there exists position.");
    public static readonly Refusal NotIsolated = new(400, -4049, "Add margin only support for isolated position.");
    public static readonly Refusal CrossBalance = new(400, -4050, "Cross balance insufficient.");
    public static readonly Refusal IsolatedBalance = new(400, -4051, "Isolated balance insufficient.");
    public static readonly Refusal NoPosition = new(400, -4054, "Cannot add position margin: position is 0.");
    public static readonly Refusal AmountNotPositive = new(400, -4055, "Amount must be positive.");
    public static readonly Refusal SamePositionMode = new(400, -4059, "No need to change position side.");
    public static readonly Refusal BadPositionSide = new(400, -4060, "Invalid position side.");
    public static readonly Refusal PositionSideMismatch = new(400, -4061, "Order's position side does not match user's setting.");
    public static readonly Refusal PositionModeHasOrders = new(400, -4067, "Position side cannot be changed if there exists open orders.");
    public static readonly Refusal PositionModeHasPosition = new(400, -4068, "Position side cannot be changed if there exists position.");
    public static readonly Refusal BatchSize = new(400, -4082, "Invalid number of batch place orders.");
    public static readonly Refusal DuplicateId = new(400, -4116, "ClientOrderId is duplicated.");
    public static readonly Refusal ConditionalElsewhere = new(400, -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.");
    public static readonly Refusal CloseExists = new(400, -4130, "An open stop or take profit order with GTE and closePosition in the direction is existing.");
    public static readonly Refusal CloseOfMarket = new(400, -4136, "Target strategy invalid for orderType MARKET,closePosition true");
    public static readonly Refusal SymbolClosed = new(400, -4141, "Symbol is closed.");
    public static readonly Refusal SameAssetMode = new(400, -4171, "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.");
    public static readonly Refusal NeedsPosition = new(400, -4509, "Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available.");
    public static readonly Refusal FillOrKill = new(400, -5021, "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.");
    public static readonly Refusal PostOnly = new(400, -5022, "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.");
    public static readonly Refusal AmendLimitOnly = new(400, -5025, "Only limit order is supported.");
    public static readonly Refusal TooManyAmendments = new(400, -5026, "Exceed maximum modify order limit.");
    public static readonly Refusal SameOrder = new(400, -5027, "No need to modify the order.");
    public static readonly Refusal EngineWindow = new(400, -5028, "Timestamp for this request is outside of the ME recvWindow.");

    public static Refusal Mandatory(string name) => new(400, -1102, $"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.");

    public static Refusal Either(string first, string second) => new(400, -1102, $"Param '{first}' or '{second}' must be sent, but both were empty/null!");

    public static Refusal IllegalCharacters(string name, string range) => new(400, -1100, $"Illegal characters found in parameter '{name}'; legal range is '{range}'.");

    public static Refusal Empty(string name) => new(400, -1105, $"Parameter '{name}' was empty.");

    public static Refusal NotRequired(string name) => new(400, -1106, $"Parameter '{name}' sent when not required.");

    public static Refusal BadData(string name) => new(400, -1130, $"Data sent for parameter '{name}' is not valid.");

    public static Refusal BadDepth(string? limit) => new(400, -4021, $"{limit} is not valid depth limit.");

    public static Refusal MinNotional(decimal least) => new(400, -4164, string.Create(CultureInfo.InvariantCulture, $"Order's notional must be no smaller than {least} (unless you choose reduce only)"));

    public static Refusal AmendedMinNotional(decimal least) => new(400, -5029, string.Create(CultureInfo.InvariantCulture, $"Order's notional must be no smaller than {least}"));

    public static Refusal OrderRate(int limit, string interval) =>
        new(429, -1015, string.Create(CultureInfo.InvariantCulture, $"Too many new orders; current limit is {limit} orders per {interval}."));

    public static Refusal Weight(string address, int limit) => new(
        429,
        -1003,
        string.Create(CultureInfo.InvariantCulture, $"Too many requests; current limit of IP({address}) is {limit} requests per minute. Please use the websocket for live updates to avoid polling the API."));

    public static Refusal Banned(string address, DateTimeOffset until) => new(
        418,
        -1003,
        string.Create(CultureInfo.InvariantCulture, $"Way too many requests; IP({address}) banned until {until.ToUnixTimeMilliseconds()}. Please use the websocket for live updates to avoid bans."));

    public static Refusal NoSuchPath(string method, string path) => new(404, -5000, $"Path {path}, Method {method} is invalid");
}
