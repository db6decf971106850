// The everyday calls of ccxt against an exchange at the address given, on which nothing has been traded yet.
// Prints a line of JSON for each: its name, and what went wrong with it where something did.
import assert from 'node:assert/strict';
import ccxt from 'ccxt';

const [address, apiKey, secret] = process.argv.slice(2);
const symbol = 'BTC/USDT:USDT';
const other = 'ETH/USDT:USDT';

const exchange = new ccxt.pro.binanceusdm({ apiKey, secret, enableRateLimit: false });
for (const [name, url] of Object.entries(exchange.urls.api)) {
  if (typeof url === 'string') {
    exchange.urls.api[name] = url.replace(/^https:\/\/[^/]+/, address);
  }
}
await exchange.loadHttpProxyAgent(); // Without it there are no WebSockets but secure ones.
exchange.urls.api.ws.future = `${address.replace(/^http/, 'ws')}/ws`;

const say = (name, error) => console.log(JSON.stringify({ name, error }));

async function works(name, call, check) {
  let result;
  try {
    result = await call();
    check?.(result);
    say(name);
  } catch (error) {
    say(name, `${error.constructor.name}: ${error.message}`.slice(0, 500));
  }
  return result;
}

async function isRefused(name, call, code) {
  try {
    await call();
    say(name, 'it was not refused');
  } catch (error) {
    say(name, error.message.includes(`"code":${code},`) ? undefined : `${error.constructor.name}: ${error.message}`.slice(0, 500));
  }
}

const some = list => assert.ok(list.length > 0, 'it is empty');
const none = list => assert.deepEqual(list, []);
const both = map => assert.ok(map[symbol] && map[other], 'a contract is missing');
const has = id => list => assert.ok(list.some(item => item.id === id), `${id} is missing`);
const is = (...fields) => order => {
  for (const [name, value] of fields) {
    assert.equal(order[name], value, name);
  }
};

// The market.
await works('loadMarkets', () => exchange.loadMarkets(), both);
await works('fetchCurrencies', () => exchange.fetchCurrencies(), currencies => assert.ok(currencies.USDT && currencies.BTC));
await works('fetchTime', () => exchange.fetchTime(), time => assert.ok(Math.abs(time - Date.now()) < 60_000));
await works('fetchStatus', () => exchange.fetchStatus(), is(['status', 'ok']));
const ticker = await works('fetchTicker', () => exchange.fetchTicker(symbol), is(['last', 50_000]));
await works('fetchTickers', () => exchange.fetchTickers([symbol, other]), both);
await works('fetchBidsAsks', () => exchange.fetchBidsAsks([symbol, other]), asked => assert.ok(asked[symbol].bid < ticker.last && ticker.last < asked[symbol].ask));
await works('fetchLastPrices', () => exchange.fetchLastPrices([symbol, other]), both);
await works('fetchOrderBook', () => exchange.fetchOrderBook(symbol, 20), book => assert.ok(book.bids.length === 20 && book.bids[0][0] < ticker.last && ticker.last < book.asks[0][0]));
await works('fetchTrades', () => exchange.fetchTrades(symbol, undefined, 50), trades => assert.equal(trades.length, 50));
await works('fetchOHLCV', () => exchange.fetchOHLCV(symbol, '1h', undefined, 48), candles => assert.ok(candles.length === 48 && candles[47][4] === ticker.last && candles.every(([, open, high, low, close]) => low <= Math.min(open, close) && Math.max(open, close) <= high)));
await works('fetchOHLCV of a day', () => exchange.fetchOHLCV(symbol, '1d', Date.now() - 30 * 86_400_000, 10), candles => assert.equal(candles.length, 10));
await works('fetchMarkOHLCV', () => exchange.fetchMarkOHLCV(symbol, '1m', undefined, 10), candles => assert.equal(candles.length, 10));
await works('fetchIndexOHLCV', () => exchange.fetchIndexOHLCV(symbol, '1m', undefined, 10), candles => assert.equal(candles.length, 10));
await works('fetchPremiumIndexOHLCV', () => exchange.fetchPremiumIndexOHLCV(symbol, '1m', undefined, 10), candles => assert.equal(candles.length, 10));
await works('fetchMarkPrice', () => exchange.fetchMarkPrice(symbol), is(['markPrice', 50_000]));
await works('fetchMarkPrices', () => exchange.fetchMarkPrices([symbol, other]), both);
await works('fetchFundingRate', () => exchange.fetchFundingRate(symbol), is(['markPrice', 50_000]));
await works('fetchFundingRates', () => exchange.fetchFundingRates([symbol, other]), both);
await works('fetchFundingRateHistory', () => exchange.fetchFundingRateHistory(symbol, undefined, 10), rates => assert.equal(rates.length, 10));
await works('fetchFundingIntervals', () => exchange.fetchFundingIntervals([symbol, other]), both);
await works('fetchOpenInterest', () => exchange.fetchOpenInterest(symbol), is(['openInterestAmount', 0]));

