namespace ExchangeResilience;

/// <summary>
/// The codes of <see cref="ExchangeVenue.BinanceUsdFutures"/> by name, for <see cref="ExchangeError.Is"/> and <see cref="ErrorCatalog.TryGet"/>. Names are the exchange's own,
/// oddities included; where several codes share one, each bears its number. Made from the table of errors; a test holds the two against each other.
/// </summary>
public static class ExchangeErrorCodes
{
    /// <summary>-1000 <c>UNKNOWN</c> (Indeterminate, Unknown): The exchange failed without saying where, so the request may have taken effect. Look it up by client order id before sending anything again.</summary>
    public const int Unknown = -1000;

    /// <summary>-1001 <c>DISCONNECTED</c> (Unavailable, NotExecuted): An internal connection broke; documented as a failure that may be sent again. Ask once for the order first, which removes the last doubt.</summary>
    public const int Disconnected = -1001;

    /// <summary>-1002 <c>UNAUTHORIZED</c> (Authentication, NotExecuted): This key may not call this endpoint. Grant the permission in the key&apos;s settings or use another key.</summary>
    public const int Unauthorized = -1002;

    /// <summary>-1003 <c>TOO_MANY_REQUESTS</c> (RateLimited, NotExecuted): The address has spent its request weight, or is banned until the instant in the text. Every client behind it waits; use streams instead of polling.</summary>
    public const int TooManyRequests = -1003;

    /// <summary>-1004 <c>DUPLICATE_IP</c> (AccountState, NotExecuted): The address is on the key&apos;s white list already, so nothing is left to add. Carry on.</summary>
    public const int DuplicateIp = -1004;

    /// <summary>-1005 <c>NO_SUCH_IP</c> (AccountState, NotExecuted): The address is not on the key&apos;s white list, so it cannot be removed. Compare it with the list in the key&apos;s settings.</summary>
    public const int NoSuchIp = -1005;

    /// <summary>-1006 <c>UNEXPECTED_RESP</c> (Indeterminate, Unknown): The message bus gave an unexpected answer, and the exchange says it does not know the outcome. Look the order up before sending again.</summary>
    public const int UnexpectedResp = -1006;

    /// <summary>-1007 <c>TIMEOUT</c> (Indeterminate, Unknown): The matching engine did not answer its front in time and may have executed all the same. Wait for the user data stream or ask by client order id.</summary>
    public const int Timeout = -1007;

    /// <summary>-1008 <c>Request Throttled</c> (Overloaded, NotExecuted): The exchange sheds load; the order failed and was not counted. Back off from 200 ms on and lower concurrency; closing orders are let through.</summary>
    public const int RequestThrottled = -1008;

    /// <summary>-1010 <c>ERROR_MSG_RECEIVED</c> (OrderRejected, NotExecuted): The backend handed an error through without a code of its own. The message is all there is; check the parameters against exchangeInfo.</summary>
    public const int ErrorMsgReceived = -1010;

    /// <summary>-1011 <c>NON_WHITE_LIST</c> (Authentication, NotExecuted): The key is tied to other addresses. Add this machine&apos;s address to its white list, or send from one that is on it.</summary>
    public const int NonWhiteList = -1011;

    /// <summary>-1013 <c>INVALID_MESSAGE</c> (InvalidParameter, NotExecuted): The backend could not make sense of the request. Check number formats and required parameters of this order type.</summary>
    public const int InvalidMessage = -1013;

    /// <summary>-1014 <c>UNKNOWN_ORDER_COMPOSITION</c> (InvalidParameter, NotExecuted): Type, side, timeInForce and the other fields do not form an order that exists. Compare them with the order type&apos;s table.</summary>
    public const int UnknownOrderComposition = -1014;

    /// <summary>-1015 <c>TOO_MANY_ORDERS</c> (OrderRateLimited, NotExecuted): Too many orders of this account in a window (10 s, 1 min, up to a day), which the message names. Wait until RetryAt with its orders; queries and other accounts go on.</summary>
    public const int TooManyOrders = -1015;

    /// <summary>-1016 <c>SERVICE_SHUTTING_DOWN</c> (Unavailable, NotExecuted): The service is down for maintenance or retired. Watch the exchange&apos;s announcements; repeating within seconds is pointless.</summary>
    public const int ServiceShuttingDown = -1016;

    /// <summary>-1020 <c>UNSUPPORTED_OPERATION</c> (NotSupported, NotExecuted): This product does not offer the operation. Look for another endpoint that does.</summary>
    public const int UnsupportedOperation = -1020;

    /// <summary>-1021 <c>INVALID_TIMESTAMP</c> (ClockSkew, NotExecuted): The timestamp was outside recvWindow or a second or more ahead. Measure the offset to the exchange&apos;s clock, stamp and sign afresh, send again.</summary>
    public const int InvalidTimestamp = -1021;

    /// <summary>-1022 <c>INVALID_SIGNATURE</c> (Authentication, NotExecuted): The signature does not fit what was signed. Check the secret, percent-encode before signing, and let the signature be the last parameter.</summary>
    public const int InvalidSignature = -1022;

    /// <summary>-1023 <c>START_TIME_GREATER_THAN_END_TIME</c> (InvalidParameter, NotExecuted): startTime is after endTime. Swap them, and check that both are milliseconds.</summary>
    public const int StartTimeGreaterThanEndTime = -1023;

    /// <summary>-1099 <c>NOT_FOUND</c> (Authentication, NotExecuted): Either there is no such thing or this key may not see it. Check the path, then the key&apos;s permissions.</summary>
    public const int NotFound = -1099;

    /// <summary>-1100 <c>ILLEGAL_CHARS</c> (InvalidParameter, NotExecuted): A parameter holds characters its pattern forbids; the message names both. Remove them; client order ids take letters, digits and . : / _ -</summary>
    public const int IllegalChars = -1100;

    /// <summary>-1101 <c>TOO_MANY_PARAMETERS</c> (InvalidParameter, NotExecuted): There are more parameters or list entries than allowed, or one was sent twice, as in query and body at once. Send each of them once.</summary>
    public const int TooManyParameters = -1101;

    /// <summary>-1102 <c>MANDATORY_PARAM_EMPTY_OR_MALFORMED</c> (InvalidParameter, NotExecuted): A required parameter is absent, empty or malformed; the message usually names it. Send it; look for a decimal comma, a frequent cause.</summary>
    public const int MandatoryParamEmptyOrMalformed = -1102;

    /// <summary>-1103 <c>UNKNOWN_PARAM</c> (InvalidParameter, NotExecuted): The endpoint does not know one of the parameters. Check its spelling, case included.</summary>
    public const int UnknownParam = -1103;

    /// <summary>-1104 <c>UNREAD_PARAMETERS</c> (InvalidParameter, NotExecuted): Some parameters were not wanted for this combination. Leave out those that the order type does not use.</summary>
    public const int UnreadParameters = -1104;

    /// <summary>-1105 <c>PARAM_EMPTY</c> (InvalidParameter, NotExecuted): A parameter was sent without a value. Give it one or leave it out altogether.</summary>
    public const int ParamEmpty = -1105;

    /// <summary>-1106 <c>PARAM_NOT_REQUIRED</c> (InvalidParameter, NotExecuted): A parameter was sent that must not be there, such as timeInForce on a market order. Remove the one the message names.</summary>
    public const int ParamNotRequired = -1106;

    /// <summary>-1108 <c>BAD_ASSET</c> (InvalidParameter, NotExecuted): No such asset. Take the name from exchangeInfo, in capitals.</summary>
    public const int BadAsset = -1108;

