using static ExchangeResilience.EndpointSecurity;
using static ExchangeResilience.OperationKind;

namespace ExchangeResilience;

/// <summary>
/// The REST endpoints of Binance USDⓈ-M futures. Weights and order counts are those of the official pages
/// (trade, account, market data and user data streams) as of June 2026.
/// </summary>
internal static class BinanceUsdFuturesEndpoints
{
    private static readonly LimitWeights DepthWeights = new(500, (50, 2), (100, 5), (500, 10), (1000, 20));
    private static readonly LimitWeights KlineWeights = new(500, (99, 1), (499, 2), (1000, 5), (1500, 10));

    // Trades move margin too, and show in the same list under another mark.
    private static readonly EndpointHistory PositionMarginHistory = new("/fapi/v1/positionMargin/history", ["symbol", "type"], ["symbol", "type", "amount", "positionSide"])
    {
        Marks = new Dictionary<string, string>(StringComparer.Ordinal) { ["deltaType"] = "USER_ADJUST" },
    };

    // The engine checks timestamp and recvWindow a second time on exactly the four order endpoints below (change log 2023-04-18).
    public static EndpointTable Table { get; } = new(
    [
        // Market data
        new(HttpMethod.Get, "/fapi/v1/ping", Query) { Security = Public },
        new(HttpMethod.Get, "/fapi/v1/time", Query) { Security = Public },
        new(HttpMethod.Get, "/fapi/v1/exchangeInfo", Query) { Security = Public },
        new(HttpMethod.Get, "/fapi/v1/depth", Query) { Security = Public, Weight = 20, WeightByLimit = DepthWeights },
        new(HttpMethod.Get, "/fapi/v1/trades", Query) { Security = Public, Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/aggTrades", Query) { Security = Public, Weight = 20 },
        new(HttpMethod.Get, "/fapi/v1/klines", Query) { Security = Public, Weight = 10, WeightByLimit = KlineWeights },
        new(HttpMethod.Get, "/fapi/v1/continuousKlines", Query) { Security = Public, Weight = 10, WeightByLimit = KlineWeights },
        new(HttpMethod.Get, "/fapi/v1/indexPriceKlines", Query) { Security = Public, Weight = 10, WeightByLimit = KlineWeights },
        new(HttpMethod.Get, "/fapi/v1/markPriceKlines", Query) { Security = Public, Weight = 10, WeightByLimit = KlineWeights },
        new(HttpMethod.Get, "/fapi/v1/premiumIndexKlines", Query) { Security = Public, Weight = 10, WeightByLimit = KlineWeights },
        new(HttpMethod.Get, "/fapi/v1/premiumIndex", Query) { Security = Public, Weight = 10, WeightWithSymbol = 1 },
        new(HttpMethod.Get, "/fapi/v1/fundingRate", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/fapi/v1/fundingInfo", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/fapi/v1/ticker/24hr", Query) { Security = Public, Weight = 40, WeightWithSymbol = 1 },
        new(HttpMethod.Get, "/fapi/v1/ticker/price", Query) { Security = Public, Weight = 2, WeightWithSymbol = 1 },
        new(HttpMethod.Get, "/fapi/v1/ticker/bookTicker", Query) { Security = Public, Weight = 5, WeightWithSymbol = 2 },
        new(HttpMethod.Get, "/fapi/v1/openInterest", Query) { Security = Public },
        new(HttpMethod.Get, "/fapi/v1/indexInfo", Query) { Security = Public, Weight = 10 },
        new(HttpMethod.Get, "/fapi/v1/assetIndex", Query) { Security = Public, Weight = 10 },
        new(HttpMethod.Get, "/fapi/v1/constituents", Query) { Security = Public, Weight = 2 },
        new(HttpMethod.Get, "/fapi/v1/insuranceBalance", Query) { Security = Public },
        new(HttpMethod.Get, "/fapi/v1/symbolAdlRisk", Query) { Security = Public },
        new(HttpMethod.Get, "/fapi/v1/rpiDepth", Query) { Security = Public, Weight = 20 },
        new(HttpMethod.Get, "/fapi/v1/tradingSchedule", Query) { Security = Public, Weight = 5 },
        new(HttpMethod.Get, "/fapi/v2/ticker/price", Query) { Security = Public, Weight = 2, WeightWithSymbol = 1 },
        new(HttpMethod.Get, "/fapi/v1/historicalTrades", Query) { Security = Key, Weight = 20 },

        // Market statistics have a pool of their own (1000 per 5 min), so they weigh nothing here (change log 2023-10-19).
        new(HttpMethod.Get, "/futures/data/openInterestHist", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/futures/data/topLongShortPositionRatio", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/futures/data/topLongShortAccountRatio", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/futures/data/globalLongShortAccountRatio", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/futures/data/takerlongshortRatio", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/futures/data/basis", Query) { Security = Public, Weight = 0 },
        new(HttpMethod.Get, "/futures/data/delivery-price", Query) { Security = Public, Weight = 0 },

        // Account
        new(HttpMethod.Get, "/fapi/v2/balance", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v3/balance", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v2/account", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v3/account", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v2/positionRisk", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v3/positionRisk", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/commissionRate", Query) { Weight = 20 },
        new(HttpMethod.Get, "/fapi/v1/accountConfig", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/symbolConfig", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/rateLimit/order", Query),
        new(HttpMethod.Get, "/fapi/v1/leverageBracket", Query),
        new(HttpMethod.Get, "/fapi/v1/multiAssetsMargin", Query) { Weight = 30 },
        new(HttpMethod.Get, "/fapi/v1/positionSide/dual", Query) { Weight = 30 },
        new(HttpMethod.Get, "/fapi/v1/feeBurn", Query) { Weight = 30 },
        new(HttpMethod.Get, "/fapi/v1/income", Query) { Weight = 30 },
        new(HttpMethod.Get, "/fapi/v1/income/asyn", Query) { Weight = 1000 },
        new(HttpMethod.Get, "/fapi/v1/income/asyn/id", Query) { Weight = 10 },
        new(HttpMethod.Get, "/fapi/v1/order/asyn", Query) { Weight = 1000 },
        new(HttpMethod.Get, "/fapi/v1/order/asyn/id", Query) { Weight = 10 },
        new(HttpMethod.Get, "/fapi/v1/trade/asyn", Query) { Weight = 1000 },
        new(HttpMethod.Get, "/fapi/v1/trade/asyn/id", Query) { Weight = 10 },
        new(HttpMethod.Get, "/fapi/v1/apiTradingStatus", Query) { Weight = 10 },
        new(HttpMethod.Get, "/fapi/v1/adlQuantile", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/forceOrders", Query) { Weight = 50, WeightWithSymbol = 20 },
        new(HttpMethod.Get, "/fapi/v1/pmAccountInfo", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/positionMargin/history", Query),
        new(HttpMethod.Get, "/fapi/v1/apiReferral/ifNewUser", Query),

        // Orders: reading
        new(HttpMethod.Get, "/fapi/v1/order", Query) { ClientIdParameter = "origClientOrderId", OrderIdParameter = "orderId", ShowsOrders = true },
        new(HttpMethod.Get, "/fapi/v1/openOrder", Query) { ClientIdParameter = "origClientOrderId", OrderIdParameter = "orderId", ShowsOrders = true },
        new(HttpMethod.Get, "/fapi/v1/openOrders", Query) { Weight = 40, WeightWithSymbol = 1, ShowsOrders = true },
        new(HttpMethod.Get, "/fapi/v1/allOrders", Query) { Weight = 5, ShowsOrders = true },
        new(HttpMethod.Get, "/fapi/v1/userTrades", Query) { Weight = 5 },
        new(HttpMethod.Get, "/fapi/v1/orderAmendment", Query) { ClientIdParameter = "origClientOrderId", OrderIdParameter = "orderId" },
        new(HttpMethod.Get, "/fapi/v1/algoOrder", Query) { ClientIdParameter = "clientAlgoId", OrderIdParameter = "algoId", ShowsOrders = true },
        new(HttpMethod.Get, "/fapi/v1/openAlgoOrders", Query) { Weight = 40, WeightWithSymbol = 1, ShowsOrders = true },
        new(HttpMethod.Get, "/fapi/v1/allAlgoOrders", Query) { Weight = 5, ShowsOrders = true },

        // Orders: changing
        new(HttpMethod.Post, "/fapi/v1/order", Place) { Weight = 0, OrdersPer10Seconds = 1, OrdersPerMinute = 1, Proof = SuccessProof.OrderId, EngineChecksWindow = true, ClientIdParameter = "newClientOrderId", EvidencePath = "/fapi/v1/order", EvidenceIdParameter = "origClientOrderId" },
        new(HttpMethod.Put, "/fapi/v1/order", Amend) { Weight = 0, OrdersPer10Seconds = 1, OrdersPerMinute = 1, Proof = SuccessProof.OrderId, EngineChecksWindow = true, ClientIdParameter = "origClientOrderId", OrderIdParameter = "orderId", EvidencePath = "/fapi/v1/order", EvidenceIdParameter = "origClientOrderId" },
        new(HttpMethod.Delete, "/fapi/v1/order", Cancel) { Proof = SuccessProof.OrderId, ClientIdParameter = "origClientOrderId", OrderIdParameter = "orderId", EvidencePath = "/fapi/v1/order", EvidenceIdParameter = "origClientOrderId" },
        new(HttpMethod.Post, "/fapi/v1/batchOrders", Place) { ItemPath = "/fapi/v1/order", ItemsParameter = "batchOrders", Weight = 5, OrdersPer10Seconds = 5, OrdersPerMinute = 1, Proof = SuccessProof.Items, EngineChecksWindow = true },
        new(HttpMethod.Put, "/fapi/v1/batchOrders", Amend) { ItemPath = "/fapi/v1/order", ItemsParameter = "batchOrders", Weight = 5, OrdersPer10Seconds = 5, OrdersPerMinute = 1, Proof = SuccessProof.Items, EngineChecksWindow = true },
        new(HttpMethod.Delete, "/fapi/v1/batchOrders", Cancel) { ItemPath = "/fapi/v1/order", ClientIdParameter = "origClientOrderIdList", OrderIdParameter = "orderIdList", Proof = SuccessProof.Items },
        new(HttpMethod.Delete, "/fapi/v1/allOpenOrders", CancelAll) { Proof = SuccessProof.Code200, EvidencePath = "/fapi/v1/order" },
        new(HttpMethod.Post, "/fapi/v1/countdownCancelAll", Heartbeat) { Weight = 10, Proof = SuccessProof.CountdownTime },
        new(HttpMethod.Post, "/fapi/v1/algoOrder", Place) { Weight = 0, OrdersPer10Seconds = 1, OrdersPerMinute = 1, Proof = SuccessProof.AlgoId, ClientIdParameter = "clientAlgoId", EvidencePath = "/fapi/v1/algoOrder", EvidenceIdParameter = "clientAlgoId", EvidenceTakesSymbol = false },
        new(HttpMethod.Delete, "/fapi/v1/algoOrder", Cancel) { Proof = SuccessProof.Code200, ClientIdParameter = "clientAlgoId", OrderIdParameter = "algoId", EvidencePath = "/fapi/v1/algoOrder", EvidenceIdParameter = "clientAlgoId", EvidenceTakesSymbol = false },
        new(HttpMethod.Delete, "/fapi/v1/algoOpenOrders", CancelAll) { Proof = SuccessProof.Code200, EvidencePath = "/fapi/v1/algoOrder", EvidenceTakesSymbol = false },

        // Nothing is placed by a test order, so it repeats like a query would.
        new(HttpMethod.Post, "/fapi/v1/order/test", Setting) { Weight = 0, OrdersPer10Seconds = 1, OrdersPerMinute = 1, Proof = SuccessProof.OrderId | SuccessProof.EmptyObject },

        // Settings
        new(HttpMethod.Post, "/fapi/v1/leverage", Setting) { Proof = SuccessProof.Leverage },
        new(HttpMethod.Post, "/fapi/v1/marginType", Setting) { Proof = SuccessProof.Code200 },
        new(HttpMethod.Post, "/fapi/v1/positionSide/dual", Setting) { Proof = SuccessProof.Code200 },
        new(HttpMethod.Post, "/fapi/v1/multiAssetsMargin", Setting) { Proof = SuccessProof.Code200 },
        new(HttpMethod.Post, "/fapi/v1/feeBurn", Setting) { Proof = SuccessProof.Code200 },
        new(HttpMethod.Post, "/fapi/v1/stock/contract", Setting) { Proof = SuccessProof.SuccessText },
        new(HttpMethod.Post, "/fapi/v1/positionMargin", Additive) { Proof = SuccessProof.Code200, History = PositionMarginHistory },

        // User data streams require the key alone. PUT without a body answers {} on some hosts and the key on others.
        new(HttpMethod.Post, "/fapi/v1/listenKey", Setting) { Security = Key, Proof = SuccessProof.ListenKey },
        new(HttpMethod.Put, "/fapi/v1/listenKey", Setting) { Security = Key, Proof = SuccessProof.ListenKey | SuccessProof.EmptyObject },
        new(HttpMethod.Delete, "/fapi/v1/listenKey", Setting) { Security = Key, Proof = SuccessProof.EmptyObject },
    ]);
}
