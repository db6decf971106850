using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ExchangeResilience.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>What the page knows for somebody who is called in the night.</summary>
public sealed class OnCallTests
{
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";

    [Fact]
    public async Task An_order_in_doubt_tells_its_terms_the_next_question_and_when_absence_can_be_proven()
    {
        await using var world = await DashboardWorld.StartAsync();
        var before = TimeProvider.System.GetUtcNow();
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.DropBeforeExecute);
        await world.CallAsync(HttpMethod.Post, "/fapi/v1/order?symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.50&price=4000.10&reduceOnly=true&newClientOrderId=lost-1");

        var live = (await world.StateAsync()).GetProperty("live");

        var order = live.GetProperty("inDoubt")[0];
        $"{Text("kind")} {Text("side")} {Text("type")} {Text("quantity")} {Text("symbol")} at {Text("price")}: {Text("state")}".ShouldBe("Place SELL LIMIT 0.50 ETHUSDT at 4000.10: Searching");
        order.GetProperty("isReduceOnly").GetBoolean().ShouldBeTrue();
        order.GetProperty("nextQuestionAt").GetDateTimeOffset().ShouldBeGreaterThan(before);

        // The receive window must have closed, and the settle margin have passed after it.
        (order.GetProperty("provableFrom").GetDateTimeOffset() - before).TotalSeconds.ShouldBeInRange(10, 25);

        string? Text(string name) => order.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_journal_that_fails_is_shown_with_its_reason_until_it_works_again()
    {
        var journal = new InMemoryOrderJournal();
        await using var world = await DashboardWorld.StartAsync(services: services => services.AddSingleton<IOrderJournal>(journal));
        (await world.BuyAsync("a")).ShouldBeNull();
        var before = await FaultAsync();
        journal.FailNext(int.MaxValue);
        (await world.BuyAsync("b")).ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        var broken = await FaultAsync();
        journal.FailNext(0);
        (await world.BuyAsync("c")).ShouldBeNull();

        before.ShouldBeNull();
        broken.ShouldNotBeNullOrEmpty();
        (await FaultAsync()).ShouldBeNull();

        async Task<string?> FaultAsync() => (await world.StateAsync()).GetProperty("live").GetProperty("journalFault").GetString();
    }

    [Fact]
    public async Task A_client_whose_signed_requests_fail_is_shown_with_the_advice_until_one_succeeds()
    {
        const string Balance = "/fapi/v2/balance";
        await using var world = await DashboardWorld.StartAsync();
        await world.CallAsync(HttpMethod.Get, Balance);
        var before = await FailingAsync();
        world.Exchange.Faults.Next($"GET {Balance}", Fault.RefuseWithCode(401, -2015, "Invalid API-key, IP, or permissions for action."));
        await world.CallAsync(HttpMethod.Get, Balance);
        var failing = await FailingAsync();
        await world.CallAsync(HttpMethod.Get, Balance);

        before.ShouldBeEmpty();
        var item = failing.ShouldHaveSingleItem();
        (item.GetProperty("client").GetString(), item.GetProperty("failure").GetString()).ShouldBe((DashboardWorld.ClientName, "-2015 REJECTED_MBX_KEY"));
        item.GetProperty("since").GetDateTimeOffset().ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        item.GetProperty("advice").GetString().ShouldBe(ExchangeVenue.BinanceUsdFutures.Errors.Find(-2015)!.Advice);
        (await FailingAsync()).ShouldBeEmpty();
        (await world.Page.GetStringAsync("/exchange")).ShouldContain("live.signingFailures");

        async Task<IReadOnlyList<JsonElement>> FailingAsync() => [.. (await world.StateAsync()).GetProperty("live").GetProperty("signingFailures").EnumerateArray()];
    }

    [Fact]
    public async Task What_orders_in_doubt_may_have_bought_and_sold_is_summed_by_symbol()
    {
        await using var world = await DashboardWorld.StartAsync();
        var count = 0;
        foreach (var (symbol, side, quantity) in ((string, string, string)[])[("BTCUSDT", "BUY", "0.010"), ("BTCUSDT", "BUY", "0.002"), ("BTCUSDT", "SELL", "0.5"), ("ETHUSDT", "SELL", "79228162514264337593543950335"), ("ETHUSDT", "SELL", "1")])
        {
            world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.DropBeforeExecute);
            await world.CallAsync(HttpMethod.Post, $"/fapi/v1/order?symbol={symbol}&side={side}&type=MARKET&quantity={quantity}&newClientOrderId=lost-{++count}");
        }

        var exposure = (await world.StateAsync()).GetProperty("live").GetProperty("exposure");