    /// <summary>-1109 <c>BAD_ACCOUNT</c> (InvalidParameter, NotExecuted): The account named does not exist or has no futures wallet: open one, or correct the parameter. On the demo network this comes and goes: try again later there.</summary>
    public const int BadAccount = -1109;

    /// <summary>-1110 <c>BAD_INSTRUMENT_TYPE</c> (InvalidParameter, NotExecuted): symbolType is not one of the documented values. Correct it or leave it out.</summary>
    public const int BadInstrumentType = -1110;

    /// <summary>-1111 <c>BAD_PRECISION</c> (FilterViolation, NotExecuted): A number has more decimals than the symbol allows. Round price to tickSize and quantity to stepSize from exchangeInfo, not to the precision fields.</summary>
    public const int BadPrecision = -1111;

    /// <summary>-1112 <c>NO_DEPTH</c> (MarketState, NotExecuted): The order book is empty on that side, so there is nothing to trade against. Wait for quotes or place a limit order.</summary>
    public const int NoDepth = -1112;

    /// <summary>-1113 <c>WITHDRAW_NOT_NEGATIVE</c> (InvalidParameter, NotExecuted): This endpoint wants a withdrawal as a negative amount. Turn the sign.</summary>
    public const int WithdrawNotNegative = -1113;

    /// <summary>-1114 <c>TIF_NOT_REQUIRED</c> (InvalidParameter, NotExecuted): This order type takes no timeInForce. Leave the parameter out.</summary>
    public const int TifNotRequired = -1114;

    /// <summary>-1115 <c>INVALID_TIF</c> (InvalidParameter, NotExecuted): timeInForce is not one this symbol accepts. Use one that exchangeInfo lists: GTC, IOC, FOK, GTX, GTD.</summary>
    public const int InvalidTif = -1115;

    /// <summary>-1116 <c>INVALID_ORDER_TYPE</c> (InvalidParameter, NotExecuted): The order type is unknown or not offered on this symbol. Choose one from the symbol&apos;s orderTypes in exchangeInfo.</summary>
    public const int InvalidOrderType = -1116;

    /// <summary>-1117 <c>INVALID_SIDE</c> (InvalidParameter, NotExecuted): side must be BUY or SELL, in capitals.</summary>
    public const int InvalidSide = -1117;

    /// <summary>-1118 <c>EMPTY_NEW_CL_ORD_ID</c> (InvalidParameter, NotExecuted): newClientOrderId was sent empty. Fill it, which recovery needs, or leave it out.</summary>
    public const int EmptyNewClOrdId = -1118;

    /// <summary>-1119 <c>EMPTY_ORG_CL_ORD_ID</c> (InvalidParameter, NotExecuted): origClientOrderId was sent empty. Name the order by it or by orderId.</summary>
    public const int EmptyOrgClOrdId = -1119;

    /// <summary>-1120 <c>BAD_INTERVAL</c> (InvalidParameter, NotExecuted): The candle interval does not exist. Use one of the documented ones, such as 1m, 1h or 1d.</summary>
    public const int BadInterval = -1120;

    /// <summary>-1121 <c>BAD_SYMBOL</c> (InvalidParameter, NotExecuted): No such symbol on this product. Check spelling and capitals, and that it is not a spot or COIN-M name.</summary>
    public const int BadSymbol = -1121;

    /// <summary>-1122 <c>INVALID_SYMBOL_STATUS</c> (MarketState, NotExecuted): The symbol&apos;s status forbids this just now. Read it from exchangeInfo and wait until it is TRADING.</summary>
    public const int InvalidSymbolStatus = -1122;

    /// <summary>-1125 <c>INVALID_LISTEN_KEY</c> (InvalidParameter, NotExecuted): The listenKey has expired or never was. Ask for a new one with POST /fapi/v1/listenKey and connect again.</summary>
    public const int InvalidListenKey = -1125;

    /// <summary>-1126 <c>ASSET_NOT_SUPPORTED</c> (InvalidParameter, NotExecuted): The asset exists but cannot be used here. Choose a margin asset that exchangeInfo lists.</summary>
    public const int AssetNotSupported = -1126;

    /// <summary>-1127 <c>MORE_THAN_XX_HOURS</c> (InvalidParameter, NotExecuted): startTime and endTime are too far apart. Ask in shorter spans and join the pages.</summary>
    public const int MoreThanXxHours = -1127;

    /// <summary>-1128 <c>OPTIONAL_PARAMS_BAD_COMBO</c> (InvalidParameter, NotExecuted): These optional parameters exclude or require one another. Send the pairs the endpoint documents.</summary>
    public const int OptionalParamsBadCombo = -1128;

    /// <summary>-1130 <c>INVALID_PARAMETER</c> (InvalidParameter, NotExecuted): A parameter&apos;s value is not valid; the message names it. Check its documented limits; a list, as orderIdList, is a JSON array, percent-encoded: %5B1,2%5D.</summary>
    public const int InvalidParameter = -1130;

    /// <summary>-1136 <c>INVALID_NEW_ORDER_RESP_TYPE</c> (InvalidParameter, NotExecuted): newOrderRespType must be ACK or RESULT on futures; FULL belongs to spot.</summary>
    public const int InvalidNewOrderRespType = -1136;

    /// <summary>-2007 <c>INVALID_CALLBACK_RATE</c> (InvalidParameter, NotExecuted): Not on the official page. The callback rate of a trailing stop is out of bounds; use 0.1 to 10 percent.</summary>
    public const int InvalidCallbackRate = -2007;

    /// <summary>-2008 <c>INVALID_API_KEY_ID</c> (Authentication, NotExecuted): Not on the official page. The key does not exist in this environment: live, demo and testnet keys differ. Use this environment&apos;s key and base address.</summary>
    public const int InvalidApiKeyId = -2008;

    /// <summary>-2010 <c>NEW_ORDER_REJECTED</c> (OrderRejected, NotExecuted): The order was refused, and only the message says why. Correct what it names before placing another.</summary>
    public const int NewOrderRejected = -2010;

    /// <summary>-2011 <c>CANCEL_REJECTED</c> (OrderNotFound, NotExecuted): No such open order: it was filled, cancelled, expired, or never existed. Ask GET order which; conditional orders live at /fapi/v1/algoOrder and may be alive there.</summary>
    public const int CancelRejected = -2011;

    /// <summary>-2012 <c>CANCEL_ALL_FAIL</c> (Indeterminate, Unknown): The mass cancel failed somewhere, and some orders may be gone. List the open orders, then cancel what is left.</summary>
    public const int CancelAllFail = -2012;

    /// <summary>-2013 <c>NO_SUCH_ORDER</c> (OrderNotFound, NotExecuted): The exchange does not find the order, which soon after sending proves no absence: ask again. Look for a conditional order at /fapi/v1/algoOrder; unfilled ones vanish after 3 days.</summary>
    public const int NoSuchOrder = -2013;

    /// <summary>-2014 <c>BAD_API_KEY_FMT</c> (Authentication, NotExecuted): X-MBX-APIKEY is missing or no key by its form. Give an ApiKey in the signing settings; look for blanks, quotes or a swapped key and secret.</summary>
    public const int BadApiKeyFmt = -2014;

    /// <summary>-2015 <c>REJECTED_MBX_KEY</c> (Authentication, NotExecuted): Key, address or permission does not fit. Check that the key is live, allows futures, lists this address and belongs to this environment.</summary>
    public const int RejectedMbxKey = -2015;

    /// <summary>-2016 <c>NO_TRADING_WINDOW</c> (MarketState, NotExecuted): The symbol had no trades to build a window from. Ask ticker/24hr, which answers even then.</summary>
    public const int NoTradingWindow = -2016;