// The account and its settings.
await works('fetchBalance', () => exchange.fetchBalance(), balance => assert.ok(balance.USDT.free > 0));
await works('fetchAccountPositions', () => exchange.fetchPositions([symbol], { method: 'account' }), none);
await works('fetchLeverageTiers', () => exchange.fetchLeverageTiers([symbol, other]), both);
await works('fetchTradingFee', () => exchange.fetchTradingFee(symbol), is(['taker', 0]));
await works('fetchTradingFees', () => exchange.fetchTradingFees(), both);
await works('fetchPositionMode', () => exchange.fetchPositionMode(symbol), is(['hedged', false]));
await works('setPositionMode', () => exchange.setPositionMode(true));
await works('setPositionMode back', () => exchange.setPositionMode(false));
await works('setLeverage', () => exchange.setLeverage(10, symbol));
await works('fetchLeverages', () => exchange.fetchLeverages([symbol]), leverages => assert.equal(leverages[symbol].longLeverage, 10));
await works('fetchMarginMode', () => exchange.fetchMarginMode(symbol), is(['marginMode', 'cross']));
await works('setMarginMode', () => exchange.setMarginMode('isolated', symbol));
await works('fetchMarginModes', () => exchange.fetchMarginModes([symbol]), modes => assert.equal(modes[symbol].marginMode, 'isolated'));

// Orders.
const bought = await works('createOrder at the market', () => exchange.createOrder(symbol, 'market', 'buy', 0.01), order => assert.ok(order.id));
await works('fetchOrder', () => exchange.fetchOrder(bought?.id, symbol), is(['status', 'closed'], ['filled', 0.01]));
const resting = await works('createOrder with a limit', () => exchange.createOrder(symbol, 'limit', 'buy', 0.01, 40_000), is(['status', 'open']));
await works('fetchOpenOrder', () => exchange.fetchOpenOrder(resting?.id, symbol), is(['id', resting?.id]));
await works('fetchOpenOrders', () => exchange.fetchOpenOrders(symbol), has(resting?.id));
await works('editOrder', () => exchange.editOrder(resting?.id, symbol, 'limit', 'buy', 0.02, 41_000), is(['price', 41_000], ['amount', 0.02]));
await works('fetchOrder by client id', () => exchange.fetchOrder(undefined, symbol, { clientOrderId: resting?.clientOrderId }), is(['id', resting?.id], ['price', 41_000]));
const batch = await works('createOrders', () => exchange.createOrders([39_000, 38_000, 37_000].map(price => ({ symbol, type: 'limit', side: 'buy', amount: 0.01, price }))), orders => assert.ok(orders.length === 3 && orders.every(order => order.id)));
await works('cancelOrder', () => exchange.cancelOrder(resting?.id, symbol), is(['status', 'canceled']));
await works('cancelOrders', () => exchange.cancelOrders([batch?.[0].id, batch?.[1].id], symbol), orders => assert.ok(orders.length === 2 && orders.every(order => order.status === 'canceled')));
await works('cancelAllOrders', () => exchange.cancelAllOrders(symbol));
await works('fetchOpenOrders, of which there are none', () => exchange.fetchOpenOrders(symbol), none);
await works('fetchOrders', () => exchange.fetchOrders(symbol), orders => assert.equal(orders.length, 5));
await works('fetchClosedOrders', () => exchange.fetchClosedOrders(symbol), has(bought?.id));
await works('fetchCanceledOrders', () => exchange.fetchCanceledOrders(symbol), has(resting?.id));
await works('fetchMyTrades', () => exchange.fetchMyTrades(symbol), trades => assert.ok(trades.length === 1 && trades[0].order === bought?.id));

