using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ExchangeResilience.Testing;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests;

/// <summary>How the page words what its stream says, where that takes a state that a program comes into rarely.</summary>
public sealed class WordsTests(Browser browser)
{
    [Theory]
    [InlineData(60, 20, 60)]
    [InlineData(20, 60, 60)]
    [InlineData(-5, 60, 60)]
    public async Task Absence_cannot_be_proven_before_the_exchange_is_asked(int nextIn, int provableIn, int shownIn)
    {
        await using var program = await OpenProgram.StartAsync(new InMemoryOrderJournal());
        var state = await StateAsync(program);
        var now = TimeProvider.System.GetUtcNow();
        state["live"]!["inDoubtCount"] = 1;
        state["live"]!["inDoubt"] = new JsonArray(new JsonObject
        {
            ["client"] = "futures", ["account"] = "a", ["symbol"] = "BTCUSDT", ["clientOrderId"] = "lost", ["kind"] = "Place", ["since"] = now, ["state"] = "Searching", ["trail"] = new JsonArray(),
            ["nextQuestionAt"] = now.AddSeconds(nextIn), ["provableFrom"] = now.AddSeconds(provableIn),
        });
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());

        await SayAsync(tab, $"event: live\ndata: {state.ToJsonString()}\n\n");

        var shown = await tab.Page.EvaluateAsync<string>("at => new Date(at).toTimeString().slice(0, 8)", now.AddSeconds(shownIn).ToString("O", CultureInfo.InvariantCulture));
        await Expect(tab["#doubt > .order"]).ToContainTextAsync($"absence can be proven from {shown} on.");
    }

    [Fact]
    public async Task What_turns_the_direction_of_text_is_written_out_wherever_an_id_or_a_name_is_shown()
    {
        const string Turned = "a\u202egnihton\u2066\u200bz", Shown = @"a\u202egnihton\u2066\u200bz";
        await using var program = await OpenProgram.StartAsync(new InMemoryOrderJournal());
        var state = await StateAsync(program);
        var now = TimeProvider.System.GetUtcNow();
        state["live"]!["inDoubtCount"] = 1;
        state["live"]!["inDoubt"] = new JsonArray(new JsonObject
        {
            ["client"] = Turned, ["account"] = "a", ["symbol"] = Turned, ["clientOrderId"] = Turned, ["kind"] = "Place", ["since"] = now, ["state"] = "Searching",
            ["trail"] = new JsonArray(Turned, $"2026-01-01 00:00:00.000Z {Turned}"), ["nextQuestionAt"] = now, ["provableFrom"] = now,
        });
        state["live"]!["contradictions"] = new JsonArray(new JsonObject { ["at"] = now, ["kind"] = "Place", ["symbol"] = "BTCUSDT", ["clientOrderId"] = Turned, ["status"] = "FILLED" });
        state["live"]!["process"] = Turned;
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());

        await SayAsync(tab, $"event: live\ndata: {state.ToJsonString()}\n\n");

        await Expect(tab["#doubt > .order"]).ToContainTextAsync(Shown);
        await Expect(tab["#alarms"]).ToContainTextAsync($"Place BTCUSDT {Shown} was reported as not executed");
        await Expect(tab["#identity"]).ToContainTextAsync(Shown);
        (await tab.Page.EvaluateAsync<bool>("() => /\\p{Cf}/u.test(document.title + document.body.textContent)")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_clock_that_is_an_hour_off_has_an_axis_in_hours()
    {
        await using var program = await OpenProgram.StartAsync(new InMemoryOrderJournal());
        var samples = new JsonArray([.. Enumerable.Range(1, 5).Select(static number => new JsonObject
        {
            ["number"] = number, ["at"] = TimeProvider.System.GetUtcNow().AddSeconds(number), ["weights"] = new JsonArray(), ["errors"] = new JsonArray(),
            ["clocks"] = new JsonArray(new JsonObject { ["environment"] = "live", ["offsetMs"] = 3_600_000, ["uncertaintyMs"] = 12 }),
            ["trade"] = new JsonObject { ["requests"] = 0, ["orders"] = 0, ["failed"] = 0, ["p50Ms"] = null, ["p99Ms"] = null },
        })]);
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());

        await SayAsync(tab, $"event: live\ndata: {(await StateAsync(program)).ToJsonString()}\n\nevent: samples\ndata: {samples.ToJsonString()}\n\n");

        await Expect(tab["#clock-chart text"]).ToHaveTextAsync([new Regex("^0$"), new Regex(@"^\+1 h 0 min$"), new Regex(@"^\+2 h 0 min$"), new Regex("min ago$"), new Regex("^now$")]);
    }

    private static async Task<JsonNode> StateAsync(OpenProgram program)
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<JsonNode>(new Uri(program.Address, "/exchange/state")))!;
    }

    /// <summary>The stream as the test writes it, in place of the program's.</summary>
    private static async Task SayAsync(Tab tab, string events)
    {
        await tab.Page.RouteAsync("**/exchange/events*", route => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = events }));
        await tab.Page.ReloadAsync();
    }
}