    /// <summary>-2017 <c>API_KEYS_LOCKED</c> (Authentication, NotExecuted): All keys of this account are locked. Unlock them on the exchange&apos;s site; support knows the cause.</summary>
    public const int ApiKeysLocked = -2017;

    /// <summary>-2018 <c>BALANCE_NOT_SUFFICIENT</c> (InsufficientFunds, NotExecuted): The wallet holds too little for this. Transfer funds or ask for less.</summary>
    public const int BalanceNotSufficient = -2018;

    /// <summary>-2019 <c>MARGIN_NOT_SUFFICIEN</c> (InsufficientFunds, NotExecuted): Free margin does not cover the order. Lower the quantity, cancel resting orders or add margin.</summary>
    public const int MarginNotSufficien = -2019;

    /// <summary>-2020 <c>UNABLE_TO_FILL</c> (OrderRejected, NotExecuted): The order could not be filled as demanded. Try a limit price or a smaller quantity.</summary>
    public const int UnableToFill = -2020;

    /// <summary>-2021 <c>ORDER_WOULD_IMMEDIATELY_TRIGGER</c> (OrderRejected, NotExecuted): The market is beyond the stop price already. Move the stop, or send a market order if the exit is wanted now.</summary>
    public const int OrderWouldImmediatelyTrigger = -2021;

    /// <summary>-2022 <c>REDUCE_ONLY_REJECT</c> (OrderRejected, NotExecuted): There is no position this order could reduce, or resting orders already close it. Read the position, cancel those, place again.</summary>
    public const int ReduceOnlyReject = -2022;

    /// <summary>-2023 <c>USER_IN_LIQUIDATION</c> (AccountState, NotExecuted): The account is being liquidated and takes no requests. Stop trading it and look at its margin.</summary>
    public const int UserInLiquidation = -2023;

    /// <summary>-2024 <c>POSITION_NOT_SUFFICIENT</c> (AccountState, NotExecuted): The position is smaller than the order wants to close. Read the position and lower the quantity.</summary>
    public const int PositionNotSufficient = -2024;

    /// <summary>-2025 <c>MAX_OPEN_ORDER_EXCEEDED</c> (LimitReached, NotExecuted): Too many orders rest already. Cancel some; waiting alone frees nothing.</summary>
    public const int MaxOpenOrderExceeded = -2025;

    /// <summary>-2026 <c>REDUCE_ONLY_ORDER_TYPE_NOT_SUPPORTED</c> (InvalidParameter, NotExecuted): This order type cannot be reduceOnly. Use another type, or close by side and quantity.</summary>
    public const int ReduceOnlyOrderTypeNotSupported = -2026;

    /// <summary>-2027 <c>MAX_LEVERAGE_RATIO</c> (AccountState, NotExecuted): At this leverage the position may not grow further. Lower the leverage or the quantity.</summary>
    public const int MaxLeverageRatio = -2027;

    /// <summary>-2028 <c>MIN_LEVERAGE_RATIO</c> (InsufficientFunds, NotExecuted): The leverage asked for is too low for the margin there is. Add margin or shrink the position first.</summary>
    public const int MinLeverageRatio = -2028;

    /// <summary>-4000 <c>INVALID_ORDER_STATUS</c> (InvalidParameter, NotExecuted): The order status given is none of the documented ones. Use NEW, PARTIALLY_FILLED, FILLED, CANCELED or EXPIRED.</summary>
    public const int InvalidOrderStatus = -4000;

    /// <summary>-4001 <c>PRICE_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): price must be above zero. A sign or an overflow in the price calculation is the usual cause.</summary>
    public const int PriceLessThanZero = -4001;

    /// <summary>-4002 <c>PRICE_GREATER_THAN_MAX_PRICE</c> (FilterViolation, NotExecuted): price exceeds maxPrice of the symbol&apos;s PRICE_FILTER. Lower it.</summary>
    public const int PriceGreaterThanMaxPrice = -4002;

    /// <summary>-4003 <c>QTY_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): quantity is zero or negative, often after rounding down to stepSize. Send at least minQty.</summary>
    public const int QtyLessThanZero = -4003;

    /// <summary>-4004 <c>QTY_LESS_THAN_MIN_QTY</c> (FilterViolation, NotExecuted): quantity is below minQty of LOT_SIZE, or of MARKET_LOT_SIZE on market orders. Raise it.</summary>
    public const int QtyLessThanMinQty = -4004;

    /// <summary>-4005 <c>QTY_GREATER_THAN_MAX_QTY</c> (FilterViolation, NotExecuted): quantity exceeds maxQty of LOT_SIZE or, lower, of MARKET_LOT_SIZE. Split the order.</summary>
    public const int QtyGreaterThanMaxQty = -4005;

    /// <summary>-4006 <c>STOP_PRICE_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): stopPrice must be above zero. Check how it is derived.</summary>
    public const int StopPriceLessThanZero = -4006;

    /// <summary>-4007 <c>STOP_PRICE_GREATER_THAN_MAX_PRICE</c> (FilterViolation, NotExecuted): stopPrice exceeds maxPrice of PRICE_FILTER. Bring it back into the band.</summary>
    public const int StopPriceGreaterThanMaxPrice = -4007;

    /// <summary>-4008 <c>TICK_SIZE_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): A tick size below zero reached the exchange, which no order carries. Reload exchangeInfo; if it stays, report the symbol.</summary>
    public const int TickSizeLessThanZero = -4008;

    /// <summary>-4009 <c>MAX_PRICE_LESS_THAN_MIN_PRICE</c> (FilterViolation, NotExecuted): The symbol&apos;s price band is upside down at the exchange. Avoid the symbol until exchangeInfo is right again.</summary>
    public const int MaxPriceLessThanMinPrice = -4009;

    /// <summary>-4010 <c>MAX_QTY_LESS_THAN_MIN_QTY</c> (FilterViolation, NotExecuted): The symbol&apos;s quantity band is upside down at the exchange. No order fits it; wait for a corrected exchangeInfo.</summary>
    public const int MaxQtyLessThanMinQty = -4010;

    /// <summary>-4011 <c>STEP_SIZE_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): A step size below zero reached the exchange. It is a fault of the symbol&apos;s rules, not of the order; report it.</summary>
    public const int StepSizeLessThanZero = -4011;

    /// <summary>-4012 <c>MAX_NUM_ORDERS_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): The symbol&apos;s limit of resting orders is negative at the exchange. No request cures that: use another symbol until exchangeInfo is right.</summary>
    public const int MaxNumOrdersLessThanZero = -4012;

    /// <summary>-4013 <c>PRICE_LESS_THAN_MIN_PRICE</c> (FilterViolation, NotExecuted): price is below minPrice of the symbol&apos;s PRICE_FILTER. Raise it.</summary>
    public const int PriceLessThanMinPrice = -4013;

    /// <summary>-4014 <c>PRICE_NOT_INCREASED_BY_TICK_SIZE</c> (FilterViolation, NotExecuted): price is no multiple of tickSize. Round it with decimal arithmetic, counted from minPrice.</summary>
    public const int PriceNotIncreasedByTickSize = -4014;

    /// <summary>-4015 <c>INVALID_CL_ORD_ID_LEN</c> (InvalidParameter, NotExecuted): The client order id is too long; 36 characters are documented and 32 are safe. Shorten it.</summary>
    public const int InvalidClOrdIdLen = -4015;

    /// <summary>-4016 <c>PRICE_HIGHTER_THAN_MULTIPLIER_UP</c> (FilterViolation, NotExecuted): The price is too far above the mark price (PERCENT_PRICE). Read the mark price again and stay under its cap.</summary>
    public const int PriceHighterThanMultiplierUp = -4016;

