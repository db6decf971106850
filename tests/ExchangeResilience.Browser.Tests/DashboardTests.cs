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
              const look = () => document.querySelector(".card.Held .clock") && /^Ip lane banned by the exchange for \d+ s more, until \d\d:\d\d:\d\d UTC: nothing leaves, cancels neither \(-1003\)/.test(document.querySelector("#headline").textContent) ? resolve(Date.now()) : requestAnimationFrame(look);
              look();
            })
            """);

        await desk.CauseAsync("ban");
        var shownAt = await shown;
        await Expect(tab["#decisions"]).ToContainTextAsync("-1003");
        var began = (await desk.StateAsync()).GetProperty("decisions").EnumerateArray().Where(decision => decision.GetProperty("code").GetInt32() == -1003).Min(decision => decision.GetProperty("at").GetDateTimeOffset());

        // The lane closes by the head of the reply, a moment before the decision about its call.
        (shownAt - began.ToUnixTimeMilliseconds()).ShouldBeLessThanOrEqualTo(1000, "milliseconds from the ban to the picture");
        await Expect(tab[".card.Held"]).ToContainTextAsync(new Regex(@"banned by the exchange until \d\d:\d\d:\d\d UTC: nothing leaves, cancels neither; closed by -1003"));
        await Expect(tab["#spoken"]).ToContainTextAsync("Ip lane");
        await Expect(tab.Page).ToHaveTitleAsync(new Regex(@"^\(!\) Ip lane banned by the exchange for"));

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
        await Expect(order.Locator("h3")).ToHaveTextAsync(new Regex(@"^Place BUY MARKET 0\.00\d BTCUSDT$"));
        await Expect(order).ToContainTextAsync(new Regex(@"since \d\d:\d\d:\d\d, for \d+ s"));
        await Expect(order).ToContainTextAsync(new Regex(@"is asked (now|next at \d\d:\d\d:\d\d)|being asked now"));
        await Expect(order).ToContainTextAsync(new Regex(@"absence can be proven from \d\d:\d\d:\d\d on\."));
        var quantity = (await order.Locator("h3").InnerTextAsync()).Split(' ')[3];
        await Expect(tab["#headline"]).ToHaveTextAsync($"1 order is in doubt: may have bought {quantity} BTCUSDT");
        await order.Locator("summary").ClickAsync();
        await Expect(order.Locator(".trail li").First).ToBeVisibleAsync();
        var id = await order.Locator(".id").InnerTextAsync();

        await order.GetByRole(AriaRole.Button, new() { Name = "Settle although the search runs …" }).ClickAsync();
        var dialog = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = $"Settle {id}?" });
        await Expect(dialog.Locator("#dialog-text")).ToContainTextAsync("The search still runs");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle the order" }).ClickAsync();
        await Expect(dialog.Locator("#dialog-fault")).ToHaveTextAsync("Say what the exchange's records show.");
        await dialog.GetByLabel("was not executed").CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle the order" }).ClickAsync();
        await Expect(dialog.Locator("#dialog-fault")).ToHaveTextAsync("A reason is needed.");
        await dialog.GetByLabel(new Regex("^Reason")).FillAsync("not in the order history");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Settle the order" }).ClickAsync();

        await Expect(tab["#toast"]).ToHaveTextAsync("The order is settled: not executed.");
        await Expect(order).ToHaveCountAsync(0);
        await Expect(tab["#doubt-count"]).ToHaveTextAsync("0");
        await tab["#verdicts-box > summary"].ClickAsync();
        await Expect(tab["#verdicts"]).ToContainTextAsync($"{id}: settled by operator: not in the order history");
        await Expect(tab["#verdicts li"].Filter(new() { HasText = id }).Locator(".tag")).ToHaveTextAsync("not executed");
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_in_doubt_is_settled_by_evidence()
    {
        await using var desk = await DeskProcess.StartAsync(new { rate = 20, unknown = 0, lost = 16, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 0, queryLag = 3 });
        await using var tab = await browser.OpenAsync(desk.Dashboard);

        await Expect(tab["#doubt > .order"].First).ToBeVisibleAsync();
        await tab["#verdicts-box > summary"].ClickAsync();
        await Expect(tab["#verdicts"]).ToContainTextAsync("executed");
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_override_takes_effect_after_the_settings_are_edited_and_a_faulty_one_is_refused()
    {
        await using var desk = await DeskProcess.StartAsync(new { rate = 10, unknown = 0, lost = 0, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 16, queryLag = 0 });
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#decisions"]).ToContainTextAsync("given to the caller (fails fast by policy)");
        await Expect(tab["#decisions td[data-label='Effect']"].First).ToHaveTextAsync("not executed");
        await Expect(tab["#clients tr.overridden"]).ToHaveCountAsync(0);

        desk.Save("""{ "ExchangeErrorHandling": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 3, "BaseDelay": "40ms" } } } }""");

        await Expect(tab["#clients tr.overridden"]).ToContainTextAsync("-1121");
        await Expect(tab["#clients tr.overridden td[data-label='Effect']"]).ToHaveTextAsync("as the error says");
        await Expect(tab["#clients .reload"]).ToContainTextAsync("Reload accepted");
        await Expect(tab["#decisions"]).ToContainTextAsync(new Regex(@"-1121.*retry \d of 2 in \d+ ms \(retried by policy\)"));

        desk.Save("""{ "ExchangeErrorHandling": { "Policies": { "-1121": { "Action": "Retri" } } } }""");

        await Expect(tab["#clients .reload"]).ToContainTextAsync("Reload refused");
        await Expect(tab["#clients .reload"]).ToContainTextAsync("Retri");
        await Expect(tab["#headline"]).ToHaveTextAsync("Settings of FuturesClient are refused");
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
        await Expect(tab["#dialog-yes"]).ToBeFocusedAsync();
        await Expect(tab["#dialog-text"]).ToContainTextAsync("a restart of the program trades again");
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(tab["#halt"]).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.Keyboard.PressAsync("Enter");

        // They are stopped before anybody has said why.
        await Expect(tab["#headline"]).ToHaveTextAsync("New orders are stopped");
        await Expect(tab["#alarms"]).ToContainTextAsync("by operator: no reason given yet. Cancels and closing orders pass. A restart of the program trades again.");
        await Expect(tab["#alarms button"]).ToHaveTextAsync("Say why …");
        await Expect(tab["#dialog-reason"]).ToBeFocusedAsync();
        await tab.Page.Keyboard.TypeAsync("<img src=x onerror=document.title='forged'> drill");
        await tab.Page.Keyboard.PressAsync("Enter");

        await Expect(tab["#alarms"]).ToContainTextAsync("by operator: <img src=x onerror=document.title='forged'> drill");
        await Expect(tab["#headline"]).ToHaveTextAsync("New orders are stopped");
        await Expect(tab["#alarms button"]).ToHaveCountAsync(0);
        await Expect(tab["#decisions"]).ToContainTextAsync("ORDERS_STOPPED: new orders are stopped by operator since");
        await Expect(tab["#halt"]).ToHaveTextAsync("Allow new orders …");
        await Expect(tab["#halt"]).ToBeFocusedAsync();

        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.Keyboard.TypeAsync("over");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab["#alarms"]).ToBeEmptyAsync();
        tab.Complaints.ShouldBeEmpty();
    }
}
