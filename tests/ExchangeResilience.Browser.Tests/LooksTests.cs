using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests;

/// <summary>How the pages look on a bad day, at a desk and on a phone; the pictures are there to be looked at.</summary>
public sealed class LooksTests(Browser browser)
{
    private static readonly object BadDay = new { rate = 12, unknown = 6, lost = 8, neverArrived = 0, overloaded = 8, tooMany = 0, rejected = 6, queryLag = 4 };

    [Fact]
    public async Task Every_page_is_readable_at_a_desk_and_on_a_phone_by_day_and_by_night()
    {
        await using var desk = await DeskProcess.StartAsync(BadDay);
        desk.Save("""{ "ExchangeErrorHandling": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 2, "BaseDelay": "40ms" }, "Overloaded": { "MaxAttempts": 8 } } } }""");
        await using (var watch = await browser.OpenAsync(desk.Dashboard))
        {
            // Enough has happened once an order was settled, errors were drawn and the clock was measured. What was lost is found when the exchange shows it, seconds later.
            await Expect(watch["#verdicts-box"]).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await Expect(watch["#clients tr.overridden"].First).ToBeAttachedAsync();
            await Expect(watch["#errors-chart rect"].First).ToBeAttachedAsync();
            await Expect(watch["#clock-chart .curve"].First).ToBeAttachedAsync();
            await desk.CauseAsync("lose");
            await Expect(watch["#doubt > .order"].First).ToBeVisibleAsync();
            await desk.CauseAsync("ban");
            await Expect(watch[".card.Held"].First).ToBeVisibleAsync();
        }

        foreach (var width in (int[])[1280, 360])
        {
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await LookAsync(desk.Dashboard, "dashboard", width, scheme, async tab =>
                {
                    await Expect(tab[".card"].First).ToBeVisibleAsync();
                    await Expect(tab["#clients tbody tr"].First).ToBeAttachedAsync();
                    await tab.Page.EvaluateAsync("document.querySelector('#doubt details')?.setAttribute('open', '')");
                });
                await LookAsync(desk.Address.ToString(), "desk", width, scheme, async tab => await Expect(tab["#sliders input"]).ToHaveCountAsync(8));
            }
        }
    }

    [Fact]
    public async Task The_dialog_and_a_quiet_day_are_readable_too()
    {
        await using var desk = await DeskProcess.StartAsync();
        await LookAsync(desk.Dashboard, "quiet", 1280, ColorScheme.Light, async tab => await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt."));
        await LookAsync(desk.Dashboard, "dialog", 360, ColorScheme.Dark, async tab =>
        {
            await tab["#halt"].ClickAsync();
            await Expect(tab["#dialog"]).ToBeVisibleAsync();
        });
    }

    private async Task LookAsync(string address, string name, int width, ColorScheme scheme, Func<Tab, Task> prepare)
    {
        await using var tab = await browser.OpenAsync(address, width, scheme);
        await prepare(tab);
        await tab.ShouldBeReadableAsync(FormattableString.Invariant($"{name}-{width}-{scheme.ToString().ToLowerInvariant()}"));
    }
}