    /// <summary>-4017 <c>MULTIPLIER_UP_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): The upper price multiplier of the symbol is negative at the exchange. Report the symbol; orders cannot help.</summary>
    public const int MultiplierUpLessThanZero = -4017;

    /// <summary>-4018 <c>MULTIPLIER_DOWN_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): The lower price multiplier of the symbol is negative at the exchange. Use another symbol until it is repaired.</summary>
    public const int MultiplierDownLessThanZero = -4018;

    /// <summary>-4019 <c>COMPOSITE_SCALE_OVERFLOW</c> (FilterViolation, NotExecuted): Price and quantity together have more decimals than can be multiplied. Round both to tickSize and stepSize.</summary>
    public const int CompositeScaleOverflow = -4019;

    /// <summary>-4020 <c>TARGET_STRATEGY_INVALID</c> (InvalidParameter, NotExecuted): This order type and this reduceOnly value do not go together. Change one of the two.</summary>
    public const int TargetStrategyInvalid = -4020;

    /// <summary>-4021 <c>INVALID_DEPTH_LIMIT</c> (InvalidParameter, NotExecuted): The depth limit is none of the offered ones. Use 5, 10, 20, 50, 100, 500 or 1000.</summary>
    public const int InvalidDepthLimit = -4021;

    /// <summary>-4022 <c>WRONG_MARKET_STATUS</c> (InvalidParameter, NotExecuted): The market status sent is none the exchange knows. Correct the value.</summary>
    public const int WrongMarketStatus = -4022;

    /// <summary>-4023 <c>QTY_NOT_INCREASED_BY_STEP_SIZE</c> (FilterViolation, NotExecuted): quantity is no multiple of stepSize. Round it down with decimal arithmetic; market orders have a step of their own.</summary>
    public const int QtyNotIncreasedByStepSize = -4023;

    /// <summary>-4024 <c>PRICE_LOWER_THAN_MULTIPLIER_DOWN</c> (FilterViolation, NotExecuted): The price is too far below the mark price (PERCENT_PRICE). Read the mark price again and stay above its floor.</summary>
    public const int PriceLowerThanMultiplierDown = -4024;

    /// <summary>-4025 <c>MULTIPLIER_DECIMAL_LESS_THAN_ZERO</c> (FilterViolation, NotExecuted): The decimals of the symbol&apos;s price multiplier are negative at the exchange. Trade another symbol until they have repaired it.</summary>
    public const int MultiplierDecimalLessThanZero = -4025;

    /// <summary>-4026 <c>COMMISSION_INVALID</c> (InvalidParameter, NotExecuted): A commission rate is negative or too large. Only account set-up sends one; correct it there.</summary>
    public const int CommissionInvalid = -4026;

    /// <summary>-4027 <c>INVALID_ACCOUNT_TYPE</c> (InvalidParameter, NotExecuted): The account type does not fit this request. Use the key of a futures account.</summary>
    public const int InvalidAccountType = -4027;

    /// <summary>-4028 <c>INVALID_LEVERAGE</c> (InvalidParameter, NotExecuted): The leverage is outside the symbol&apos;s brackets. Read leverageBracket and choose a whole number from 1 to its maximum.</summary>
    public const int InvalidLeverage = -4028;

    /// <summary>-4029 <c>INVALID_TICK_SIZE_PRECISION</c> (FilterViolation, NotExecuted): The symbol&apos;s tick size has more decimals than its price at the exchange. Watch exchangeInfo for the correction.</summary>
    public const int InvalidTickSizePrecision = -4029;

    /// <summary>-4030 <c>INVALID_STEP_SIZE_PRECISION</c> (FilterViolation, NotExecuted): The symbol&apos;s step size has more decimals than its quantity at the exchange. Trade it again once that is corrected.</summary>
    public const int InvalidStepSizePrecision = -4030;

    /// <summary>-4031 <c>INVALID_WORKING_TYPE</c> (InvalidParameter, NotExecuted): workingType must be MARK_PRICE or CONTRACT_PRICE.</summary>
    public const int InvalidWorkingType = -4031;

    /// <summary>-4032 <c>EXCEED_MAX_CANCEL_ORDER_SIZE</c> (InvalidParameter, NotExecuted): One request cancels at most ten orders. Send the rest in further ones.</summary>
    public const int ExceedMaxCancelOrderSize = -4032;

    /// <summary>-4033 <c>INSURANCE_ACCOUNT_NOT_FOUND</c> (AccountState, NotExecuted): The exchange misses an insurance account of its own. Contact support; no request of yours is at fault.</summary>
    public const int InsuranceAccountNotFound = -4033;

    /// <summary>-4044 <c>INVALID_BALANCE_TYPE</c> (InvalidParameter, NotExecuted): The balance type is unknown. Take one from the endpoint&apos;s documentation.</summary>
    public const int InvalidBalanceType = -4044;

    /// <summary>-4045 <c>MAX_STOP_ORDER_EXCEEDED</c> (LimitReached, NotExecuted): Too many stop orders wait for their trigger; 200 conditional orders are allowed in all. Cancel some first.</summary>
    public const int MaxStopOrderExceeded = -4045;

    /// <summary>-4046 <c>NO_NEED_TO_CHANGE_MARGIN_TYPE</c> (NoChangeNeeded, NotExecuted): The symbol has the wanted margin type already. After an unknown outcome this is the confirmation: carry on.</summary>
    public const int NoNeedToChangeMarginType = -4046;

    /// <summary>-4047 <c>THERE_EXISTS_OPEN_ORDERS</c> (AccountState, NotExecuted): The margin type cannot change while orders rest on the symbol. Cancel them, then change it.</summary>
    public const int ThereExistsOpenOrders = -4047;

    /// <summary>-4048 <c>THERE_EXISTS_QUANTITY</c> (AccountState, NotExecuted): The margin type cannot change while a position is open. Close it first.</summary>
    public const int ThereExistsQuantity = -4048;

    /// <summary>-4049 <c>ADD_ISOLATED_MARGIN_REJECT</c> (AccountState, NotExecuted): Margin can be added to isolated positions alone, and this one is crossed. Switch the symbol to isolated first, or fund the wallet instead.</summary>
    public const int AddIsolatedMarginReject = -4049;

    /// <summary>-4050 <c>CROSS_BALANCE_INSUFFICIENT</c> (InsufficientFunds, NotExecuted): The crossed wallet cannot spare that much. Transfer funds or move a smaller amount.</summary>
    public const int CrossBalanceInsufficient = -4050;

    /// <summary>-4051 <c>ISOLATED_BALANCE_INSUFFICIENT</c> (InsufficientFunds, NotExecuted): The isolated position cannot spare that much margin. Take out less.</summary>
    public const int IsolatedBalanceInsufficient = -4051;

    /// <summary>-4052 <c>NO_NEED_TO_CHANGE_AUTO_ADD_MARGIN</c> (NoChangeNeeded, NotExecuted): Auto-add margin has the wanted setting already. Carry on.</summary>
    public const int NoNeedToChangeAutoAddMargin = -4052;

    /// <summary>-4053 <c>AUTO_ADD_CROSSED_MARGIN_REJECT</c> (AccountState, NotExecuted): Auto-add margin exists for isolated positions only. Switch the margin type before asking for it.</summary>
    public const int AutoAddCrossedMarginReject = -4053;

    /// <summary>-4054 <c>ADD_ISOLATED_MARGIN_NO_POSITION_REJECT</c> (AccountState, NotExecuted): There is no position to add margin to. Open one first, or check symbol and positionSide.</summary>
    public const int AddIsolatedMarginNoPositionReject = -4054;

    /// <summary>-4055 <c>AMOUNT_MUST_BE_POSITIVE</c> (InvalidParameter, NotExecuted): amount must be above zero; type, not the sign, says whether margin is added or taken.</summary>
    public const int AmountMustBePositive = -4055;

