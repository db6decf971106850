using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests;

/// <summary>The sample itself.</summary>
public sealed class DeskTests(Browser browser)
{
    [Fact]
    public async Task A_slider_changes_what_the_bot_meets()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Address.ToString());
        var slider = tab.Page.GetByLabel("Refused: invalid (-1121)");
        await slider.FocusAsync();

        await tab.Page.Keyboard.PressAsync("End");

        await Expect(slider).ToHaveValueAsync("16");
        await using var dashboard = await browser.OpenAsync(desk.Dashboard);
        await Expect(dashboard["#decisions"]).ToContainTextAsync("-1121");
        await Expect(tab["#done"]).Not.ToHaveTextAsync("0");
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_tells_its_options_and_what_is_wrong_with_them()
    {
        var help = await DeskProcess.RunAsync("--help");
        help.ExitCode.ShouldBe(0);
        help.Output.ShouldContain("--port N");

        var wrong = await DeskProcess.RunAsync("--port", "many");
        wrong.ExitCode.ShouldBe(2);
        wrong.Errors.ShouldContain("--port 'many' is not a port");
        wrong.Output.ShouldBeEmpty();
    }
}