        exposure.EnumerateArray().Select(static sum => $"{sum.GetProperty("symbol")} +{sum.GetProperty("buys")} -{sum.GetProperty("sells")} ?{sum.GetProperty("unsized")}")
            .ShouldBe(["BTCUSDT +0.012 -0.5 ?0", "ETHUSDT + -79228162514264337593543950335 ?0"]);
    }

    [Fact]
    public async Task What_a_ban_turns_away_is_one_record_that_counts()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromMinutes(2)));
        await world.CallAsync(HttpMethod.Get, Price);
        for (var i = 0; i < 300; i++)
        {
            await world.CallAsync(HttpMethod.Get, Price);
        }

        await events.NextAsync("decisions", decisions => decisions.EnumerateArray().Any(decision => decision.GetProperty("count").GetInt32() == 300));
        var decisions = (await world.StateAsync()).GetProperty("decisions").EnumerateArray().ToList();

        decisions.Select(decision => $"{decision.GetProperty("error")} x{decision.GetProperty("count")}: {decision.GetProperty("trouble")}, {decision.GetProperty("outcome")}; {decision.GetProperty("said")}").ShouldBe(
        [
            "TOO_MANY_REQUESTS x1: rate limited, not executed; given to the caller (the wait does not fit)",
            "HELD_BACK x300: the Ip lane is closed, not executed; given to the caller (held back)",
        ]);
        (decisions[1].GetProperty("id").GetInt64(), decisions[1].GetProperty("number").GetInt64()).ShouldBe((2, 301));
        var detail = await world.Page.GetFromJsonAsync<JsonElement>("/exchange/decisions/2");
        detail.GetProperty("message").GetString().ShouldBe("the Ip lane is closed after -1003");
        detail.GetProperty("isOurs").GetBoolean().ShouldBeTrue("the exchange has not said it");
    }

    [Fact]
    public async Task A_decision_opens_to_the_exchanges_words_the_advice_and_the_calls_story()
    {
        await using var world = await DashboardWorld.StartAsync();
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.RefuseWithCode(400, -2019, "Margin is <b>insufficient</b>."));
        var told = (await world.BuyAsync("a")).ShouldNotBeNull();
        var id = (await world.StateAsync()).GetProperty("decisions")[0].GetProperty("id").GetInt64();

        var detail = await world.Page.GetFromJsonAsync<JsonElement>($"/exchange/decisions/{id}");

        detail.GetProperty("advice").GetString().ShouldBe(told.Advice);
        detail.GetProperty("message").GetString().ShouldBe("Margin is <b>insufficient</b>.");
        detail.GetProperty("isOurs").GetBoolean().ShouldBeFalse();
        detail.GetProperty("steps").EnumerateArray().Select(static step => step.GetProperty("text").GetString()!).ShouldBe([$"attempt 1: {told}", "given to the caller (fails fast by policy)"]);
        (await world.Page.GetAsync($"/exchange/decisions/{id + 1}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await world.Page.GetAsync("/exchange/decisions/0")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await world.Page.GetAsync("/exchange/decisions/x")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Requests_orders_failures_and_the_time_to_replies_are_told_over_time()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        await world.BuyAsync("a");
        await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=NONE");
        var (requests, orders, failed, p50, p99) = (0L, 0L, 0L, 0d, 0d);

        await events.NextAsync("samples", samples =>
        {
            foreach (var trade in samples.EnumerateArray().Select(static sample => sample.GetProperty("trade")))
            {
                (requests, orders, failed) = (requests + trade.GetProperty("requests").GetInt64(), orders + trade.GetProperty("orders").GetInt64(), failed + trade.GetProperty("failed").GetInt64());
                if (trade.GetProperty("p99Ms") is { ValueKind: JsonValueKind.Number } known)
                {
                    (p50, p99) = (trade.GetProperty("p50Ms").GetDouble(), known.GetDouble());
                }
            }

            return failed > 0 && orders > 0;
        });

        // The library's own questions leave too.
        requests.ShouldBeGreaterThanOrEqualTo(3);
        (orders, failed).ShouldBe((1, 1));
        p50.ShouldBeGreaterThan(0);
        p99.ShouldBeGreaterThanOrEqualTo(p50);
    }

    [Fact]
    public async Task The_process_its_environments_and_accounts_are_named_and_clients_without_protection()
    {
        await using var world = await DashboardWorld.StartAsync(services: static services =>
        {
            services.AddHttpClient("watcher").AddExchangeErrorHandling(static options => options.Mode = HandlingMode.Observe);
            services.AddHttpClient("keyless").AddExchangeErrorHandling();
            services.AddHttpClient("named").AddExchangeErrorHandling(static options => (options.Account, options.Environment) = ("main", "paper"))
                .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = ("another", "secret"));
        });
        await world.BuyAsync("a");

        var live = (await world.StateAsync()).GetProperty("live");

        live.GetProperty("process").GetString()!.ShouldEndWith($" on {Environment.MachineName}:{Environment.ProcessId}");
        live.GetProperty("environments").EnumerateArray().Select(static name => name.GetString()).ShouldContain("paper");
        live.GetProperty("environments").GetArrayLength().ShouldBe(2);
        live.GetProperty("accounts").EnumerateArray().Select(static name => name.GetString()).ShouldContain("main");
        live.GetProperty("accounts").GetArrayLength().ShouldBe(2);
        live.GetProperty("unprotected").EnumerateArray().Select(static item => $"{item.GetProperty("client")}: {item.GetProperty("why")}").ShouldBe(
        [
            "watcher: it only observes: nothing is repeated, followed up or stopped",
            "keyless: it has no key: the exchange cannot be asked what became of its orders",
        ], ignoreOrder: true);
    }

    [Fact]
    public async Task Where_the_program_has_opened_itself_to_other_origins_the_page_stays_closed_to_them()
    {
        await using var world = await DashboardWorld.StartAsync(
            before: static app => app.UseCors(static policy => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod()), services: static services => services.AddCors());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/exchange/state") { Headers = { { "Origin", "https://evil.example" }, { "Sec-Fetch-Site", "cross-site" } } };

        using var response = await world.Page.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldNotContain("live");
    }
}
