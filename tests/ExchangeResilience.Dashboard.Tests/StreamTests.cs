using System.Net;
using System.Text.Json;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Dashboard.Tests;

/// <summary>What an open page is told.</summary>
public sealed class StreamTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_page_is_told_everything_at_once_and_then_what_changes()
    {
        await using var world = await DashboardWorld.StartAsync();
        (await world.BuyAsync("a")).ShouldBeNull();
        (await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=NONE")).ShouldNotBeNull();
        using var events = await EventReader.OpenAsync(world.Page);

        await events.NextAsync("live");

        events.Received.Select(received => received.Name).ShouldBe(["policies", "samples", "decisions", "live"]);
        var live = events.Received[^1].Data.GetProperty("live");
        live.GetProperty("lanes").EnumerateArray().Select(lane => $"{lane.GetProperty("lane").GetString()} {lane.GetProperty("state").GetString()}").ShouldBe(["Ip Open", "Orders Open", "Host Open"]);
        live.GetProperty("clocks")[0].GetProperty("isSynchronised").GetBoolean().ShouldBeTrue();
        var row = events.Received[0].Data.GetProperty("clients")[0].GetProperty("rows").EnumerateArray().Single(row => row.GetProperty("selector").GetString() == "-1121");
        row.GetProperty("isOverridden").GetBoolean().ShouldBeTrue();
        events.Received[2].Data[0].GetProperty("code").GetInt32().ShouldBe(-1121);

        await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=NONE");
        var (decisions, after) = await events.NextAsync("decisions");

        after.ShouldBeLessThan(Soon);
        decisions.GetArrayLength().ShouldBe(1);
        decisions[0].GetProperty("number").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_lasts_for_a_minute_and_the_next_goes_on_where_it_was_if_its_user_may_still_read()
    {
        var time = new ManualTimeProvider();
        await using var world = await DashboardWorld.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=NONE");
        using var events = await EventReader.OpenAsync(world.Page);
        await events.NextAsync("live");

        time.Advance(TimeSpan.FromMinutes(1));
        await events.EndAsync();

        events.Received[^1].Name.ShouldBe("renew");
        var (decision, sample) = (Last(events, "decisions"), Last(events, "samples"));
        using var next = await EventReader.OpenAsync(world.Page, $"?decision={decision}&sample={sample}");
        await next.NextAsync("live");
        next.Received.ShouldNotContain(received => received.Name == "decisions");
        next.Received.Where(received => received.Name == "samples").SelectMany(received => received.Data.EnumerateArray()).ShouldAllBe(later => later.GetProperty("number").GetInt64() > sample);
        world.Page.DefaultRequestHeaders.Clear();
        using var refused = await world.Page.GetAsync($"/exchange/events?decision={decision}&sample={sample}", HttpCompletionOption.ResponseHeadersRead);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_ban_is_told_within_a_second()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        await events.NextAsync("live");
        world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromMinutes(2)));

        await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=BTCUSDT");
        var (state, after) = await events.NextAsync("live", state => Lane(state, "Ip") is { } lane && lane.GetProperty("state").GetString() == "Held");

        after.ShouldBeLessThan(Soon);
        var held = Lane(state, "Ip")!.Value;
        held.GetProperty("code").GetInt32().ShouldBe(-1003);
        var left = held.GetProperty("until").GetDateTimeOffset() - DateTimeOffset.FromUnixTimeMilliseconds(state.GetProperty("now").GetInt64());
        left.ShouldBeInRange(TimeSpan.FromSeconds(115), TimeSpan.FromSeconds(130));
    }

    [Fact]
    public async Task An_order_in_doubt_comes_with_its_trail_and_goes_with_its_verdict()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        await world.LoseAsync("lost-1");

        var (doubted, _) = await events.NextAsync("live", state => state.GetProperty("live").GetProperty("inDoubtCount").GetInt32() == 1);
        var order = doubted.GetProperty("live").GetProperty("inDoubt")[0];
        order.GetProperty("clientOrderId").GetString().ShouldBe("lost-1");
        order.GetProperty("state").GetString().ShouldBe("Searching");
        order.GetProperty("trail").GetArrayLength().ShouldBeGreaterThan(0);

        var inDoubt = world.Services.GetService(typeof(IInDoubtOrders)) as IInDoubtOrders;
        inDoubt!.Settle(inDoubt.List().Single(), ExecutionStatus.NotExecuted, "ann", "looked it up").ShouldBeTrue();
        var (settled, after) = await events.NextAsync("live", state => state.GetProperty("live").GetProperty("inDoubtCount").GetInt32() == 0);

        after.ShouldBeLessThan(Soon);
        settled.GetProperty("live").GetProperty("verdicts")[0].GetProperty("evidence").GetString().ShouldBe("settled by ann: looked it up");
    }

    [Fact]
    public async Task Errors_are_counted_over_time()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        await world.CallAsync(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=NONE");

        var (samples, _) = await events.NextAsync("samples", samples => samples.EnumerateArray().Any(sample => sample.GetProperty("errors").GetArrayLength() > 0));

        var error = samples.EnumerateArray().SelectMany(sample => sample.GetProperty("errors").EnumerateArray()).Single();
        (error.GetProperty("code").GetInt32(), error.GetProperty("count").GetInt64()).ShouldBe((-1121, 1));
    }

    [Fact]
    public async Task Open_pages_do_not_keep_the_program_from_ending()
    {
        await using var world = await DashboardWorld.StartAsync();
        using var events = await EventReader.OpenAsync(world.Page);
        await events.NextAsync("live");

        await world.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));
        await events.EndAsync();
    }

    [Fact]
    public async Task No_more_pages_are_served_than_are_good_and_a_closed_one_makes_room()
    {
        await using var world = await DashboardWorld.StartAsync();
        var open = new List<EventReader>();
        for (var i = 0; i < EventStream.MostPages; i++)
        {
            open.Add(await EventReader.OpenAsync(world.Page));
        }

        (await world.Page.GetAsync("/exchange/events", HttpCompletionOption.ResponseHeadersRead)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        open.ForEach(reader => reader.Dispose());
        var patience = TimeProvider.System.GetTimestamp();
        HttpStatusCode status;
        do
        {
            using var response = await world.Page.GetAsync("/exchange/events", HttpCompletionOption.ResponseHeadersRead);
            status = response.StatusCode;
        }
        while (status != HttpStatusCode.OK && TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromSeconds(10));

        status.ShouldBe(HttpStatusCode.OK);
    }

    private static JsonElement? Lane(JsonElement state, string kind) =>
        state.GetProperty("live").GetProperty("lanes").EnumerateArray().Cast<JsonElement?>().FirstOrDefault(lane => lane!.Value.GetProperty("lane").GetString() == kind);

    private static long Last(EventReader events, string name) => events.Received.Last(received => received.Name == name).Data.EnumerateArray().Last().GetProperty("number").GetInt64();
}
