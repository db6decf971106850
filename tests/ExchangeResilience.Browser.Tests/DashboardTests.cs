using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests;

/// <summary>The dashboard of the trading desk, in a browser.</summary>
public sealed class DashboardTests(Browser browser)
{
    [Fact]
    public async Task A_ban_is_shown_within_a_second_of_its_start()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");
        var shown = tab.Page.EvaluateAsync<long>(
            """
            () => new Promise(resolve => {
              const look = () => document.querySelector(".card.Held .clock") && /has told this address to wait \d+ s more/.test(document.querySelector("#headline").textContent) ? resolve(Date.now()) : requestAnimationFrame(look);
              look();
            })
            """);

        await desk.CauseAsync("ban");
        var shownAt = await shown;
        await Expect(tab["#decisions"]).ToContainTextAsync("-1003");
        var began = (await desk.StateAsync()).GetProperty("decisions").EnumerateArray().First(decision => decision.GetProperty("code").GetInt32() == -1003).GetProperty("at").GetDateTimeOffset();

        (shownAt - began.ToUnixTimeMilliseconds()).ShouldBeInRange(0, 1000, "milliseconds from the ban to the picture");
        await Expect(tab[".card.Held"]).ToContainTextAsync("closed by -1003");
        await Expect(tab["#spoken"]).ToContainTextAsync("Address lane");
        await Expect(tab.Page).ToHaveTitleAsync(new Regex(@"^\(!\) The exchange has told this address to wait"));

        // It opens again by itself.
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.", new() { Timeout = 40_000 });
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_in_doubt_appears_and_is_settled_by_an_operators_word()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#doubt-count"]).ToHaveTextAsync("0");

        await desk.CauseAsync("lose");
        var order = tab["#doubt > .order"];
        await Expect(order).ToHaveCountAsync(1);
        await Expect(order).ToContainTextAsync("Place BTCUSDT");
        await Expect(tab["#headline"]).ToHaveTextAsync("1 order is in doubt");
        await order.Locator("summary").ClickAsync();
        await Expect(order.Locator(".trail li").First).ToBeVisibleAsync();
        var id = await order.Locator(".id").InnerTextAsync();

        await order.GetByRole(AriaRole.Button, new() { Name = "Settle …" }).ClickAsync();
        var dialog = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = $"Settle {id}?" });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle the order" }).ClickAsync();
        await Expect(dialog.Locator("#dialog-fault")).ToHaveTextAsync("Say what the exchange's records show.");
        await dialog.GetByLabel("did not take effect").CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle the order" }).ClickAsync();
        await Expect(dialog.Locator("#dialog-fault")).ToHaveTextAsync("A reason is needed.");
        await dialog.GetByLabel(new Regex("^Reason")).FillAsync("not in the order history");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle the order" }).ClickAsync();

        await Expect(tab["#toast"]).ToHaveTextAsync("The order is settled: it had no effect.");
        await Expect(order).ToHaveCountAsync(0);
        await Expect(tab["#doubt-count"]).ToHaveTextAsync("0");
        await tab["#verdicts-box > summary"].ClickAsync();
        await Expect(tab["#verdicts"]).ToContainTextAsync($"{id}: settled by 127.0.0.1: not in the order history");
        await Expect(tab["#verdicts .tag"]).ToHaveTextAsync("no effect");
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_in_doubt_is_settled_by_evidence()
    {
        await using var desk = await DeskProcess.StartAsync(new { rate = 20, unknown = 0, lost = 16, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 0, queryLag = 3 });
        await using var tab = await browser.OpenAsync(desk.Dashboard);

        await Expect(tab["#doubt > .order"].First).ToBeVisibleAsync();
        await tab["#verdicts-box > summary"].ClickAsync();
        await Expect(tab["#verdicts"]).ToContainTextAsync("took effect");
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_override_takes_effect_after_the_settings_are_edited_and_a_faulty_one_is_refused()
    {
        await using var desk = await DeskProcess.StartAsync(new { rate = 10, unknown = 0, lost = 0, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 16, queryLag = 0 });
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#decisions"]).ToContainTextAsync("return: policy fails fast");
        await Expect(tab["#decisions td[data-label='Effect']"].First).ToHaveTextAsync("no effect");
        await Expect(tab["#clients tr.overridden"]).ToHaveCountAsync(0);

        desk.Save("""{ "ExchangeErrorHandling": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 3, "BaseDelay": "40ms" } } } }""");

        await Expect(tab["#clients tr.overridden"]).ToContainTextAsync("-1121");
        await Expect(tab["#clients tr.overridden td[data-label='Effect']"]).ToHaveTextAsync("as the error says");
        await Expect(tab["#clients .reload"]).ToContainTextAsync("Reload accepted");
        await Expect(tab["#decisions"]).ToContainTextAsync(new Regex(@"-1121.*retry in \d+ ms: policy retries"));

        desk.Save("""{ "ExchangeErrorHandling": { "Policies": { "-1121": { "Action": "Retri" } } } }""");

        await Expect(tab["#clients .reload"]).ToContainTextAsync("Reload refused");
        await Expect(tab["#clients .reload"]).ToContainTextAsync("Retri");
        await Expect(tab["#clients tr.overridden"]).ToContainTextAsync("Retry");
        await tab.Page.GetByLabel("Only overrides").CheckAsync();
        await Expect(tab["#clients tbody tr:visible"]).ToHaveCountAsync(1);
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task New_orders_are_stopped_and_allowed_again_by_keyboard_alone()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");

        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab[".skip"]).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab["#halt"]).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab["#dialog-reason"]).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(tab["#halt"]).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.Keyboard.TypeAsync("drill");
        await tab.Page.Keyboard.PressAsync("Enter");

        await Expect(tab["#alarms"]).ToContainTextAsync("by 127.0.0.1: drill");
        await Expect(tab["#headline"]).ToHaveTextAsync("New orders are stopped");
        await Expect(tab["#decisions"]).ToContainTextAsync("ORDERS_STOPPED");
        await Expect(tab["#halt"]).ToHaveTextAsync("Allow new orders …");
        await Expect(tab["#halt"]).ToBeFocusedAsync();

        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.Keyboard.TypeAsync("over");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab["#alarms"]).ToBeEmptyAsync();
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_that_is_cut_off_says_so()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#line"]).ToHaveTextAsync("Live");

        (await desk.InterruptAsync()).ShouldBe(0);

        await Expect(tab["#line"]).ToHaveTextAsync("Connection lost; what is shown is old");
    }
}
