using System.Globalization;
using System.Text.Json;

namespace ExchangeResilience.Testing.Tests.Exchange;

/// <summary>What an account is told of itself, in the words of each version.</summary>
public sealed class OverviewTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public OverviewTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Fact]
    public async Task The_second_version_shows_every_contract_and_the_third_what_is_open()
    {
        await _trader.PlaceMarketAsync("a", quantity: "2");
        _exchange.SetPrice("BTCUSDT", 51_000m);

        var (second, third) = (await AskAsync("/fapi/v2/account"), await AskAsync("/fapi/v3/account"));

        second.GetProperty("positions").GetArrayLength().ShouldBe(3);
        var position = third.GetProperty("positions").EnumerateArray().ShouldHaveSingleItem();
        Number(position, "unrealizedProfit").ShouldBe(2_000m);
        Number(position, "maintMargin").ShouldBe((102_000m * 0.005m) - 50m);
        foreach (var account in new[] { second, third })
        {
            Number(account, "totalUnrealizedProfit").ShouldBe(2_000m);
            Number(account, "totalMarginBalance").ShouldBe(Number(account, "totalWalletBalance") + 2_000m);
            Number(account, "totalInitialMargin").ShouldBe(5_000m);
            Number(account.GetProperty("assets")[0], "marginBalance").ShouldBe(Number(account, "totalMarginBalance"));
        }

        (await AskAsync("/fapi/v2/positionRisk")).GetArrayLength().ShouldBe(3);
        Number((await AskAsync("/fapi/v3/positionRisk")).EnumerateArray().ShouldHaveSingleItem(), "markPrice").ShouldBe(51_000m);
        (await AskAsync("/fapi/v1/adlQuantile")).GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task In_hedge_mode_the_second_version_shows_every_side()
    {
        await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/positionSide/dual", "dualSidePosition=true");

        (await AskAsync("/fapi/v2/positionRisk", "symbol=BTCUSDT")).EnumerateArray().Select(static side => side.GetProperty("positionSide").GetString()).ShouldBe(["BOTH", "LONG", "SHORT"]);
        (await AskAsync("/fapi/v1/accountConfig")).GetProperty("dualSidePosition").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_profit_is_an_income_and_shows_at_the_trade_that_made_it()
    {
        await _trader.PlaceMarketAsync("a", quantity: "2");
        _exchange.SetPrice("BTCUSDT", 51_000m);
        await _trader.PlaceMarketAsync("b", quantity: "1", side: "SELL");

        var income = (await AskAsync("/fapi/v1/income", "incomeType=REALIZED_PNL")).EnumerateArray().ShouldHaveSingleItem();
        var trades = await AskAsync("/fapi/v1/userTrades", "symbol=BTCUSDT");

        Number(income, "income").ShouldBe(1_000m);
        trades.EnumerateArray().Select(static trade => Number(trade, "realizedPnl")).ShouldBe([0m, 1_000m]);
        income.GetProperty("tradeId").GetString().ShouldBe(trades[1].GetProperty("id").ToString());
        (await AskAsync("/fapi/v1/income", "incomeType=FUNDING_FEE")).GetArrayLength().ShouldBe(0);
        (await AskAsync("/fapi/v1/income", "symbol=ETHUSDT")).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Margin_brackets_join_without_a_step()
    {
        var brackets = (await AskAsync("/fapi/v1/leverageBracket", "symbol=BTCUSDT")).GetProperty("brackets").EnumerateArray().ToList();

        foreach (var (below, above) in brackets.Zip(brackets.Skip(1)))
        {
            var floor = above.GetProperty("notionalFloor").GetDecimal();
            floor.ShouldBe(below.GetProperty("notionalCap").GetDecimal());
            MarginAt(floor, below).ShouldBe(MarginAt(floor, above));
        }

        static decimal MarginAt(decimal notional, JsonElement bracket) => (notional * bracket.GetProperty("maintMarginRatio").GetDecimal()) - bracket.GetProperty("cum").GetDecimal();
    }

    [Fact]
    public async Task All_conditional_orders_are_listed_whatever_became_of_them()
    {
        await PlaceStopAsync("a", "40000");
        await PlaceStopAsync("b", "41000");
        await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/algoOrder", "clientAlgoId=a");

        var all = await AskAsync("/fapi/v1/allAlgoOrders", "symbol=BTCUSDT");

        all.EnumerateArray().Select(static order => order.GetProperty("algoStatus").GetString()).ShouldBe(["CANCELED", "NEW"]);
        (await AskAsync("/fapi/v1/allAlgoOrders", $"symbol=BTCUSDT&algoId={all[1].GetProperty("algoId")}")).GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("orderIdList")]
    [InlineData("orderidlist")]
    public async Task A_batch_of_cancels_is_taken_in_either_spelling(string name)
    {
        var placed = await _trader.PlaceLimitAsync("a");

        var reply = await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/batchOrders", $"symbol=BTCUSDT&{name}=%5B{placed.Text("orderId")}%5D");

        reply.Json[0].GetProperty("status").GetString().ShouldBe("CANCELED");
    }

    [Fact]
    public async Task The_wallet_says_that_all_is_well_and_names_what_is_traded()
    {
        (await AskAsync("/sapi/v1/system/status")).GetProperty("status").GetInt32().ShouldBe(0);
        (await AskAsync("/sapi/v1/capital/config/getall")).EnumerateArray().Select(static coin => coin.GetProperty("coin").GetString()).ShouldBe(["USDT", "BTC", "ETH", "测试"]);
        (await AskAsync("/sapi/v1/margin/allPairs")).GetArrayLength().ShouldBe(0);
        (await AskAsync("/fapi/v1/forceOrders")).GetArrayLength().ShouldBe(0);
        (await AskAsync("/fapi/v1/commissionRate", "symbol=BTCUSDT")).GetProperty("takerCommissionRate").GetString().ShouldBe("0");
    }

    private static decimal Number(JsonElement element, string name) => decimal.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private async Task PlaceStopAsync(string id, string trigger) => (await _trader.SignedAsync(
        HttpMethod.Post, "/fapi/v1/algoOrder", $"algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.001&triggerPrice={trigger}&clientAlgoId={id}")).ShouldBeOk();

    private async Task<JsonElement> AskAsync(string path, string query = "")
    {
        var reply = await _trader.SignedAsync(HttpMethod.Get, path, query);
        reply.ShouldBeOk();
        return reply.Json;
    }
}
