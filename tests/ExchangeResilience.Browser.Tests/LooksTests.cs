using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests;

/// <summary>How every state of the page looks at a desk and on a phone, by day and by night; the pictures are there to be looked at.</summary>
public sealed class LooksTests(Browser browser)
{
    private static readonly object BadDay = new { rate = 12, unknown = 6, lost = 8, neverArrived = 0, overloaded = 8, tooMany = 0, rejected = 6, queryLag = 4 };

    [Fact]
    public async Task A_quiet_day_and_new_orders_stopped_are_readable()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");
        await Expect(tab["#rate-text"]).ToContainTextAsync("In the last minute");
        await tab.ShouldBeReadableEverywhereAsync("quiet", isWhole: true);

        await tab["#halt"].ClickAsync();
        await tab.ShouldBeReadableEverywhereAsync("stop");
        await tab["#dialog-yes"].ClickAsync();
        await Expect(tab["#dialog-title"]).ToHaveTextAsync("New orders are stopped. Why?");
        await tab.ShouldBeReadableEverywhereAsync("why");
        await tab["#dialog-no"].ClickAsync();
        await Expect(tab["#alarms"]).ToContainTextAsync("no reason given yet");
        await tab.ShouldBeReadableEverywhereAsync("stopped");

        await using var sliders = await browser.OpenAsync(desk.Address.ToString());
        await Expect(sliders["#sliders input"]).ToHaveCountAsync(8);
        await sliders.ShouldBeReadableEverywhereAsync("desk", isWhole: true);
    }

    [Fact]
    public async Task A_bad_day_and_a_lost_connection_are_readable()
    {
        await using var desk = await DeskProcess.StartAsync(BadDay);
        await using var tab = await browser.OpenAsync(desk.Dashboard);

        // Enough has happened once an order was settled, errors were drawn and the clock was measured. What was lost is found when the exchange shows it, seconds later.
        await Expect(tab["#verdicts-box"]).ToBeVisibleAsync(new() { Timeout = 60_000 });
        desk.Save("""{ "ExchangeErrorHandling": { "Policies": { "-1121": { "Action": "Retri" } } } }""");
        await Expect(tab["#clients .reload"]).ToContainTextAsync("Retri");
        await Expect(tab["#errors-chart rect"].First).ToBeAttachedAsync();
        await Expect(tab["#clock-chart .curve"].First).ToBeAttachedAsync();
        await tab["#decisions summary"].First.ClickAsync();
        await Expect(tab["#decisions .advice"].First).ToBeVisibleAsync();
        await desk.CauseAsync("lose");
        await Expect(tab["#doubt > .order"].First).ToBeVisibleAsync();
        await desk.CauseAsync("ban");
        await Expect(tab[".card.Held"].First).ToBeVisibleAsync();
        await Expect(tab["#doubt"]).ToContainTextAsync("the exchange is asked next when the Ip lane opens, at", new() { IgnoreCase = true });
        await tab.Page.EvaluateAsync("document.querySelector('#doubt details')?.setAttribute('open', '')");
        await tab.ShouldBeReadableEverywhereAsync("bad-day", isWhole: true);

        await tab["#doubt > .order"].First.GetByRole(AriaRole.Button).Last.ClickAsync();
        await tab.ShouldBeReadableEverywhereAsync("settle");
        await tab["#dialog-no"].ClickAsync();

        (await desk.InterruptAsync()).ShouldBe(0);
        await Expect(tab["#headline"]).ToContainTextAsync("Connection lost");
        await tab.ShouldBeReadableEverywhereAsync("lost", mayComplain: true);
    }

    [Fact]
    public async Task A_page_that_may_only_be_read_is_readable()
    {
        await using var program = await OpenProgram.StartAsync();
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());
        await Expect(tab["#headline"]).ToHaveTextAsync("futures is not protected");
        await tab.ShouldBeReadableEverywhereAsync("reading");
    }
}