// The position, and conditional orders beside it.
await works('fetchPositions', () => exchange.fetchPositions([symbol]), positions => assert.ok(positions.length === 1 && positions[0].contracts === 0.01 && positions[0].side === 'long'));
await works('fetchPositionsRisk', () => exchange.fetchPositionsRisk([symbol]), some);
await works('addMargin', () => exchange.addMargin(symbol, 100));
await works('reduceMargin', () => exchange.reduceMargin(symbol, 50));
const stop = await works('createOrder with a trigger', () => exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { stopLossPrice: 45_000, reduceOnly: true }), order => assert.ok(order.id));
await works('fetchOpenOrders with triggers', () => exchange.fetchOpenOrders(symbol, undefined, undefined, { trigger: true }), has(stop?.id));
await works('fetchOrders with triggers', () => exchange.fetchOrders(symbol, undefined, undefined, { trigger: true }), has(stop?.id));
await works('cancelOrder with a trigger', () => exchange.cancelOrder(stop?.id, symbol, { trigger: true }));
await works('createOrder that closes', () => exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { reduceOnly: true }));
await works('fetchLedger', () => exchange.fetchLedger('USDT', undefined, undefined, { type: 'future' }), none);

// What the user data stream tells.
await works('watchOrders', async () => {
  const watched = exchange.watchOrders(symbol);
  for (let tries = 0; !Object.values(exchange.clients).some(client => client.isConnected); tries++) {
    assert.ok(tries < 500, 'it does not connect');
    await Promise.race([watched, exchange.sleep(10)]);
  }
  const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, 30_000);
  const [told] = await watched;
  assert.equal(told.id, order.id);
  return told;
}, is(['status', 'open'], ['price', 30_000]));
await works('watchOrders of a cancel', async () => {
  const watched = exchange.watchOrders(symbol);
  await exchange.cancelAllOrders(symbol);
  return (await watched).at(-1);
}, is(['status', 'canceled']));
await works('watchMyTrades', async () => {
  const watched = exchange.watchMyTrades(symbol);
  await exchange.createOrder(symbol, 'market', 'buy', 0.01);
  await exchange.createOrder(symbol, 'market', 'sell', 0.01);
  return (await watched)[0];
}, is(['price', 50_000], ['amount', 0.01]));
await exchange.close();

// What is rightly refused.
await isRefused('an order that is not there', () => exchange.fetchOrder('1', symbol), -2013);
await isRefused('a cancel of an order that is over', () => exchange.cancelOrder(bought?.id, symbol), -2011);
await isRefused('a reduction without a position', () => exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { reduceOnly: true }), -2022);
await isRefused('an order that must rest and would not', () => exchange.createOrder(symbol, 'limit', 'buy', 0.01, 60_000, { postOnly: true }), -5022);
await isRefused('margin for a position that is not there', () => exchange.addMargin(symbol, 100), -4054);
exchange.secret = 'another';
await isRefused('a wrong secret', () => exchange.fetchBalance(), -1022);

process.exit(); // The library would extend its listen key for ever.
