using static ExchangeResilience.ErrorCategory;

namespace ExchangeResilience;

/// <summary>The error table of Binance USDⓈ-M futures (official page "Error Code", 2026-05-28, and codes it does not list).</summary>
internal static class BinanceUsdFuturesErrors
{
    // Names are the official ones, oddities included. "Not on the official page": met in the field, in the change log or on a sister product's page; where the exchange gives no name, it is ours.
    public static IReadOnlyList<ErrorDefinition> Rows { get; } =
    [
        // 10xx: server and network
        InDoubt(-1000, "UNKNOWN", Indeterminate, "The exchange failed without saying where, so the request may have taken effect. Look it up by client order id before sending anything again."),
        Refused(-1001, "DISCONNECTED", Unavailable, "An internal connection broke; documented as a failure that may be sent again. Ask once for the order first, which removes the last doubt."),
        Refused(-1002, "UNAUTHORIZED", Authentication, "This key may not call this endpoint. Grant the permission in the key's settings or use another key."),
        Refused(-1003, "TOO_MANY_REQUESTS", RateLimited, "The address has spent its request weight, or is banned until the instant in the text. Every client behind it waits; use streams instead of polling."),
        Refused(-1004, "DUPLICATE_IP", AccountState, "The address is on the key's white list already, so nothing is left to add. Carry on."),
        Refused(-1005, "NO_SUCH_IP", AccountState, "The address is not on the key's white list, so it cannot be removed. Compare it with the list in the key's settings."),
        InDoubt(-1006, "UNEXPECTED_RESP", Indeterminate, "The message bus gave an unexpected answer, and the exchange says it does not know the outcome. Look the order up before sending again."),
        InDoubt(-1007, "TIMEOUT", Indeterminate, "The matching engine did not answer its front in time and may have executed all the same. Wait for the user data stream or ask by client order id."),
        Refused(-1008, "Request Throttled", Overloaded, "The exchange sheds load; the order failed and was not counted. Back off from 200 ms on and lower concurrency; closing orders are let through."),
        Refused(-1010, "ERROR_MSG_RECEIVED", OrderRejected, "The backend handed an error through without a code of its own. The message is all there is; check the parameters against exchangeInfo."),
        Refused(-1011, "NON_WHITE_LIST", Authentication, "The key is tied to other addresses. Add this machine's address to its white list, or send from one that is on it."),
        Refused(-1013, "INVALID_MESSAGE", InvalidParameter, "The backend could not make sense of the request. Check number formats and required parameters of this order type."),
        Refused(-1014, "UNKNOWN_ORDER_COMPOSITION", InvalidParameter, "Type, side, timeInForce and the other fields do not form an order that exists. Compare them with the order type's table."),
        Refused(-1015, "TOO_MANY_ORDERS", OrderRateLimited, "Too many orders of this account in a window (10 s, 1 min, up to a day), which the message names. Wait until RetryAt with its orders; queries and other accounts go on."),
        Refused(-1016, "SERVICE_SHUTTING_DOWN", Unavailable, "The service is down for maintenance or retired. Watch the exchange's announcements; repeating within seconds is pointless."),
        Refused(-1020, "UNSUPPORTED_OPERATION", NotSupported, "This product does not offer the operation. Look for another endpoint that does."),
        Refused(-1021, "INVALID_TIMESTAMP", ClockSkew, "The timestamp was outside recvWindow or a second or more ahead. Measure the offset to the exchange's clock, stamp and sign afresh, send again."),
        Refused(-1022, "INVALID_SIGNATURE", Authentication, "The signature does not fit what was signed. Check the secret, percent-encode before signing, and let the signature be the last parameter."),
        Refused(-1023, "START_TIME_GREATER_THAN_END_TIME", InvalidParameter, "startTime is after endTime. Swap them, and check that both are milliseconds."),
        Refused(-1099, "NOT_FOUND", Authentication, "Either there is no such thing or this key may not see it. Check the path, then the key's permissions."),

        // 11xx: request parameters
        Refused(-1100, "ILLEGAL_CHARS", InvalidParameter, "A parameter holds characters its pattern forbids; the message names both. Remove them; client order ids take letters, digits and . : / _ -"),
        Refused(-1101, "TOO_MANY_PARAMETERS", InvalidParameter, "There are more parameters or list entries than allowed, or one was sent twice, as in query and body at once. Send each of them once."),
        Refused(-1102, "MANDATORY_PARAM_EMPTY_OR_MALFORMED", InvalidParameter, "A required parameter is absent, empty or malformed; the message usually names it. Send it; look for a decimal comma, a frequent cause."),
        Refused(-1103, "UNKNOWN_PARAM", InvalidParameter, "The endpoint does not know one of the parameters. Check its spelling, case included."),
        Refused(-1104, "UNREAD_PARAMETERS", InvalidParameter, "Some parameters were not wanted for this combination. Leave out those that the order type does not use."),
        Refused(-1105, "PARAM_EMPTY", InvalidParameter, "A parameter was sent without a value. Give it one or leave it out altogether."),
        Refused(-1106, "PARAM_NOT_REQUIRED", InvalidParameter, "A parameter was sent that must not be there, such as timeInForce on a market order. Remove the one the message names."),
        Refused(-1108, "BAD_ASSET", InvalidParameter, "No such asset. Take the name from exchangeInfo, in capitals."),
        Refused(-1109, "BAD_ACCOUNT", InvalidParameter, "The account named does not exist or has no futures wallet: open one, or correct the parameter. On the demo network this comes and goes: try again later there."),
        Refused(-1110, "BAD_INSTRUMENT_TYPE", InvalidParameter, "symbolType is not one of the documented values. Correct it or leave it out."),
        Refused(-1111, "BAD_PRECISION", FilterViolation, "A number has more decimals than the symbol allows. Round price to tickSize and quantity to stepSize from exchangeInfo, not to the precision fields."),
        Refused(-1112, "NO_DEPTH", MarketState, "The order book is empty on that side, so there is nothing to trade against. Wait for quotes or place a limit order."),
        Refused(-1113, "WITHDRAW_NOT_NEGATIVE", InvalidParameter, "This endpoint wants a withdrawal as a negative amount. Turn the sign."),
        Refused(-1114, "TIF_NOT_REQUIRED", InvalidParameter, "This order type takes no timeInForce. Leave the parameter out."),
        Refused(-1115, "INVALID_TIF", InvalidParameter, "timeInForce is not one this symbol accepts. Use one that exchangeInfo lists: GTC, IOC, FOK, GTX, GTD."),
        Refused(-1116, "INVALID_ORDER_TYPE", InvalidParameter, "The order type is unknown or not offered on this symbol. Choose one from the symbol's orderTypes in exchangeInfo."),
        Refused(-1117, "INVALID_SIDE", InvalidParameter, "side must be BUY or SELL, in capitals."),
        Refused(-1118, "EMPTY_NEW_CL_ORD_ID", InvalidParameter, "newClientOrderId was sent empty. Fill it, which recovery needs, or leave it out."),
        Refused(-1119, "EMPTY_ORG_CL_ORD_ID", InvalidParameter, "origClientOrderId was sent empty. Name the order by it or by orderId."),
        Refused(-1120, "BAD_INTERVAL", InvalidParameter, "The candle interval does not exist. Use one of the documented ones, such as 1m, 1h or 1d."),
        Refused(-1121, "BAD_SYMBOL", InvalidParameter, "No such symbol on this product. Check spelling and capitals, and that it is not a spot or COIN-M name."),
        Refused(-1122, "INVALID_SYMBOL_STATUS", MarketState, "The symbol's status forbids this just now. Read it from exchangeInfo and wait until it is TRADING."),
        Refused(-1125, "INVALID_LISTEN_KEY", InvalidParameter, "The listenKey has expired or never was. Ask for a new one with POST /fapi/v1/listenKey and connect again."),
        Refused(-1126, "ASSET_NOT_SUPPORTED", InvalidParameter, "The asset exists but cannot be used here. Choose a margin asset that exchangeInfo lists."),
        Refused(-1127, "MORE_THAN_XX_HOURS", InvalidParameter, "startTime and endTime are too far apart. Ask in shorter spans and join the pages."),
        Refused(-1128, "OPTIONAL_PARAMS_BAD_COMBO", InvalidParameter, "These optional parameters exclude or require one another. Send the pairs the endpoint documents."),
        Refused(-1130, "INVALID_PARAMETER", InvalidParameter, "A parameter's value is not valid; the message names it. Check its documented limits; a list, as orderIdList, is a JSON array, percent-encoded: %5B1,2%5D."),
        Refused(-1136, "INVALID_NEW_ORDER_RESP_TYPE", InvalidParameter, "newOrderRespType must be ACK or RESULT on futures; FULL belongs to spot."),

        // 20xx: processing
        Refused(-2007, "INVALID_CALLBACK_RATE", InvalidParameter, "Not on the official page. The callback rate of a trailing stop is out of bounds; use 0.1 to 10 percent."),
        Refused(-2008, "INVALID_API_KEY_ID", Authentication, "Not on the official page. The key does not exist in this environment: live, demo and testnet keys differ. Use this environment's key and base address."),
        Refused(-2010, "NEW_ORDER_REJECTED", OrderRejected, "The order was refused, and only the message says why. Correct what it names before placing another."),
        Refused(-2011, "CANCEL_REJECTED", OrderNotFound, "No such open order: it was filled, cancelled, expired, or never existed. Ask GET order which; conditional orders live at /fapi/v1/algoOrder and may be alive there.") with { Elsewhere = ("/fapi/v1/algoOrder", "No conditional order was cancelled. Ask GET /fapi/v1/algoOrder: while it shows NEW, the order is alive, so cancel again; once triggered, its order lives at /fapi/v1/order.") },
        InDoubt(-2012, "CANCEL_ALL_FAIL", Indeterminate, "The mass cancel failed somewhere, and some orders may be gone. List the open orders, then cancel what is left."),
        Refused(-2013, "NO_SUCH_ORDER", OrderNotFound, "The exchange does not find the order, which soon after sending proves no absence: ask again. Look for a conditional order at /fapi/v1/algoOrder; unfilled ones vanish after 3 days.") with { Elsewhere = ("/fapi/v1/algoOrder", "The exchange finds no conditional order of that id, which soon after sending proves no absence: ask again. Once triggered, look for its order at /fapi/v1/order.") },
        Refused(-2014, "BAD_API_KEY_FMT", Authentication, "X-MBX-APIKEY is missing or no key by its form. Give an ApiKey in the signing settings; look for blanks, quotes or a swapped key and secret."),
        Refused(-2015, "REJECTED_MBX_KEY", Authentication, "Key, address or permission does not fit. Check that the key is live, allows futures, lists this address and belongs to this environment."),
        Refused(-2016, "NO_TRADING_WINDOW", MarketState, "The symbol had no trades to build a window from. Ask ticker/24hr, which answers even then."),
        Refused(-2017, "API_KEYS_LOCKED", Authentication, "All keys of this account are locked. Unlock them on the exchange's site; support knows the cause."),
        Refused(-2018, "BALANCE_NOT_SUFFICIENT", InsufficientFunds, "The wallet holds too little for this. Transfer funds or ask for less."),
        Refused(-2019, "MARGIN_NOT_SUFFICIEN", InsufficientFunds, "Free margin does not cover the order. Lower the quantity, cancel resting orders or add margin."),
        Refused(-2020, "UNABLE_TO_FILL", OrderRejected, "The order could not be filled as demanded. Try a limit price or a smaller quantity."),
        Refused(-2021, "ORDER_WOULD_IMMEDIATELY_TRIGGER", OrderRejected, "The market is beyond the stop price already. Move the stop, or send a market order if the exit is wanted now."),
        Refused(-2022, "REDUCE_ONLY_REJECT", OrderRejected, "There is no position this order could reduce, or resting orders already close it. Read the position, cancel those, place again."),
        Refused(-2023, "USER_IN_LIQUIDATION", AccountState, "The account is being liquidated and takes no requests. Stop trading it and look at its margin."),
        Refused(-2024, "POSITION_NOT_SUFFICIENT", AccountState, "The position is smaller than the order wants to close. Read the position and lower the quantity."),
        Refused(-2025, "MAX_OPEN_ORDER_EXCEEDED", LimitReached, "Too many orders rest already. Cancel some; waiting alone frees nothing."), // a count of open orders, not a rate
        Refused(-2026, "REDUCE_ONLY_ORDER_TYPE_NOT_SUPPORTED", InvalidParameter, "This order type cannot be reduceOnly. Use another type, or close by side and quantity."),
        Refused(-2027, "MAX_LEVERAGE_RATIO", AccountState, "At this leverage the position may not grow further. Lower the leverage or the quantity."),
        Refused(-2028, "MIN_LEVERAGE_RATIO", InsufficientFunds, "The leverage asked for is too low for the margin there is. Add margin or shrink the position first."),

        // 40xx: filters and settings
        Refused(-4000, "INVALID_ORDER_STATUS", InvalidParameter, "The order status given is none of the documented ones. Use NEW, PARTIALLY_FILLED, FILLED, CANCELED or EXPIRED."),
        Refused(-4001, "PRICE_LESS_THAN_ZERO", FilterViolation, "price must be above zero. A sign or an overflow in the price calculation is the usual cause."),
        Refused(-4002, "PRICE_GREATER_THAN_MAX_PRICE", FilterViolation, "price exceeds maxPrice of the symbol's PRICE_FILTER. Lower it."),
        Refused(-4003, "QTY_LESS_THAN_ZERO", FilterViolation, "quantity is zero or negative, often after rounding down to stepSize. Send at least minQty."),
        Refused(-4004, "QTY_LESS_THAN_MIN_QTY", FilterViolation, "quantity is below minQty of LOT_SIZE, or of MARKET_LOT_SIZE on market orders. Raise it."),
        Refused(-4005, "QTY_GREATER_THAN_MAX_QTY", FilterViolation, "quantity exceeds maxQty of LOT_SIZE or, lower, of MARKET_LOT_SIZE. Split the order."),
        Refused(-4006, "STOP_PRICE_LESS_THAN_ZERO", FilterViolation, "stopPrice must be above zero. Check how it is derived."), // the parameter is stopPrice; lists in circulation say trigger price
        Refused(-4007, "STOP_PRICE_GREATER_THAN_MAX_PRICE", FilterViolation, "stopPrice exceeds maxPrice of PRICE_FILTER. Bring it back into the band."), // as above
        Refused(-4008, "TICK_SIZE_LESS_THAN_ZERO", FilterViolation, "A tick size below zero reached the exchange, which no order carries. Reload exchangeInfo; if it stays, report the symbol."),
        Refused(-4009, "MAX_PRICE_LESS_THAN_MIN_PRICE", FilterViolation, "The symbol's price band is upside down at the exchange. Avoid the symbol until exchangeInfo is right again."),
        Refused(-4010, "MAX_QTY_LESS_THAN_MIN_QTY", FilterViolation, "The symbol's quantity band is upside down at the exchange. No order fits it; wait for a corrected exchangeInfo."),
        Refused(-4011, "STEP_SIZE_LESS_THAN_ZERO", FilterViolation, "A step size below zero reached the exchange. It is a fault of the symbol's rules, not of the order; report it."),
        Refused(-4012, "MAX_NUM_ORDERS_LESS_THAN_ZERO", FilterViolation, "The symbol's limit of resting orders is negative at the exchange. No request cures that: use another symbol until exchangeInfo is right."),
        Refused(-4013, "PRICE_LESS_THAN_MIN_PRICE", FilterViolation, "price is below minPrice of the symbol's PRICE_FILTER. Raise it."),
        Refused(-4014, "PRICE_NOT_INCREASED_BY_TICK_SIZE", FilterViolation, "price is no multiple of tickSize. Round it with decimal arithmetic, counted from minPrice."),
        Refused(-4015, "INVALID_CL_ORD_ID_LEN", InvalidParameter, "The client order id is too long; 36 characters are documented and 32 are safe. Shorten it."),
        Refused(-4016, "PRICE_HIGHTER_THAN_MULTIPLIER_UP", FilterViolation, "The price is too far above the mark price (PERCENT_PRICE). Read the mark price again and stay under its cap."),
        Refused(-4017, "MULTIPLIER_UP_LESS_THAN_ZERO", FilterViolation, "The upper price multiplier of the symbol is negative at the exchange. Report the symbol; orders cannot help."),
        Refused(-4018, "MULTIPLIER_DOWN_LESS_THAN_ZERO", FilterViolation, "The lower price multiplier of the symbol is negative at the exchange. Use another symbol until it is repaired."),
        Refused(-4019, "COMPOSITE_SCALE_OVERFLOW", FilterViolation, "Price and quantity together have more decimals than can be multiplied. Round both to tickSize and stepSize."),
        Refused(-4020, "TARGET_STRATEGY_INVALID", InvalidParameter, "This order type and this reduceOnly value do not go together. Change one of the two."),
        Refused(-4021, "INVALID_DEPTH_LIMIT", InvalidParameter, "The depth limit is none of the offered ones. Use 5, 10, 20, 50, 100, 500 or 1000."),
        Refused(-4022, "WRONG_MARKET_STATUS", InvalidParameter, "The market status sent is none the exchange knows. Correct the value."),
        Refused(-4023, "QTY_NOT_INCREASED_BY_STEP_SIZE", FilterViolation, "quantity is no multiple of stepSize. Round it down with decimal arithmetic; market orders have a step of their own."),
        Refused(-4024, "PRICE_LOWER_THAN_MULTIPLIER_DOWN", FilterViolation, "The price is too far below the mark price (PERCENT_PRICE). Read the mark price again and stay above its floor."),
        Refused(-4025, "MULTIPLIER_DECIMAL_LESS_THAN_ZERO", FilterViolation, "The decimals of the symbol's price multiplier are negative at the exchange. Trade another symbol until they have repaired it."),
        Refused(-4026, "COMMISSION_INVALID", InvalidParameter, "A commission rate is negative or too large. Only account set-up sends one; correct it there."),
        Refused(-4027, "INVALID_ACCOUNT_TYPE", InvalidParameter, "The account type does not fit this request. Use the key of a futures account."),
        Refused(-4028, "INVALID_LEVERAGE", InvalidParameter, "The leverage is outside the symbol's brackets. Read leverageBracket and choose a whole number from 1 to its maximum."),
        Refused(-4029, "INVALID_TICK_SIZE_PRECISION", FilterViolation, "The symbol's tick size has more decimals than its price at the exchange. Watch exchangeInfo for the correction."),
        Refused(-4030, "INVALID_STEP_SIZE_PRECISION", FilterViolation, "The symbol's step size has more decimals than its quantity at the exchange. Trade it again once that is corrected."),
        Refused(-4031, "INVALID_WORKING_TYPE", InvalidParameter, "workingType must be MARK_PRICE or CONTRACT_PRICE."),
        Refused(-4032, "EXCEED_MAX_CANCEL_ORDER_SIZE", InvalidParameter, "One request cancels at most ten orders. Send the rest in further ones."), // its second official text is a copy of -4031's
        Refused(-4033, "INSURANCE_ACCOUNT_NOT_FOUND", AccountState, "The exchange misses an insurance account of its own. Contact support; no request of yours is at fault."),
        Refused(-4044, "INVALID_BALANCE_TYPE", InvalidParameter, "The balance type is unknown. Take one from the endpoint's documentation."),
        Refused(-4045, "MAX_STOP_ORDER_EXCEEDED", LimitReached, "Too many stop orders wait for their trigger; 200 conditional orders are allowed in all. Cancel some first."), // a count of open orders, not a rate
        Refused(-4046, "NO_NEED_TO_CHANGE_MARGIN_TYPE", NoChangeNeeded, "The symbol has the wanted margin type already. After an unknown outcome this is the confirmation: carry on."), // lists in circulation call -4046 to -4054 failed switches; this one is none
        Refused(-4047, "THERE_EXISTS_OPEN_ORDERS", AccountState, "The margin type cannot change while orders rest on the symbol. Cancel them, then change it."),
        Refused(-4048, "THERE_EXISTS_QUANTITY", AccountState, "The margin type cannot change while a position is open. Close it first."),
        Refused(-4049, "ADD_ISOLATED_MARGIN_REJECT", AccountState, "Margin can be added to isolated positions alone, and this one is crossed. Switch the symbol to isolated first, or fund the wallet instead."), // isolated top-up, no mode switch
        Refused(-4050, "CROSS_BALANCE_INSUFFICIENT", InsufficientFunds, "The crossed wallet cannot spare that much. Transfer funds or move a smaller amount."), // as above
        Refused(-4051, "ISOLATED_BALANCE_INSUFFICIENT", InsufficientFunds, "The isolated position cannot spare that much margin. Take out less."), // as above
        Refused(-4052, "NO_NEED_TO_CHANGE_AUTO_ADD_MARGIN", NoChangeNeeded, "Auto-add margin has the wanted setting already. Carry on."), // auto-add, no mode switch
        Refused(-4053, "AUTO_ADD_CROSSED_MARGIN_REJECT", AccountState, "Auto-add margin exists for isolated positions only. Switch the margin type before asking for it."), // as above
        Refused(-4054, "ADD_ISOLATED_MARGIN_NO_POSITION_REJECT", AccountState, "There is no position to add margin to. Open one first, or check symbol and positionSide."), // isolated top-up, no mode switch
        Refused(-4055, "AMOUNT_MUST_BE_POSITIVE", InvalidParameter, "amount must be above zero; type, not the sign, says whether margin is added or taken."),
        Refused(-4056, "INVALID_API_KEY_TYPE", Authentication, "The key is of a kind this endpoint does not take. Create one of the documented kind."),
        Refused(-4057, "INVALID_RSA_PUBLIC_KEY", Authentication, "The public key registered is unusable. Register it again, in the form the exchange shows."),
        Refused(-4058, "MAX_PRICE_TOO_LARGE", FilterViolation, "maxPrice and its decimals together overflow. The symbol's rule is wrong, not the order: report it and use another symbol."),
        Refused(-4059, "NO_NEED_TO_CHANGE_POSITION_SIDE", NoChangeNeeded, "The account is in the wanted position mode already. After an unknown outcome the change holds: carry on."), // lists in circulation file -4059 to -4068 under position mode; only -4059, -4067 and -4068 are
        Refused(-4060, "INVALID_POSITION_SIDE", InvalidParameter, "positionSide must be BOTH in one-way mode, LONG or SHORT in hedge mode."), // order validation
        Refused(-4061, "POSITION_SIDE_NOT_MATCH", AccountState, "positionSide contradicts the account's position mode. Read positionSide/dual and send what fits it."), // order validation
        Refused(-4062, "REDUCE_ONLY_CONFLICT", InvalidParameter, "reduceOnly is no boolean or does not belong here; hedge mode forbids it. Leave it out there."), // order validation
        Refused(-4063, "INVALID_OPTIONS_REQUEST_TYPE", InvalidParameter, "The options request type does not exist. Correct it; ordinary futures orders have no such field."), // options, not position mode
        Refused(-4064, "INVALID_OPTIONS_TIME_FRAME", InvalidParameter, "The options time frame is not offered. Choose one from the options rules."), // as above
        Refused(-4065, "INVALID_OPTIONS_AMOUNT", InvalidParameter, "The options amount is out of bounds. Keep to the published minimum and maximum."), // as above
        Refused(-4066, "INVALID_OPTIONS_EVENT_TYPE", InvalidParameter, "The options event type is not known. Use a documented one."), // as above
        Refused(-4067, "POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS", AccountState, "The position mode cannot change while any order rests. Cancel all of them, on COIN-M too, then change it.") with { Elsewhere = ("/fapi/v1/marginType", "The margin type was not changed because orders rest. It may be the wanted one already: read symbolConfig first. If it is not, cancel the orders of this symbol, then change it.") },
        Refused(-4068, "POSITION_SIDE_CHANGE_EXISTS_QUANTITY", AccountState, "The position mode cannot change while any position is open. Close all of them, on COIN-M too, then change it.") with { Elsewhere = ("/fapi/v1/marginType", "The margin type was not changed because a position is open. It may be the wanted one already: read symbolConfig first. If it is not, close this symbol's position, then change it.") },
        Refused(-4069, "INVALID_OPTIONS_PREMIUM_FEE", InvalidParameter, "The options premium is not acceptable. Ask for a current quote and send that."),
        Refused(-4070, "INVALID_CL_OPTIONS_ID_LEN", InvalidParameter, "The client options id must be shorter than 32 characters. Cut it."),
        Refused(-4071, "INVALID_OPTIONS_DIRECTION", InvalidParameter, "The options direction is none of the known ones. Correct it before asking again."),
        Refused(-4072, "OPTIONS_PREMIUM_NOT_UPDATE", OrderRejected, "The options premium used is out of date. Fetch the new one and decide again."),
        Refused(-4073, "OPTIONS_PREMIUM_INPUT_LESS_THAN_ZERO", InvalidParameter, "The options premium sent is negative. Check the calculation that made it."),
        Refused(-4074, "OPTIONS_AMOUNT_BIGGER_THAN_UPPER", FilterViolation, "The options amount is negative or above its upper bound. Lower it or split it."),
        Refused(-4075, "OPTIONS_PREMIUM_OUTPUT_ZERO", OrderRejected, "The options premium comes out at nothing or less. Raise the amount, or leave the order out."),
        Refused(-4076, "OPTIONS_PREMIUM_TOO_DIFF", OrderRejected, "The options premium has moved far from the one quoted. Quote again before ordering."),
        Refused(-4077, "OPTIONS_PREMIUM_REACH_LIMIT", LimitReached, "The ceiling of options orders is reached. Let some expire first."),
        Refused(-4078, "OPTIONS_COMMON_ERROR", OrderRejected, "The options system failed inside. Try once more later; contact support if it stays."),
        Refused(-4079, "INVALID_OPTIONS_ID", InvalidParameter, "The options id is malformed or used twice. Send a fresh one."),
        Refused(-4080, "OPTIONS_USER_NOT_FOUND", AccountState, "The options system has no such user. Open options trading for the account first."),
        Refused(-4081, "OPTIONS_NOT_FOUND", InvalidParameter, "No option has that id. List the options there are and take one of theirs."),
        Refused(-4082, "INVALID_BATCH_PLACE_ORDER_SIZE", InvalidParameter, "A batch holds one to five orders. Split the list; nothing of it was placed."),
        InDoubt(-4083, "PLACE_BATCH_ORDERS_FAIL", Indeterminate, "The batch failed as a whole, which does not say that every order of it did. Look up each client order id."),
        Refused(-4084, "UPCOMING_METHOD", NotSupported, "The method is announced but not open yet. Wait for the change log to say so."),
        Refused(-4085, "INVALID_NOTIONAL_LIMIT_COEF", InvalidParameter, "The coefficient of the notional limit is not acceptable. Only administrative calls carry one: leave it out, or correct it there."),
        Refused(-4086, "INVALID_PRICE_SPREAD_THRESHOLD", InvalidParameter, "The price spread threshold is not acceptable. Give a value within its documented range."),
        Refused(-4087, "REDUCE_ONLY_ORDER_PERMISSION", Restricted, "This account may only close positions now. Stop opening; the exchange's notice says what lifts the restriction."),
        Refused(-4088, "NO_PLACE_ORDER_PERMISSION", Restricted, "This account may place no orders at present. Look for a notice on the exchange's site or ask support."),

        // 41xx: accounts, positions and stop orders
        Refused(-4104, "INVALID_CONTRACT_TYPE", InvalidParameter, "contractType is not a documented one. Use PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER or another that exchangeInfo lists."),
        Refused(-4105, "SYMBOL_REDUCE_ONLY", Restricted, "Open interest in this symbol is capped by the exchange. Until that is lifted you can only shrink positions: set reduceOnly on both sides."),
        Refused(-4106, "SYMBOL_REDUCE_ONLY_BUY", Restricted, "Longs in this symbol are capped by the exchange. A BUY passes only if it closes a short: set reduceOnly; sells are free."),
        Refused(-4107, "SYMBOL_REDUCE_ONLY_SELL", Restricted, "Shorts in this symbol are capped by the exchange. A SELL passes only if it closes a long: set reduceOnly; buys are free."),
        Refused(-4108, "SYMBOL_NOT_TRADING", MarketState, "Not on the official page. The symbol is before its start, in delivery or settlement, or closed; drop it until exchangeInfo says TRADING."),
        Refused(-4109, "INACTIVE_ACCOUNT", AccountState, "The futures account has gone dormant. Transfer any amount into its wallet to wake it."),
        Refused(-4114, "INVALID_CLIENT_TRAN_ID_LEN", InvalidParameter, "The transfer id must be shorter than 64 characters: cut it. It has nothing to do with order ids."),
        Refused(-4115, "DUPLICATED_CLIENT_TRAN_ID", InvalidParameter, "The transfer id was used within the last 7 days. Look for the earlier transfer before making another."),
        Refused(-4116, "DUPLICATED_CLIENT_ORDER_ID", DuplicateOrder, "An open order has this client order id. Ask GET order: after a resend it is the first attempt, alive; otherwise choose another id."),
        Refused(-4117, "STOP_ORDER_TRIGGERING", OrderRejected, "The stop order is being triggered this moment and cannot be touched. Ask for its state shortly after."),
        Refused(-4118, "REDUCE_ONLY_MARGIN_CHECK_FAILED", OrderRejected, "Together with resting orders on the same side this reduceOnly order would turn the position. Cancel those first."),
        Refused(-4120, "STOP_ORDER_SWITCH_ALGO", NotSupported, "Conditional orders live at /fapi/v1/algoOrder since 2025-12-09. Send this type there, with clientAlgoId; repeating here is futile."),
        Refused(-4130, "CLOSE_POSITION_ORDER_EXISTS", AccountState, "Not on the official page. A stop or take-profit with closePosition is already open in this direction; cancel it before placing another."),
        Refused(-4131, "MARKET_ORDER_REJECT", FilterViolation, "The best opposite price is outside the PERCENT_PRICE band, so a market order would fill badly. Use a limit order or wait."),
        Refused(-4135, "INVALID_ACTIVATION_PRICE", InvalidParameter, "The trailing stop's activation price is on the wrong side of the market. Put it above for SELL, below for BUY."),
        Refused(-4136, "CLOSE_POSITION_STRATEGY_INVALID", InvalidParameter, "Not on the official page. closePosition goes with STOP_MARKET and TAKE_PROFIT_MARKET only; drop it or change the type."),
        Refused(-4137, "QUANTITY_EXISTS_WITH_CLOSE_POSITION", InvalidParameter, "closePosition closes everything, so quantity must be left out."),
        Refused(-4138, "REDUCE_ONLY_MUST_BE_TRUE", InvalidParameter, "closePosition implies reduceOnly. Leave out reduceOnly=false beside it."),
        Refused(-4139, "ORDER_TYPE_CANNOT_BE_MKT", InvalidParameter, "A market order is not accepted where cancelling is impossible. Send a limit order."),
        Refused(-4140, "INVALID_OPENING_POSITION_STATUS", MarketState, "The symbol does not accept new positions in its present status. Wait until exchangeInfo says TRADING; closing still works."),
        Refused(-4141, "SYMBOL_ALREADY_CLOSED", MarketState, "The symbol is closed for good or delivered. Remove it from the list of traded symbols."),
        Refused(-4142, "STRATEGY_INVALID_TRIGGER_PRICE", OrderRejected, "Stop or take-profit would fire at once. Set the trigger beyond the current price, seen from its workingType."),
        Refused(-4144, "INVALID_PAIR", InvalidParameter, "There is no such pair. Write a pair as BTCUSDT, without the delivery date."),
        Refused(-4161, "ISOLATED_LEVERAGE_REJECT_WITH_POSITION", AccountState, "Leverage of an isolated position can be raised, not lowered. Close or shrink it before lowering."),
        Refused(-4164, "MIN_NOTIONAL", FilterViolation, "Price times quantity is below the symbol's minimum. Raise the quantity; reduceOnly orders are exempt."),
        Refused(-4165, "INVALID_TIME_INTERVAL", InvalidParameter, "The time span is empty or longer than the days the message names. Ask for less at a time."),
        Refused(-4166, "SEARCH_WINDOW_TOO_OLD", InvalidParameter, "Not on the official page. startTime is too far back; the message says how many days are kept. Ask for a later span, or for the asynchronous download."),
        Refused(-4167, "ISOLATED_REJECT_WITH_JOINT_MARGIN", AccountState, "Multi-assets mode cannot start while a symbol is isolated. Set all symbols to crossed first."),
        Refused(-4168, "JOINT_MARGIN_REJECT_WITH_ISOLATED", AccountState, "Isolated margin is not available in multi-assets mode. Leave that mode or stay crossed."),
        Refused(-4169, "JOINT_MARGIN_REJECT_WITH_MB", InsufficientFunds, "The margin balance is too small to change the assets mode. Add funds before the change."),
        Refused(-4170, "JOINT_MARGIN_REJECT_WITH_OPEN_ORDER", AccountState, "The assets mode cannot change while orders rest. Cancel them, then change it."),
        Refused(-4171, "NO_NEED_TO_CHANGE_JOINT_MARGIN", NoChangeNeeded, "The account is in the wanted assets mode already, so nothing needs doing. Carry on."), // lists in circulation call -4167 to -4172 failures; this one is none
        Refused(-4172, "JOINT_MARGIN_REJECT_WITH_NEGATIVE_BALANCE", InsufficientFunds, "A margin asset is below zero, which bars multi-assets mode. Settle it first."),
        Refused(-4183, "ISOLATED_REJECT_WITH_JOINT_MARGIN", FilterViolation, "Despite its name: the limit price of a stop order is too far above its stop price. Lower it under the cap in the message."), // the official page repeats -4167's name
        Refused(-4184, "PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN", FilterViolation, "The limit price of a stop order is too far below its stop price. Raise it over the floor in the message."),
        Refused(-4189, "ACCOUNT_REDUCE_ONLY", Restricted, "The account is restricted to reduceOnly orders on this symbol. Trade another, or ask support why."),
        Refused(-4192, "COOLING_OFF_PERIOD", Restricted, "The account's owner has ordered a cooling-off period. Wait for its end, which the exchange's site shows; trading resumes then, not before."),

        // 42xx: leverage and stop price limits
        Refused(-4202, "ADJUST_LEVERAGE_KYC_FAILED", Restricted, "Leverage above 20 needs the intermediate identity check. Pass it or stay at 20."),
        Refused(-4203, "ADJUST_LEVERAGE_ONE_MONTH_FAILED", Restricted, "Leverage above 20 opens one month after registration. Use 20 or less until then."),
        Refused(-4205, "ADJUST_LEVERAGE_X_DAYS_FAILED", Restricted, "Leverage above 20 opens some days after the futures account was made; the message says how many. Use 20 or less until then."),
        Refused(-4206, "ADJUST_LEVERAGE_KYC_LIMIT", Restricted, "The owner's country has a lower ceiling of leverage. Keep to the figure in the message."),
        Refused(-4208, "ADJUST_LEVERAGE_ACCOUNT_SYMBOL_FAILED", AccountState, "With a raised position limit this symbol stays at leverage 20 or less. Give the limit back to go higher."),
        Refused(-4209, "ADJUST_LEVERAGE_SYMBOL_FAILED", InvalidParameter, "The symbol's own maximum is lower than the leverage asked for. Take it from leverageBracket."),
        Refused(-4210, "STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT", FilterViolation, "stopPrice is too far above the market. Bring it under the cap the message names."),
        Refused(-4211, "STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT", FilterViolation, "stopPrice is too far below the market. Bring it over the floor the message names."),
        Refused(-4220, "CANNOT_CHANGE_DUAL_SIDE", AccountState, "USD-M and COIN-M must be in one position mode. Close positions and orders of both, then change the mode of both."),

        // 44xx and 45xx: risk, compliance and modes
        Refused(-4400, "TRADING_QUANTITATIVE_RULE", Restricted, "The quantitative rules (fill and cancel ratios) are violated. Only reduceOnly passes until the cool-down ends; send fewer, larger orders."),
        Refused(-4401, "LARGE_POSITION_SYM_RULE", Restricted, "The position is too large for the symbol's risk rules. Reduce it; only reduceOnly passes."), // large positions; some lists file it under compliance
        Refused(-4402, "COMPLIANCE_BLACK_SYMBOL_RESTRICTION", Restricted, "The owner's region may not use this feature or symbol, and no request changes that. Trade another symbol."),
        Refused(-4403, "ADJUST_LEVERAGE_COMPLIANCE_FAILED", Restricted, "The owner's region has a ceiling of leverage, which the message names. Stay below it."),
        Refused(-4405, "UM_REDUCE_ONLY_ONLY", Restricted, "USD-M of this account takes only closing orders for now. Set reduceOnly or stop opening; ask support what lifts it."),
        Refused(-4407, "ACCOUNT_REDUCE_ONLY", Restricted, "This account may place only closing orders on the symbol. Set reduceOnly here, or open on another symbol."),
        Refused(-4408, "REGULATORY_REDUCE_ONLY_CREDITS", Restricted, "Not on the official page. Regulation allows closing orders only in this symbol. Close with reduceOnly, or switch to the Credits Trading Mode the message names."),
        Refused(-4411, "TRADFI_AGREEMENT_NOT_SIGNED", Restricted, "Not on the official page. Symbols of TradFi perpetuals need an agreement. Sign it once with POST /fapi/v1/stock/contract, which answers SUCCESS, then order again."),
        Refused(-4415, "CM_REDUCE_ONLY_ONLY", Restricted, "COIN-M of this account takes only closing orders for now. Close there, trade USD-M if that is open, and ask support what lifts it."),
        Refused(-4418, "REGULATORY_REDUCE_ONLY", Restricted, "Not on the official page. A regulator's rule allows closing orders only in this symbol. Close with reduceOnly and open positions in another symbol."),
        Refused(-4509, "GTE_REQUIRES_OPEN_POSITION", AccountState, "Not on the official page. A closing stop found no position. Try again shortly: right after an entry's fill the position shows with a delay."),
        Refused(-4517, "SYMBOL_REDUCE_ONLY", Restricted, "Position risk control of the symbol lets only closing orders pass. Set reduceOnly, or trade another symbol until it is lifted."),
        Refused(-4518, "SYMBOL_REDUCE_ONLY_BUY", Restricted, "Position risk control: a BUY passes only if it closes a short. Set reduceOnly on it; sells are free."),
        Refused(-4519, "SYMBOL_REDUCE_ONLY_SELL", Restricted, "Position risk control: a SELL passes only if it closes a long. Set reduceOnly on it; buys are free."),
        Refused(-4531, "POSITION_MODE_SYNC_REQUIRED", AccountState, "Not on the official page (change log 2026-05-11). The position mode is shared with COIN-M: close its positions and orders first."),

        // 50xx: execution and amendment
        Refused(-5000, "PATH_OR_METHOD_INVALID", NotSupported, "Not on the official page. This host has no such path or method. It may be retired: then use the successor that the message names; test networks lack some endpoints."),
        Refused(-5021, "FOK_ORDER_REJECT", OrderRejected, "The order could not be filled whole and at once, as FOK demands. It leaves no record; use IOC or a better price."),
        Refused(-5022, "GTX_ORDER_REJECT", OrderRejected, "The post-only order would have taken liquidity. It leaves no record; place it further from the market."),
        Refused(-5024, "MOVE_ORDER_NOT_ALLOWED_SYMBOL_REASON", MarketState, "Orders cannot be amended while the symbol is not trading. Wait until exchangeInfo says TRADING, or cancel, which may still work."),
        Refused(-5025, "LIMIT_ORDER_ONLY", InvalidParameter, "Only limit orders can be amended. Cancel this one and place a new one."),
        Refused(-5026, "Exceed_Maximum_Modify_Order_Limit", LimitReached, "One order takes 10000 amendments and this one has had them. Replace it by a new order."),
        Refused(-5027, "SAME_ORDER", NoChangeNeeded, "Price and quantity are what they should be already. After an unknown outcome the amendment holds: carry on."),
        Refused(-5028, "ME_RECVWINDOW_REJECT", ClockSkew, "The matching engine got the order after its recvWindow, more often by a queue than by a wrong clock. Stamp afresh and send again."),
        Refused(-5029, "MODIFICATION_MIN_NOTIONAL", FilterViolation, "The amended order would fall below the minimum notional. Keep more quantity or cancel it."),
        Refused(-5037, "INVALID_PRICE_MATCH", InvalidParameter, "priceMatch is not a documented value. Use OPPONENT, QUEUE or one of their numbered forms, and send no price beside it."),
        Refused(-5038, "UNSUPPORTED_ORDER_TYPE_PRICE_MATCH", InvalidParameter, "This order type names its own price or none, so it takes no priceMatch. Drop the parameter or use a limit type."),
        Refused(-5039, "INVALID_SELF_TRADE_PREVENTION_MODE", InvalidParameter, "selfTradePreventionMode must be EXPIRE_TAKER, EXPIRE_MAKER, EXPIRE_BOTH or NONE."),
        Refused(-5040, "FUTURE_GOOD_TILL_DATE", InvalidParameter, "goodTillDate must lie more than 600 s ahead, in milliseconds, and before the year 10000."), // lists in circulation say 60 s; the official page says 600 s
        Refused(-5041, "BBO_ORDER_REJECT", MarketState, "The book has no level the priceMatch order could take its price from. Name a price or try when there is depth."),
        Refused(-5043, "Existing_Pending_Modification", OrderRejected, "An earlier amendment of this order is still in progress. Wait for it to end, then send this one."),
        Refused(-5047, "MODIFY_REDUCE_ONLY_REJECT", OrderRejected, "Not on the official page. An amendment cannot make an order reduceOnly that was placed without it. Leave reduceOnly out, or cancel and place a new one."),
    ];

    private static ErrorDefinition Refused(int code, string name, ErrorCategory category, string advice) => new(code, name, category, ExecutionStatus.NotExecuted, advice);

    private static ErrorDefinition InDoubt(int code, string name, ErrorCategory category, string advice) => new(code, name, category, ExecutionStatus.Unknown, advice);
}