    /// <summary>-4056 <c>INVALID_API_KEY_TYPE</c> (Authentication, NotExecuted): The key is of a kind this endpoint does not take. Create one of the documented kind.</summary>
    public const int InvalidApiKeyType = -4056;

    /// <summary>-4057 <c>INVALID_RSA_PUBLIC_KEY</c> (Authentication, NotExecuted): The public key registered is unusable. Register it again, in the form the exchange shows.</summary>
    public const int InvalidRsaPublicKey = -4057;

    /// <summary>-4058 <c>MAX_PRICE_TOO_LARGE</c> (FilterViolation, NotExecuted): maxPrice and its decimals together overflow. The symbol&apos;s rule is wrong, not the order: report it and use another symbol.</summary>
    public const int MaxPriceTooLarge = -4058;

    /// <summary>-4059 <c>NO_NEED_TO_CHANGE_POSITION_SIDE</c> (NoChangeNeeded, NotExecuted): The account is in the wanted position mode already. After an unknown outcome the change holds: carry on.</summary>
    public const int NoNeedToChangePositionSide = -4059;

    /// <summary>-4060 <c>INVALID_POSITION_SIDE</c> (InvalidParameter, NotExecuted): positionSide must be BOTH in one-way mode, LONG or SHORT in hedge mode.</summary>
    public const int InvalidPositionSide = -4060;

    /// <summary>-4061 <c>POSITION_SIDE_NOT_MATCH</c> (AccountState, NotExecuted): positionSide contradicts the account&apos;s position mode. Read positionSide/dual and send what fits it.</summary>
    public const int PositionSideNotMatch = -4061;

    /// <summary>-4062 <c>REDUCE_ONLY_CONFLICT</c> (InvalidParameter, NotExecuted): reduceOnly is no boolean or does not belong here; hedge mode forbids it. Leave it out there.</summary>
    public const int ReduceOnlyConflict = -4062;

    /// <summary>-4063 <c>INVALID_OPTIONS_REQUEST_TYPE</c> (InvalidParameter, NotExecuted): The options request type does not exist. Correct it; ordinary futures orders have no such field.</summary>
    public const int InvalidOptionsRequestType = -4063;

    /// <summary>-4064 <c>INVALID_OPTIONS_TIME_FRAME</c> (InvalidParameter, NotExecuted): The options time frame is not offered. Choose one from the options rules.</summary>
    public const int InvalidOptionsTimeFrame = -4064;

    /// <summary>-4065 <c>INVALID_OPTIONS_AMOUNT</c> (InvalidParameter, NotExecuted): The options amount is out of bounds. Keep to the published minimum and maximum.</summary>
    public const int InvalidOptionsAmount = -4065;

    /// <summary>-4066 <c>INVALID_OPTIONS_EVENT_TYPE</c> (InvalidParameter, NotExecuted): The options event type is not known. Use a documented one.</summary>
    public const int InvalidOptionsEventType = -4066;

    /// <summary>-4067 <c>POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS</c> (AccountState, NotExecuted): The position mode cannot change while any order rests. Cancel all of them, on COIN-M too, then change it.</summary>
    public const int PositionSideChangeExistsOpenOrders = -4067;

    /// <summary>-4068 <c>POSITION_SIDE_CHANGE_EXISTS_QUANTITY</c> (AccountState, NotExecuted): The position mode cannot change while any position is open. Close all of them, on COIN-M too, then change it.</summary>
    public const int PositionSideChangeExistsQuantity = -4068;

    /// <summary>-4069 <c>INVALID_OPTIONS_PREMIUM_FEE</c> (InvalidParameter, NotExecuted): The options premium is not acceptable. Ask for a current quote and send that.</summary>
    public const int InvalidOptionsPremiumFee = -4069;

    /// <summary>-4070 <c>INVALID_CL_OPTIONS_ID_LEN</c> (InvalidParameter, NotExecuted): The client options id must be shorter than 32 characters. Cut it.</summary>
    public const int InvalidClOptionsIdLen = -4070;

    /// <summary>-4071 <c>INVALID_OPTIONS_DIRECTION</c> (InvalidParameter, NotExecuted): The options direction is none of the known ones. Correct it before asking again.</summary>
    public const int InvalidOptionsDirection = -4071;

    /// <summary>-4072 <c>OPTIONS_PREMIUM_NOT_UPDATE</c> (OrderRejected, NotExecuted): The options premium used is out of date. Fetch the new one and decide again.</summary>
    public const int OptionsPremiumNotUpdate = -4072;

    /// <summary>-4073 <c>OPTIONS_PREMIUM_INPUT_LESS_THAN_ZERO</c> (InvalidParameter, NotExecuted): The options premium sent is negative. Check the calculation that made it.</summary>
    public const int OptionsPremiumInputLessThanZero = -4073;

    /// <summary>-4074 <c>OPTIONS_AMOUNT_BIGGER_THAN_UPPER</c> (FilterViolation, NotExecuted): The options amount is negative or above its upper bound. Lower it or split it.</summary>
    public const int OptionsAmountBiggerThanUpper = -4074;

    /// <summary>-4075 <c>OPTIONS_PREMIUM_OUTPUT_ZERO</c> (OrderRejected, NotExecuted): The options premium comes out at nothing or less. Raise the amount, or leave the order out.</summary>
    public const int OptionsPremiumOutputZero = -4075;

    /// <summary>-4076 <c>OPTIONS_PREMIUM_TOO_DIFF</c> (OrderRejected, NotExecuted): The options premium has moved far from the one quoted. Quote again before ordering.</summary>
    public const int OptionsPremiumTooDiff = -4076;

    /// <summary>-4077 <c>OPTIONS_PREMIUM_REACH_LIMIT</c> (LimitReached, NotExecuted): The ceiling of options orders is reached. Let some expire first.</summary>
    public const int OptionsPremiumReachLimit = -4077;

    /// <summary>-4078 <c>OPTIONS_COMMON_ERROR</c> (OrderRejected, NotExecuted): The options system failed inside. Try once more later; contact support if it stays.</summary>
    public const int OptionsCommonError = -4078;

    /// <summary>-4079 <c>INVALID_OPTIONS_ID</c> (InvalidParameter, NotExecuted): The options id is malformed or used twice. Send a fresh one.</summary>
    public const int InvalidOptionsId = -4079;

    /// <summary>-4080 <c>OPTIONS_USER_NOT_FOUND</c> (AccountState, NotExecuted): The options system has no such user. Open options trading for the account first.</summary>
    public const int OptionsUserNotFound = -4080;

    /// <summary>-4081 <c>OPTIONS_NOT_FOUND</c> (InvalidParameter, NotExecuted): No option has that id. List the options there are and take one of theirs.</summary>
    public const int OptionsNotFound = -4081;

    /// <summary>-4082 <c>INVALID_BATCH_PLACE_ORDER_SIZE</c> (InvalidParameter, NotExecuted): A batch holds one to five orders. Split the list; nothing of it was placed.</summary>
    public const int InvalidBatchPlaceOrderSize = -4082;

    /// <summary>-4083 <c>PLACE_BATCH_ORDERS_FAIL</c> (Indeterminate, Unknown): The batch failed as a whole, which does not say that every order of it did. Look up each client order id.</summary>
    public const int PlaceBatchOrdersFail = -4083;

    /// <summary>-4084 <c>UPCOMING_METHOD</c> (NotSupported, NotExecuted): The method is announced but not open yet. Wait for the change log to say so.</summary>
    public const int UpcomingMethod = -4084;

