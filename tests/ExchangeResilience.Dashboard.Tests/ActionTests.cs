using System.Net;
using System.Net.Http.Headers;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>What the buttons do.</summary>
public sealed class ActionTests
{
    [Fact]
    public async Task Stopping_stops_new_orders_and_lets_closing_orders_and_cancels_pass()
    {
        await using var world = await DashboardWorld.StartAsync();
        await world.BuyAsync("a");

        (await world.ActAsync("stop", new { reason = "drill\nSettled: forged" })).Status.ShouldBe(HttpStatusCode.OK);

        (await world.BuyAsync("b")).ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        (await world.CallAsync(HttpMethod.Post, "/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.001&reduceOnly=true&newClientOrderId=c")).ShouldBeNull();
        var halt = (await world.StateAsync()).GetProperty("live").GetProperty("halt");
        halt.GetProperty("by").GetString().ShouldBe("ann");
        halt.GetProperty("reason").GetString().ShouldBe("drill Settled: forged");
        world.Log.Lines.Where(line => line.Event == "DashboardAction").Select(line => line.Text).ShouldBe(["ann on the dashboard: stop new orders (drill Settled: forged): done"]);

        (await world.ActAsync("resume", new { reason = "over" })).Done.ShouldBeTrue();
        (await world.ActAsync("resume", new { reason = "over" })).Status.ShouldBe(HttpStatusCode.Conflict);
        (await world.BuyAsync("d")).ShouldBeNull();
    }

    [Fact]
    public async Task Orders_stop_at_once_and_the_reason_is_told_afterwards()
    {
        await using var world = await DashboardWorld.StartAsync();

        (await world.ActAsync("stop", new { })).Done.ShouldBeTrue();
        (await world.BuyAsync("a")).ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        var before = (await world.StateAsync()).GetProperty("live").GetProperty("halt");
        before.GetProperty("reason").GetString().ShouldBe("no reason given yet");
        (await world.ActAsync("explain", new { reason = "the feed is late" })).Done.ShouldBeTrue();

        var after = (await world.StateAsync()).GetProperty("live").GetProperty("halt");
        after.GetProperty("reason").GetString().ShouldBe("the feed is late");
        after.GetProperty("since").GetDateTimeOffset().ShouldBe(before.GetProperty("since").GetDateTimeOffset());
        world.Log.Lines.Select(line => line.Text).ShouldContain("New orders were stopped, ann explains: the feed is late");
    }

    [Fact]
    public async Task Nothing_that_is_sent_with_an_action_writes_a_line_of_its_own()
    {
        await using var world = await DashboardWorld.StartAsync();

        await world.ActAsync("resync", new { environment = "x\nwarn: stop new orders (forged): done", reason = "r\u2028s" });
        await world.ActAsync("release", new { lane = "Ip", environment = "x\ry", key = "k\u001b[2Kl", reason = "r\u2029s" });
        await world.ActAsync("stop", new { reason = "a\u2028b\u202ec" });

        world.Log.Lines.Where(line => line.Event == "DashboardAction").Select(line => line.Text).ShouldBe(
        [
            "ann on the dashboard: measure the clock of x warn: stop new orders (forged): done (r s): not done",
            "ann on the dashboard: release the Ip lane of x y/k [2Kl (r s): not done",
            "ann on the dashboard: stop new orders (a bc): done",
        ]);
        (await world.StateAsync()).GetProperty("live").GetProperty("halt").GetProperty("reason").GetString().ShouldBe("a bc");
    }

    [Fact]
    public async Task Releasing_a_hold_sends_one_request_to_find_out()
    {
        await using var world = await DashboardWorld.StartAsync();
        world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.TooManyRequests(TimeSpan.FromMinutes(1)));
        world.Exchange.Options.EnforceRetryAfter = false;
        (await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=BTCUSDT")).ShouldNotBeNull();
        var lane = (await world.StateAsync()).GetProperty("live").GetProperty("lanes").EnumerateArray().Single(lane => lane.GetProperty("lane").GetString() == "Ip");
        lane.GetProperty("state").GetString().ShouldBe("Held");
        var named = new { lane = "Ip", environment = lane.GetProperty("environment").GetString(), key = lane.GetProperty("key").GetString(), reason = "told so by the exchange" };

        (await world.ActAsync("release", named)).Done.ShouldBeTrue();
        (await world.ActAsync("release", named)).Status.ShouldBe(HttpStatusCode.Conflict);

        (await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=BTCUSDT")).ShouldBeNull();
    }

    [Fact]
    public async Task Resyncing_measures_the_clock_anew()
    {
        await using var world = await DashboardWorld.StartAsync();
        await world.BuyAsync("a");
        var clock = (await world.StateAsync()).GetProperty("live").GetProperty("clocks")[0];
        var asked = world.Exchange.Requests.Count(request => request.Path == "/fapi/v1/time");
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(30));

        (await world.ActAsync("resync", new { environment = clock.GetProperty("environment").GetString() })).Done.ShouldBeTrue();

        world.Exchange.Requests.Count(request => request.Path == "/fapi/v1/time").ShouldBeGreaterThan(asked);
        (await world.StateAsync()).GetProperty("live").GetProperty("clocks")[0].GetProperty("offsetMs").GetInt64().ShouldBeInRange(29_000, 31_000);
        (await world.ActAsync("resync", new { environment = "elsewhere" })).Done.ShouldBeFalse();
    }

