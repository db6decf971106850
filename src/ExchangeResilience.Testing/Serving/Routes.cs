namespace ExchangeResilience.Testing;

/// <summary>The endpoints, with the weights and order counts the futures documentation gives them.</summary>
internal static class Routes
{
    private static readonly string[] Symbol = ["symbol"];

    private static readonly string[] Candles = ["symbol", "interval"];

    private static readonly string[] Statistics = ["symbol", "period"];

    public static IReadOnlyList<Route> All { get; } =
    [
        new("GET", "/fapi/v1/ping", Access.Public, 1, MarketEndpoints.Ping),
        new("GET", "/dapi/v1/ping", Access.Public, 1, MarketEndpoints.Ping),
        new("GET", "/fapi/v1/time", Access.Public, 1, MarketEndpoints.Time),
        new("GET", "/dapi/v1/time", Access.Public, 1, MarketEndpoints.Time),
        new("GET", "/fapi/v1/exchangeInfo", Access.Public, 1, MarketEndpoints.ExchangeInfo),
        new("GET", "/fapi/v1/ticker/price", Access.Public, 1, MarketEndpoints.Price) { WeightForAll = 2 },
        new("GET", "/fapi/v2/ticker/price", Access.Public, 1, MarketEndpoints.Price) { WeightForAll = 2 },
        new("GET", "/fapi/v1/premiumIndex", Access.Public, 1, MarketEndpoints.PremiumIndex) { WeightForAll = 10, Fidelity = Fidelity.Synthetic },
        new("GET", "/fapi/v1/ticker/24hr", Access.Public, 1, MarketDataEndpoints.Day24Hours) { WeightForAll = 40, Fidelity = Fidelity.Synthetic },
        new("GET", "/fapi/v1/ticker/bookTicker", Access.Public, 2, MarketDataEndpoints.BookTicker) { WeightForAll = 5, Fidelity = Fidelity.Synthetic },
        new("GET", "/fapi/v1/depth", Access.Public, 10, MarketDataEndpoints.Depth)
        {
            Weighed = MarketDataEndpoints.WeightOfDepth, Mandatory = Symbol, Check = MarketDataEndpoints.CheckDepth, Fidelity = Fidelity.Synthetic,
        },
        new("GET", "/fapi/v1/trades", Access.Public, 5, MarketDataEndpoints.Trades) { Mandatory = Symbol, Fidelity = Fidelity.Synthetic },
        new("GET", "/fapi/v1/historicalTrades", Access.Key, 20, MarketDataEndpoints.Trades) { Mandatory = Symbol, Fidelity = Fidelity.Synthetic },
        new("GET", "/fapi/v1/aggTrades", Access.Public, 20, MarketDataEndpoints.AggregateTrades) { Mandatory = Symbol, Fidelity = Fidelity.Synthetic },
        OfCandles("/fapi/v1/klines", Candles, MarketDataEndpoints.Candles),
        OfCandles("/fapi/v1/continuousKlines", ["pair", "contractType", "interval"], MarketDataEndpoints.Candles),
        OfCandles("/fapi/v1/markPriceKlines", Candles, MarketDataEndpoints.CandlesOfPrice),
        OfCandles("/fapi/v1/indexPriceKlines", ["pair", "interval"], MarketDataEndpoints.CandlesOfPrice),
        OfCandles("/fapi/v1/premiumIndexKlines", Candles, MarketDataEndpoints.CandlesOfPremium),
        new("GET", "/fapi/v1/fundingRate", Access.Public, 0, MarketDataEndpoints.FundingRates) { Fidelity = Fidelity.Synthetic },
        new("GET", "/fapi/v1/fundingInfo", Access.Public, 0, MarketDataEndpoints.FundingInfo) { Fidelity = Fidelity.Constant },
        new("GET", "/fapi/v1/openInterest", Access.Public, 1, MarketDataEndpoints.OpenInterest) { Mandatory = Symbol },
        OfStatistics("openInterestHist", Statistics, StatisticsEndpoints.OpenInterest) with { Fidelity = Fidelity.Kept },
        OfStatistics("topLongShortAccountRatio", Statistics, StatisticsEndpoints.TopAccounts),
        OfStatistics("topLongShortPositionRatio", Statistics, StatisticsEndpoints.TopPositions),
        OfStatistics("globalLongShortAccountRatio", Statistics, StatisticsEndpoints.AllAccounts),
        OfStatistics("takerlongshortRatio", Statistics, StatisticsEndpoints.Takers),
        OfStatistics("basis", ["pair", "contractType", "period"], StatisticsEndpoints.Basis),
        new("GET", "/fapi/v1/rateLimit/order", Access.Signed, 1, MarketEndpoints.OrderLimits),

        new("POST", "/fapi/v1/order", Access.Trade, 0, OrderEndpoints.Place)
        {
            OrdersPer10Seconds = 1, OrdersPerMinute = 1, EngineChecksWindow = true, Mandatory = OrderDraft.Mandatory, Check = OrderEndpoints.CheckPlace,
        },
        new("PUT", "/fapi/v1/order", Access.Trade, 0, OrderEndpoints.Amend) { OrdersPer10Seconds = 1, OrdersPerMinute = 1, EngineChecksWindow = true, Check = OrderEndpoints.CheckAmend },
        new("DELETE", "/fapi/v1/order", Access.Trade, 1, OrderEndpoints.Cancel) { Mandatory = Symbol, Check = OrderEndpoints.CheckNamed },
        new("GET", "/fapi/v1/order", Access.Signed, 1, OrderEndpoints.Get) { Mandatory = Symbol, Check = OrderEndpoints.CheckNamed },
        new("POST", "/fapi/v1/order/test", Access.Trade, 0, OrderEndpoints.Test) { Mandatory = OrderDraft.Mandatory, Check = OrderEndpoints.CheckPlace },
        new("GET", "/fapi/v1/openOrder", Access.Signed, 1, OrderEndpoints.GetOpen) { Mandatory = Symbol, Check = OrderEndpoints.CheckNamed },
        new("GET", "/fapi/v1/openOrders", Access.Signed, 1, OrderEndpoints.GetAllOpen) { WeightForAll = 40 },
        new("GET", "/fapi/v1/allOrders", Access.Signed, 5, OrderEndpoints.GetAll) { Mandatory = Symbol, Check = OrderEndpoints.CheckHistory },
        new("GET", "/fapi/v1/userTrades", Access.Signed, 5, OrderEndpoints.GetTrades) { Mandatory = Symbol, Check = OrderEndpoints.CheckHistory },
        new("GET", "/fapi/v1/orderAmendment", Access.Signed, 1, OrderEndpoints.GetAmendments) { Mandatory = Symbol, Check = OrderEndpoints.CheckNamed },
        new("POST", "/fapi/v1/batchOrders", Access.Trade, 5, OrderEndpoints.PlaceBatch)
        {
            OrdersPer10Seconds = 5, OrdersPerMinute = 1, EngineChecksWindow = true, Mandatory = ["batchOrders"], Check = OrderEndpoints.CheckBatch,
        },
        new("PUT", "/fapi/v1/batchOrders", Access.Trade, 5, OrderEndpoints.AmendBatch)
        {
            OrdersPer10Seconds = 5, OrdersPerMinute = 1, EngineChecksWindow = true, Mandatory = ["batchOrders"], Check = OrderEndpoints.CheckBatch,
        },
        new("DELETE", "/fapi/v1/batchOrders", Access.Trade, 1, OrderEndpoints.CancelBatch) { Mandatory = Symbol, Check = OrderEndpoints.CheckCancelBatch },
        new("DELETE", "/fapi/v1/allOpenOrders", Access.Trade, 1, OrderEndpoints.CancelAll) { Mandatory = Symbol },
        new("POST", "/fapi/v1/countdownCancelAll", Access.Trade, 10, OrderEndpoints.Countdown) { Mandatory = ["symbol", "countdownTime"], Check = OrderEndpoints.CheckCountdown },

        new("POST", "/fapi/v1/algoOrder", Access.Trade, 0, AlgoEndpoints.Place) { OrdersPer10Seconds = 1, OrdersPerMinute = 1, Mandatory = ["algoType", "symbol", "side", "type"] },
        new("DELETE", "/fapi/v1/algoOrder", Access.Trade, 1, AlgoEndpoints.Cancel) { Check = AlgoEndpoints.CheckNamed },
        new("GET", "/fapi/v1/algoOrder", Access.Signed, 1, AlgoEndpoints.Get) { Check = AlgoEndpoints.CheckNamed },
        new("GET", "/fapi/v1/openAlgoOrders", Access.Signed, 1, AlgoEndpoints.GetOpen) { WeightForAll = 40 },
        new("GET", "/fapi/v1/allAlgoOrders", Access.Signed, 5, AlgoEndpoints.GetAll) { Mandatory = Symbol, Check = OrderEndpoints.CheckHistory },
        new("DELETE", "/fapi/v1/algoOpenOrders", Access.Trade, 1, AlgoEndpoints.CancelAll) { Mandatory = Symbol },

        new("GET", "/fapi/v2/balance", Access.Signed, 5, AccountEndpoints.Balance),
        new("GET", "/fapi/v3/balance", Access.Signed, 5, AccountEndpoints.Balance),
        new("GET", "/fapi/v2/account", Access.Signed, 5, AccountEndpoints.OverviewV2),
        new("GET", "/fapi/v3/account", Access.Signed, 5, AccountEndpoints.OverviewV3),
        new("GET", "/fapi/v2/positionRisk", Access.Signed, 5, AccountEndpoints.PositionsV2),
        new("GET", "/fapi/v3/positionRisk", Access.Signed, 5, AccountEndpoints.PositionsV3),
        new("GET", "/fapi/v1/accountConfig", Access.Signed, 5, AccountEndpoints.GetConfig),
        new("GET", "/fapi/v1/income", Access.Signed, 30, AccountEndpoints.Incomes),
        new("GET", "/fapi/v1/commissionRate", Access.Signed, 20, AccountEndpoints.Commission) { Mandatory = Symbol, Fidelity = Fidelity.Constant },
        new("GET", "/fapi/v1/leverageBracket", Access.Signed, 1, AccountEndpoints.Brackets) { Fidelity = Fidelity.Constant },
        new("GET", "/fapi/v1/adlQuantile", Access.Signed, 5, AccountEndpoints.Deleveraging) { Fidelity = Fidelity.Constant },
        new("GET", "/fapi/v1/forceOrders", Access.Signed, 20, AccountEndpoints.Liquidations) { WeightForAll = 50, Fidelity = Fidelity.Constant },
        new("GET", "/fapi/v1/symbolConfig", Access.Signed, 5, AccountEndpoints.SymbolConfig),
        new("POST", "/fapi/v1/leverage", Access.Trade, 1, AccountEndpoints.Leverage) { Mandatory = ["symbol", "leverage"] },
        new("POST", "/fapi/v1/marginType", Access.Trade, 1, AccountEndpoints.MarginType) { Mandatory = ["symbol", "marginType"] },
        new("GET", "/fapi/v1/positionSide/dual", Access.Signed, 30, AccountEndpoints.GetPositionMode),
        new("POST", "/fapi/v1/positionSide/dual", Access.Trade, 1, AccountEndpoints.SetPositionMode) { Mandatory = ["dualSidePosition"] },
        new("GET", "/fapi/v1/multiAssetsMargin", Access.Signed, 30, AccountEndpoints.GetAssetMode),
        new("POST", "/fapi/v1/multiAssetsMargin", Access.Trade, 1, AccountEndpoints.SetAssetMode) { Mandatory = ["multiAssetsMargin"] },
        new("GET", "/fapi/v1/feeBurn", Access.Signed, 30, AccountEndpoints.GetFeeBurn),
        new("POST", "/fapi/v1/feeBurn", Access.Trade, 1, AccountEndpoints.SetFeeBurn) { Mandatory = ["feeBurn"] },
        new("POST", "/fapi/v1/positionMargin", Access.Trade, 1, AccountEndpoints.PositionMargin) { Mandatory = ["symbol", "amount", "type"] },
        new("GET", "/fapi/v1/positionMargin/history", Access.Signed, 1, AccountEndpoints.MarginHistory) { Mandatory = Symbol },

        new("POST", "/fapi/v1/listenKey", Access.Key, 1, AccountEndpoints.OpenListenKey),
        new("PUT", "/fapi/v1/listenKey", Access.Key, 1, AccountEndpoints.ExtendListenKey),
        new("DELETE", "/fapi/v1/listenKey", Access.Key, 1, AccountEndpoints.CloseListenKey),

        // The wallet's interface counts its weight by itself.
        new("GET", "/sapi/v1/system/status", Access.Public, 0, WalletEndpoints.SystemStatus) { Fidelity = Fidelity.Constant },
        new("GET", "/sapi/v1/margin/allPairs", Access.Key, 0, WalletEndpoints.MarginPairs) { Fidelity = Fidelity.Constant },
        new("GET", "/sapi/v1/capital/config/getall", Access.Signed, 0, WalletEndpoints.Coins) { Fidelity = Fidelity.Constant },
    ];

    private static readonly Dictionary<(string Method, string Path), Route> Index = All.ToDictionary(route => (route.Method, route.Path));

    public static Route? Find(string method, string path) => Index.GetValueOrDefault((method, path));

    private static Route OfCandles(string path, string[] mandatory, Func<Call, Answer> run) => new("GET", path, Access.Public, 5, run)
    {
        Weighed = MarketDataEndpoints.WeightOfCandles, Mandatory = mandatory, Check = MarketDataEndpoints.CheckCandles, Fidelity = Fidelity.Synthetic,
    };

    // Their weight is counted apart.
    private static Route OfStatistics(string name, string[] mandatory, Func<Call, Answer> run) => new("GET", $"/futures/data/{name}", Access.Public, 0, run)
    {
        Mandatory = mandatory, Check = StatisticsEndpoints.Check, Fidelity = Fidelity.Synthetic,
    };
}