    /// <summary>-4085 <c>INVALID_NOTIONAL_LIMIT_COEF</c> (InvalidParameter, NotExecuted): The coefficient of the notional limit is not acceptable. Only administrative calls carry one: leave it out, or correct it there.</summary>
    public const int InvalidNotionalLimitCoef = -4085;

    /// <summary>-4086 <c>INVALID_PRICE_SPREAD_THRESHOLD</c> (InvalidParameter, NotExecuted): The price spread threshold is not acceptable. Give a value within its documented range.</summary>
    public const int InvalidPriceSpreadThreshold = -4086;

    /// <summary>-4087 <c>REDUCE_ONLY_ORDER_PERMISSION</c> (Restricted, NotExecuted): This account may only close positions now. Stop opening; the exchange&apos;s notice says what lifts the restriction.</summary>
    public const int ReduceOnlyOrderPermission = -4087;

    /// <summary>-4088 <c>NO_PLACE_ORDER_PERMISSION</c> (Restricted, NotExecuted): This account may place no orders at present. Look for a notice on the exchange&apos;s site or ask support.</summary>
    public const int NoPlaceOrderPermission = -4088;

    /// <summary>-4104 <c>INVALID_CONTRACT_TYPE</c> (InvalidParameter, NotExecuted): contractType is not a documented one. Use PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER or another that exchangeInfo lists.</summary>
    public const int InvalidContractType = -4104;

    /// <summary>-4105 <c>SYMBOL_REDUCE_ONLY</c> (Restricted, NotExecuted): Open interest in this symbol is capped by the exchange. Until that is lifted you can only shrink positions: set reduceOnly on both sides.</summary>
    public const int SymbolReduceOnly4105 = -4105;

    /// <summary>-4106 <c>SYMBOL_REDUCE_ONLY_BUY</c> (Restricted, NotExecuted): Longs in this symbol are capped by the exchange. A BUY passes only if it closes a short: set reduceOnly; sells are free.</summary>
    public const int SymbolReduceOnlyBuy4106 = -4106;

    /// <summary>-4107 <c>SYMBOL_REDUCE_ONLY_SELL</c> (Restricted, NotExecuted): Shorts in this symbol are capped by the exchange. A SELL passes only if it closes a long: set reduceOnly; buys are free.</summary>
    public const int SymbolReduceOnlySell4107 = -4107;

    /// <summary>-4108 <c>SYMBOL_NOT_TRADING</c> (MarketState, NotExecuted): Not on the official page. The symbol is before its start, in delivery or settlement, or closed; drop it until exchangeInfo says TRADING.</summary>
    public const int SymbolNotTrading = -4108;

    /// <summary>-4109 <c>INACTIVE_ACCOUNT</c> (AccountState, NotExecuted): The futures account has gone dormant. Transfer any amount into its wallet to wake it.</summary>
    public const int InactiveAccount = -4109;

    /// <summary>-4114 <c>INVALID_CLIENT_TRAN_ID_LEN</c> (InvalidParameter, NotExecuted): The transfer id must be shorter than 64 characters: cut it. It has nothing to do with order ids.</summary>
    public const int InvalidClientTranIdLen = -4114;

    /// <summary>-4115 <c>DUPLICATED_CLIENT_TRAN_ID</c> (InvalidParameter, NotExecuted): The transfer id was used within the last 7 days. Look for the earlier transfer before making another.</summary>
    public const int DuplicatedClientTranId = -4115;

    /// <summary>-4116 <c>DUPLICATED_CLIENT_ORDER_ID</c> (DuplicateOrder, NotExecuted): An open order has this client order id. Ask GET order: after a resend it is the first attempt, alive; otherwise choose another id.</summary>
    public const int DuplicatedClientOrderId = -4116;

    /// <summary>-4117 <c>STOP_ORDER_TRIGGERING</c> (OrderRejected, NotExecuted): The stop order is being triggered this moment and cannot be touched. Ask for its state shortly after.</summary>
    public const int StopOrderTriggering = -4117;

    /// <summary>-4118 <c>REDUCE_ONLY_MARGIN_CHECK_FAILED</c> (OrderRejected, NotExecuted): Together with resting orders on the same side this reduceOnly order would turn the position. Cancel those first.</summary>
    public const int ReduceOnlyMarginCheckFailed = -4118;

    /// <summary>-4120 <c>STOP_ORDER_SWITCH_ALGO</c> (NotSupported, NotExecuted): Conditional orders live at /fapi/v1/algoOrder since 2025-12-09. Send this type there, with clientAlgoId; repeating here is futile.</summary>
    public const int StopOrderSwitchAlgo = -4120;

    /// <summary>-4130 <c>CLOSE_POSITION_ORDER_EXISTS</c> (AccountState, NotExecuted): Not on the official page. A stop or take-profit with closePosition is already open in this direction; cancel it before placing another.</summary>
    public const int ClosePositionOrderExists = -4130;

    /// <summary>-4131 <c>MARKET_ORDER_REJECT</c> (FilterViolation, NotExecuted): The best opposite price is outside the PERCENT_PRICE band, so a market order would fill badly. Use a limit order or wait.</summary>
    public const int MarketOrderReject = -4131;

    /// <summary>-4135 <c>INVALID_ACTIVATION_PRICE</c> (InvalidParameter, NotExecuted): The trailing stop&apos;s activation price is on the wrong side of the market. Put it above for SELL, below for BUY.</summary>
    public const int InvalidActivationPrice = -4135;

    /// <summary>-4136 <c>CLOSE_POSITION_STRATEGY_INVALID</c> (InvalidParameter, NotExecuted): Not on the official page. closePosition goes with STOP_MARKET and TAKE_PROFIT_MARKET only; drop it or change the type.</summary>
    public const int ClosePositionStrategyInvalid = -4136;

    /// <summary>-4137 <c>QUANTITY_EXISTS_WITH_CLOSE_POSITION</c> (InvalidParameter, NotExecuted): closePosition closes everything, so quantity must be left out.</summary>
    public const int QuantityExistsWithClosePosition = -4137;

    /// <summary>-4138 <c>REDUCE_ONLY_MUST_BE_TRUE</c> (InvalidParameter, NotExecuted): closePosition implies reduceOnly. Leave out reduceOnly=false beside it.</summary>
    public const int ReduceOnlyMustBeTrue = -4138;

    /// <summary>-4139 <c>ORDER_TYPE_CANNOT_BE_MKT</c> (InvalidParameter, NotExecuted): A market order is not accepted where cancelling is impossible. Send a limit order.</summary>
    public const int OrderTypeCannotBeMkt = -4139;

    /// <summary>-4140 <c>INVALID_OPENING_POSITION_STATUS</c> (MarketState, NotExecuted): The symbol does not accept new positions in its present status. Wait until exchangeInfo says TRADING; closing still works.</summary>
    public const int InvalidOpeningPositionStatus = -4140;

    /// <summary>-4141 <c>SYMBOL_ALREADY_CLOSED</c> (MarketState, NotExecuted): The symbol is closed for good or delivered. Remove it from the list of traded symbols.</summary>
    public const int SymbolAlreadyClosed = -4141;

    /// <summary>-4142 <c>STRATEGY_INVALID_TRIGGER_PRICE</c> (OrderRejected, NotExecuted): Stop or take-profit would fire at once. Set the trigger beyond the current price, seen from its workingType.</summary>
    public const int StrategyInvalidTriggerPrice = -4142;

    /// <summary>-4144 <c>INVALID_PAIR</c> (InvalidParameter, NotExecuted): There is no such pair. Write a pair as BTCUSDT, without the delivery date.</summary>
    public const int InvalidPair = -4144;