    [Fact]
    public async Task Settling_takes_an_operators_word_and_keeps_who_said_so()
    {
        await using var world = await DashboardWorld.StartAsync();
        await world.LoseAsync("lost-1");
        var order = (await world.StateAsync()).GetProperty("live").GetProperty("inDoubt")[0];
        object Word(string execution, string reason) => new
        {
            client = order.GetProperty("client").GetString(),
            account = order.GetProperty("account").GetString(),
            symbol = order.GetProperty("symbol").GetString(),
            clientOrderId = order.GetProperty("clientOrderId").GetString(),
            kind = order.GetProperty("kind").GetString(),
            execution,
            reason,
        };

        (await world.ActAsync("settle", Word("Unknown", "guess"))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await world.ActAsync("settle", Word("NotExecuted", " "))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await world.ActAsync("ask", Word("", ""))).Status.ShouldBe(HttpStatusCode.Conflict, "it is being asked for");
        (await world.ActAsync("settle", Word("NotExecuted", "not in the exchange's history"))).Done.ShouldBeTrue();
        (await world.ActAsync("settle", Word("NotExecuted", "not in the exchange's history"))).Status.ShouldBe(HttpStatusCode.Conflict);

        var live = (await world.StateAsync()).GetProperty("live");
        live.GetProperty("inDoubtCount").GetInt32().ShouldBe(0);
        live.GetProperty("verdicts")[0].GetProperty("evidence").GetString().ShouldBe("settled by ann: not in the exchange's history");
    }

    [Theory]
    [InlineData("explain", "{}", HttpStatusCode.BadRequest)]
    [InlineData("explain", "{\"reason\":\"  \"}", HttpStatusCode.BadRequest)]
    [InlineData("explain", "{\"reason\":\"x\"}", HttpStatusCode.Conflict)]
    [InlineData("stop", "[]", HttpStatusCode.BadRequest)]
    [InlineData("stop", "null", HttpStatusCode.BadRequest)]
    [InlineData("stop", "{", HttpStatusCode.BadRequest)]
    [InlineData("release", "{\"reason\":\"x\",\"lane\":\"Nowhere\",\"environment\":\"live\",\"key\":\"default\"}", HttpStatusCode.BadRequest)]
    [InlineData("release", "{\"reason\":\"x\",\"lane\":\"Ip\"}", HttpStatusCode.BadRequest)]
    [InlineData("resync", "{}", HttpStatusCode.BadRequest)]
    [InlineData("ask", "{}", HttpStatusCode.Conflict)]
    [InlineData("settle", "{\"execution\":\"1\",\"reason\":\"x\"}", HttpStatusCode.BadRequest)]
    [InlineData("liquidate", "{}", HttpStatusCode.NotFound)]
    public async Task What_makes_no_sense_does_nothing(string action, string body, HttpStatusCode expected)
    {
        await using var world = await DashboardWorld.StartAsync();

        (await PostAsync(world, action, new StringContent(body, new MediaTypeHeaderValue("application/json")))).ShouldBe(expected);
        (await world.StateAsync()).GetProperty("live").TryGetProperty("halt", out var halt).ShouldBeTrue();
        halt.ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task A_body_of_another_kind_or_without_measure_is_not_read()
    {
        await using var world = await DashboardWorld.StartAsync();
        var oversized = "{\"reason\":\"" + new string('x', 9000) + "\"}";

        (await PostAsync(world, "stop", new StringContent("{\"reason\":\"x\"}", new MediaTypeHeaderValue("text/plain")))).ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(world, "stop", new StringContent(oversized, new MediaTypeHeaderValue("application/json")))).ShouldBe(HttpStatusCode.BadRequest);
        (await world.BuyAsync("a")).ShouldBeNull();
    }

    private static async Task<HttpStatusCode> PostAsync(DashboardWorld world, string action, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/exchange/actions/{action}") { Content = content };
        request.Headers.Add("X-Exchange-Dashboard", "1");
        using var response = await world.Page.SendAsync(request);
        return response.StatusCode;
    }
}