    /// <summary>-4161 <c>ISOLATED_LEVERAGE_REJECT_WITH_POSITION</c> (AccountState, NotExecuted): Leverage of an isolated position can be raised, not lowered. Close or shrink it before lowering.</summary>
    public const int IsolatedLeverageRejectWithPosition = -4161;

    /// <summary>-4164 <c>MIN_NOTIONAL</c> (FilterViolation, NotExecuted): Price times quantity is below the symbol&apos;s minimum. Raise the quantity; reduceOnly orders are exempt.</summary>
    public const int MinNotional = -4164;

    /// <summary>-4165 <c>INVALID_TIME_INTERVAL</c> (InvalidParameter, NotExecuted): The time span is empty or longer than the days the message names. Ask for less at a time.</summary>
    public const int InvalidTimeInterval = -4165;

    /// <summary>-4166 <c>SEARCH_WINDOW_TOO_OLD</c> (InvalidParameter, NotExecuted): Not on the official page. startTime is too far back; the message says how many days are kept. Ask for a later span, or for the asynchronous download.</summary>
    public const int SearchWindowTooOld = -4166;

    /// <summary>-4167 <c>ISOLATED_REJECT_WITH_JOINT_MARGIN</c> (AccountState, NotExecuted): Multi-assets mode cannot start while a symbol is isolated. Set all symbols to crossed first.</summary>
    public const int IsolatedRejectWithJointMargin4167 = -4167;

    /// <summary>-4168 <c>JOINT_MARGIN_REJECT_WITH_ISOLATED</c> (AccountState, NotExecuted): Isolated margin is not available in multi-assets mode. Leave that mode or stay crossed.</summary>
    public const int JointMarginRejectWithIsolated = -4168;

    /// <summary>-4169 <c>JOINT_MARGIN_REJECT_WITH_MB</c> (InsufficientFunds, NotExecuted): The margin balance is too small to change the assets mode. Add funds before the change.</summary>
    public const int JointMarginRejectWithMb = -4169;

    /// <summary>-4170 <c>JOINT_MARGIN_REJECT_WITH_OPEN_ORDER</c> (AccountState, NotExecuted): The assets mode cannot change while orders rest. Cancel them, then change it.</summary>
    public const int JointMarginRejectWithOpenOrder = -4170;

    /// <summary>-4171 <c>NO_NEED_TO_CHANGE_JOINT_MARGIN</c> (NoChangeNeeded, NotExecuted): The account is in the wanted assets mode already, so nothing needs doing. Carry on.</summary>
    public const int NoNeedToChangeJointMargin = -4171;

    /// <summary>-4172 <c>JOINT_MARGIN_REJECT_WITH_NEGATIVE_BALANCE</c> (InsufficientFunds, NotExecuted): A margin asset is below zero, which bars multi-assets mode. Settle it first.</summary>
    public const int JointMarginRejectWithNegativeBalance = -4172;

    /// <summary>-4183 <c>ISOLATED_REJECT_WITH_JOINT_MARGIN</c> (FilterViolation, NotExecuted): Despite its name: the limit price of a stop order is too far above its stop price. Lower it under the cap in the message.</summary>
    public const int IsolatedRejectWithJointMargin4183 = -4183;

    /// <summary>-4184 <c>PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN</c> (FilterViolation, NotExecuted): The limit price of a stop order is too far below its stop price. Raise it over the floor in the message.</summary>
    public const int PriceLowerThanStopMultiplierDown = -4184;

    /// <summary>-4189 <c>ACCOUNT_REDUCE_ONLY</c> (Restricted, NotExecuted): The account is restricted to reduceOnly orders on this symbol. Trade another, or ask support why.</summary>
    public const int AccountReduceOnly4189 = -4189;

    /// <summary>-4192 <c>COOLING_OFF_PERIOD</c> (Restricted, NotExecuted): The account&apos;s owner has ordered a cooling-off period. Wait for its end, which the exchange&apos;s site shows; trading resumes then, not before.</summary>
    public const int CoolingOffPeriod = -4192;

    /// <summary>-4202 <c>ADJUST_LEVERAGE_KYC_FAILED</c> (Restricted, NotExecuted): Leverage above 20 needs the intermediate identity check. Pass it or stay at 20.</summary>
    public const int AdjustLeverageKycFailed = -4202;

    /// <summary>-4203 <c>ADJUST_LEVERAGE_ONE_MONTH_FAILED</c> (Restricted, NotExecuted): Leverage above 20 opens one month after registration. Use 20 or less until then.</summary>
    public const int AdjustLeverageOneMonthFailed = -4203;

    /// <summary>-4205 <c>ADJUST_LEVERAGE_X_DAYS_FAILED</c> (Restricted, NotExecuted): Leverage above 20 opens some days after the futures account was made; the message says how many. Use 20 or less until then.</summary>
    public const int AdjustLeverageXDaysFailed = -4205;

    /// <summary>-4206 <c>ADJUST_LEVERAGE_KYC_LIMIT</c> (Restricted, NotExecuted): The owner&apos;s country has a lower ceiling of leverage. Keep to the figure in the message.</summary>
    public const int AdjustLeverageKycLimit = -4206;

    /// <summary>-4208 <c>ADJUST_LEVERAGE_ACCOUNT_SYMBOL_FAILED</c> (AccountState, NotExecuted): With a raised position limit this symbol stays at leverage 20 or less. Give the limit back to go higher.</summary>
    public const int AdjustLeverageAccountSymbolFailed = -4208;

    /// <summary>-4209 <c>ADJUST_LEVERAGE_SYMBOL_FAILED</c> (InvalidParameter, NotExecuted): The symbol&apos;s own maximum is lower than the leverage asked for. Take it from leverageBracket.</summary>
    public const int AdjustLeverageSymbolFailed = -4209;

    /// <summary>-4210 <c>STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT</c> (FilterViolation, NotExecuted): stopPrice is too far above the market. Bring it under the cap the message names.</summary>
    public const int StopPriceHigherThanPriceMultiplierLimit = -4210;

    /// <summary>-4211 <c>STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT</c> (FilterViolation, NotExecuted): stopPrice is too far below the market. Bring it over the floor the message names.</summary>
    public const int StopPriceLowerThanPriceMultiplierLimit = -4211;

    /// <summary>-4220 <c>CANNOT_CHANGE_DUAL_SIDE</c> (AccountState, NotExecuted): USD-M and COIN-M must be in one position mode. Close positions and orders of both, then change the mode of both.</summary>
    public const int CannotChangeDualSide = -4220;

    /// <summary>-4400 <c>TRADING_QUANTITATIVE_RULE</c> (Restricted, NotExecuted): The quantitative rules (fill and cancel ratios) are violated. Only reduceOnly passes until the cool-down ends; send fewer, larger orders.</summary>
    public const int TradingQuantitativeRule = -4400;

    /// <summary>-4401 <c>LARGE_POSITION_SYM_RULE</c> (Restricted, NotExecuted): The position is too large for the symbol&apos;s risk rules. Reduce it; only reduceOnly passes.</summary>
    public const int LargePositionSymRule = -4401;

    /// <summary>-4402 <c>COMPLIANCE_BLACK_SYMBOL_RESTRICTION</c> (Restricted, NotExecuted): The owner&apos;s region may not use this feature or symbol, and no request changes that. Trade another symbol.</summary>
    public const int ComplianceBlackSymbolRestriction = -4402;

    /// <summary>-4403 <c>ADJUST_LEVERAGE_COMPLIANCE_FAILED</c> (Restricted, NotExecuted): The owner&apos;s region has a ceiling of leverage, which the message names. Stay below it.</summary>
    public const int AdjustLeverageComplianceFailed = -4403;

    /// <summary>-4405 <c>UM_REDUCE_ONLY_ONLY</c> (Restricted, NotExecuted): USD-M of this account takes only closing orders for now. Set reduceOnly or stop opening; ask support what lifts it.</summary>
    public const int UmReduceOnlyOnly = -4405;

    /// <summary>-4407 <c>ACCOUNT_REDUCE_ONLY</c> (Restricted, NotExecuted): This account may place only closing orders on the symbol. Set reduceOnly here, or open on another symbol.</summary>
    public const int AccountReduceOnly4407 = -4407;

    /// <summary>-4408 <c>REGULATORY_REDUCE_ONLY_CREDITS</c> (Restricted, NotExecuted): Not on the official page. Regulation allows closing orders only in this symbol. Close with reduceOnly, or switch to the Credits Trading Mode the message names.</summary>
    public const int RegulatoryReduceOnlyCredits = -4408;

    /// <summary>-4411 <c>TRADFI_AGREEMENT_NOT_SIGNED</c> (Restricted, NotExecuted): Not on the official page. Symbols of TradFi perpetuals need an agreement. Sign it once with POST /fapi/v1/stock/contract, which answers SUCCESS, then order again.</summary>
    public const int TradfiAgreementNotSigned = -4411;

    /// <summary>-4415 <c>CM_REDUCE_ONLY_ONLY</c> (Restricted, NotExecuted): COIN-M of this account takes only closing orders for now. Close there, trade USD-M if that is open, and ask support what lifts it.</summary>
    public const int CmReduceOnlyOnly = -4415;

    /// <summary>-4418 <c>REGULATORY_REDUCE_ONLY</c> (Restricted, NotExecuted): Not on the official page. A regulator&apos;s rule allows closing orders only in this symbol. Close with reduceOnly and open positions in another symbol.</summary>
    public const int RegulatoryReduceOnly = -4418;

    /// <summary>-4509 <c>GTE_REQUIRES_OPEN_POSITION</c> (AccountState, NotExecuted): Not on the official page. A closing stop found no position. Try again shortly: right after an entry&apos;s fill the position shows with a delay.</summary>
    public const int GteRequiresOpenPosition = -4509;

    /// <summary>-4517 <c>SYMBOL_REDUCE_ONLY</c> (Restricted, NotExecuted): Position risk control of the symbol lets only closing orders pass. Set reduceOnly, or trade another symbol until it is lifted.</summary>
    public const int SymbolReduceOnly4517 = -4517;

    /// <summary>-4518 <c>SYMBOL_REDUCE_ONLY_BUY</c> (Restricted, NotExecuted): Position risk control: a BUY passes only if it closes a short. Set reduceOnly on it; sells are free.</summary>
    public const int SymbolReduceOnlyBuy4518 = -4518;

    /// <summary>-4519 <c>SYMBOL_REDUCE_ONLY_SELL</c> (Restricted, NotExecuted): Position risk control: a SELL passes only if it closes a long. Set reduceOnly on it; buys are free.</summary>
    public const int SymbolReduceOnlySell4519 = -4519;

    /// <summary>-4531 <c>POSITION_MODE_SYNC_REQUIRED</c> (AccountState, NotExecuted): Not on the official page (change log 2026-05-11). The position mode is shared with COIN-M: close its positions and orders first.</summary>
    public const int PositionModeSyncRequired = -4531;

    /// <summary>-5000 <c>PATH_OR_METHOD_INVALID</c> (NotSupported, NotExecuted): Not on the official page. This host has no such path or method. It may be retired: then use the successor that the message names; test networks lack some endpoints.</summary>
    public const int PathOrMethodInvalid = -5000;

    /// <summary>-5021 <c>FOK_ORDER_REJECT</c> (OrderRejected, NotExecuted): The order could not be filled whole and at once, as FOK demands. It leaves no record; use IOC or a better price.</summary>
    public const int FokOrderReject = -5021;

    /// <summary>-5022 <c>GTX_ORDER_REJECT</c> (OrderRejected, NotExecuted): The post-only order would have taken liquidity. It leaves no record; place it further from the market.</summary>
    public const int GtxOrderReject = -5022;

    /// <summary>-5024 <c>MOVE_ORDER_NOT_ALLOWED_SYMBOL_REASON</c> (MarketState, NotExecuted): Orders cannot be amended while the symbol is not trading. Wait until exchangeInfo says TRADING, or cancel, which may still work.</summary>
    public const int MoveOrderNotAllowedSymbolReason = -5024;

    /// <summary>-5025 <c>LIMIT_ORDER_ONLY</c> (InvalidParameter, NotExecuted): Only limit orders can be amended. Cancel this one and place a new one.</summary>
    public const int LimitOrderOnly = -5025;

    /// <summary>-5026 <c>Exceed_Maximum_Modify_Order_Limit</c> (LimitReached, NotExecuted): One order takes 10000 amendments and this one has had them. Replace it by a new order.</summary>
    public const int ExceedMaximumModifyOrderLimit = -5026;

    /// <summary>-5027 <c>SAME_ORDER</c> (NoChangeNeeded, NotExecuted): Price and quantity are what they should be already. After an unknown outcome the amendment holds: carry on.</summary>
    public const int SameOrder = -5027;

    /// <summary>-5028 <c>ME_RECVWINDOW_REJECT</c> (ClockSkew, NotExecuted): The matching engine got the order after its recvWindow, more often by a queue than by a wrong clock. Stamp afresh and send again.</summary>
    public const int MeRecvwindowReject = -5028;

    /// <summary>-5029 <c>MODIFICATION_MIN_NOTIONAL</c> (FilterViolation, NotExecuted): The amended order would fall below the minimum notional. Keep more quantity or cancel it.</summary>
    public const int ModificationMinNotional = -5029;

    /// <summary>-5037 <c>INVALID_PRICE_MATCH</c> (InvalidParameter, NotExecuted): priceMatch is not a documented value. Use OPPONENT, QUEUE or one of their numbered forms, and send no price beside it.</summary>
    public const int InvalidPriceMatch = -5037;

    /// <summary>-5038 <c>UNSUPPORTED_ORDER_TYPE_PRICE_MATCH</c> (InvalidParameter, NotExecuted): This order type names its own price or none, so it takes no priceMatch. Drop the parameter or use a limit type.</summary>
    public const int UnsupportedOrderTypePriceMatch = -5038;

    /// <summary>-5039 <c>INVALID_SELF_TRADE_PREVENTION_MODE</c> (InvalidParameter, NotExecuted): selfTradePreventionMode must be EXPIRE_TAKER, EXPIRE_MAKER, EXPIRE_BOTH or NONE.</summary>
    public const int InvalidSelfTradePreventionMode = -5039;

    /// <summary>-5040 <c>FUTURE_GOOD_TILL_DATE</c> (InvalidParameter, NotExecuted): goodTillDate must lie more than 600 s ahead, in milliseconds, and before the year 10000.</summary>
    public const int FutureGoodTillDate = -5040;

    /// <summary>-5041 <c>BBO_ORDER_REJECT</c> (MarketState, NotExecuted): The book has no level the priceMatch order could take its price from. Name a price or try when there is depth.</summary>
    public const int BboOrderReject = -5041;

    /// <summary>-5043 <c>Existing_Pending_Modification</c> (OrderRejected, NotExecuted): An earlier amendment of this order is still in progress. Wait for it to end, then send this one.</summary>
    public const int ExistingPendingModification = -5043;

    /// <summary>-5047 <c>MODIFY_REDUCE_ONLY_REJECT</c> (OrderRejected, NotExecuted): Not on the official page. An amendment cannot make an order reduceOnly that was placed without it. Leave reduceOnly out, or cancel and place a new one.</summary>
    public const int ModifyReduceOnlyReject = -5047;
}
