using System.Text.RegularExpressions;
using ExchangeResilience.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests;

/// <summary>What somebody who is called in the night must be able to rely on.</summary>
public sealed partial class OnCallTests(Browser browser)
{
    private static readonly object Rejections = new { rate = 20, unknown = 0, lost = 0, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 16, queryLag = 0 };

    [Fact]
    public async Task A_page_whose_program_ends_greys_and_says_since_when()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#line"]).ToHaveTextAsync("Live");
        await Expect(tab[".card.Open"].First).ToBeVisibleAsync();

        (await desk.InterruptAsync()).ShouldBe(0);

        await Expect(tab["#headline"]).ToHaveTextAsync(Lost());
        await Expect(tab["#line"]).ToHaveTextAsync("Connection lost; trying again");
        await Expect(tab.Page).ToHaveTitleAsync("(!) Connection lost – Exchange");
        await ShouldBeGreyAsync(tab);
    }

    [Fact]
    public async Task A_line_that_dies_without_a_word_is_noticed_and_mended()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab["#line"]).ToHaveTextAsync("Live");
        await tab.Page.Clock.InstallAsync();
        await tab.Page.ReloadAsync();
        await Expect(tab["#line"]).ToHaveTextAsync("Live");

        await desk.SignalAsync("STOP");
        await tab.Page.Clock.FastForwardAsync(13_000);
        await Expect(tab["#headline"]).ToHaveTextAsync(Lost());
        await ShouldBeGreyAsync(tab);

        await desk.SignalAsync("CONT");
        await Expect(tab["#line"]).ToHaveTextAsync("Live");
        await Expect(tab["#headline"]).Not.ToHaveTextAsync(Lost());
        (await tab.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('main')).filter")).ShouldBe("none");
    }

    [Fact]
    public async Task It_tells_whether_there_is_trade_and_its_charts_tell_values()
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var tab = await browser.OpenAsync(desk.Dashboard);

        await Expect(tab["#identity"]).ToHaveTextAsync(new Regex(@"^TradingDesk on \S+:\d+ · \S+ · account \S+$"));
        await Expect(tab["#rate-text"]).ToHaveTextAsync(new Regex(@"^In the last minute [1-9][\d.]* orders/s, [\d.]+ requests/s, (100|9\d(\.\d)?) % succeed$"));
        await Expect(tab["#latency-text"]).ToHaveTextAsync(new Regex(@"^In the last minute p50 [\d.,]+ ms, p99 [\d.,]+ ms$"));

        await tab["#rate-chart svg"].HoverAsync();
        await Expect(tab["#rate-read"]).ToHaveTextAsync(new Regex(@"^\d\d:\d\d:\d\d: .* orders/s, .* requests/s"));
        await tab["#latency-chart"].FocusAsync();
        await tab.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(tab["#latency-read"]).ToHaveTextAsync(new Regex(@"^\d\d:\d\d:\d\d: p50"));
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_decision_opens_to_advice_and_report_and_a_code_keeps_its_colour()
    {
        await using var desk = await DeskProcess.StartAsync(Rejections);
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        var row = tab["#decisions tr"].Filter(new() { HasText = "-1121" }).First;

        await row.Locator("summary").ClickAsync();
        var opened = tab["#decisions details[open]"];
        await Expect(opened.Locator(".advice")).Not.ToBeEmptyAsync();
        await Expect(opened.Locator(".trail li")).ToContainTextAsync([new Regex(@"attempt \d: -1121"), new Regex(@"given to the caller \(fails fast by policy\)")]);

        var mark = tab["#errors-legend li"].Filter(new() { HasText = "-1121" }).Locator("i");
        await Expect(mark).ToBeVisibleAsync();
        var colour = await ColourAsync(mark);
        await desk.TroubleAsync(new { rate = 40, unknown = 0, lost = 0, neverArrived = 0, overloaded = 16, tooMany = 0, rejected = 1, queryLag = 0 });
        await Expect(tab["#errors-legend li"].Filter(new() { HasText = "-1008" })).ToBeVisibleAsync();
        (await ColourAsync(mark)).ShouldBe(colour);
        (await ColourAsync(tab["#errors-legend li"].Filter(new() { HasText = "-1008" }).Locator("i"))).ShouldNotBe(colour);

        await tab.Page.ReloadAsync();
        await Expect(mark).ToBeVisibleAsync();
        (await ColourAsync(mark)).ShouldBe(colour);
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_ban_folds_what_it_turns_away_and_lanes_keep_their_place()
    {
        await using var desk = await DeskProcess.StartAsync();
        await desk.TroubleAsync(new { rate = 40, unknown = 0, lost = 0, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 0, queryLag = 0 });
        await using var tab = await browser.OpenAsync(desk.Dashboard);
        await Expect(tab[".card h3"]).ToHaveTextAsync(["Ip lane", "Orders lane", "Host lane"]);

        await desk.CauseAsync("ban");
        await Expect(tab[".card.Held .state"]).ToHaveTextAsync("banned");
        await Expect(tab["#decisions .tally"].First).ToHaveTextAsync(new Regex(@"^× \d{2,}$"));
        await Expect(tab["#decisions tr"].Filter(new() { HasText = "HELD_BACK" })).ToHaveCountAsync(1);
        await Expect(tab["#decisions tr"].Filter(new() { HasText = "HELD_BACK" })).ToContainTextAsync("the Ip lane is closed");
        await Expect(tab["#decisions tr"].Filter(new() { HasText = "HELD_BACK" })).ToContainTextAsync("given to the caller (held back)");
        await Expect(tab[".card h3"]).ToHaveTextAsync(["Ip lane", "Orders lane", "Host lane"]);
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_journal_that_refuses_orders_is_told_with_its_reason_and_so_is_its_end()
    {
        var journal = new InMemoryOrderJournal();
        await using var program = await OpenProgram.StartAsync(journal);
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");
        journal.FailNext(int.MaxValue, "The disk is full. Make room.");

        (await BuyAsync(program, "a")).IsExecuted.ShouldBeFalse();

        await Expect(tab["#headline"]).ToHaveTextAsync("The order journal fails: orders are refused");
        await Expect(tab["#headline"]).ToHaveClassAsync("headline bad");
        await Expect(tab["#alarms"]).ToHaveTextAsync("The order journal fails, so orders are refused: The disk is full. Make room. Queries and cancels go on.");
        await tab.ShouldBeReadableEverywhereAsync("journal");

        journal.FailNext(0);
        (await BuyAsync(program, "b")).IsExecuted.ShouldBeTrue();
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");
        await Expect(tab["#alarms"]).ToBeEmptyAsync();
    }

    [Fact]
    public async Task An_exchange_that_gives_no_reply_is_the_headline_until_it_answers()
    {
        var time = new SetForward();
        await using var program = await OpenProgram.StartAsync(new InMemoryOrderJournal(), time);
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");
        using var http = program.Exchanged;
        program.Exchange.Faults.Plan = FaultPlan.Custom(static _ => Fault.DropBeforeExecute);

        (await PriceAsync()).ShouldBeFalse();
        time.By = TimeSpan.FromSeconds(31);
        (await PriceAsync()).ShouldBeFalse();

        await Expect(tab["#headline"]).ToHaveTextAsync(new Regex($@"^No reply from {Regex.Escape(SimulatedExchange.Address.Authority)} since \d\d:\d\d:\d\d, for 3\d s: CONNECTION_LOST"));
        await Expect(tab["#headline"]).ToHaveClassAsync("headline bad");
        program.Exchange.Faults.Plan = FaultPlan.None;
        (await PriceAsync()).ShouldBeTrue();
        await Expect(tab["#headline"]).ToHaveTextAsync("All lanes are open and nothing is in doubt.");

        async Task<bool> PriceAsync() => (await http.SendExchangeAsync(new(HttpMethod.Get, "/fapi/v1/ticker/price?symbol=BTCUSDT"))).IsExecuted;
    }

    [Fact]
    public async Task A_page_without_a_policy_offers_no_action_and_tells_of_a_client_without_protection()
    {
        await using var program = await OpenProgram.StartAsync();
        await using var tab = await browser.OpenAsync(program.Dashboard.ToString());

        await Expect(tab["#headline"]).ToHaveTextAsync("futures is not protected");
        await Expect(tab["#alarms"]).ToContainTextAsync("futures is not protected: it has no key: the exchange cannot be asked what became of its orders.");
        await Expect(tab[".only-reading"]).ToBeVisibleAsync();
        await Expect(tab["button.act:visible"]).ToHaveCountAsync(0);
        tab.Complaints.ShouldBeEmpty();
    }

    private static async Task<ExchangeResult> BuyAsync(OpenProgram program, string id)
    {
        using var http = program.Exchanged;
        using var order = new HttpRequestMessage(HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}");
        return await http.SendExchangeAsync(order);
    }

    private static async Task ShouldBeGreyAsync(Tab tab)
    {
        (await tab.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('main')).filter")).ShouldBe("grayscale(1)");

        // What is not under the filter is the headline and the line's own state.
        (await tab.Page.EvaluateAsync<string>("document.querySelector('#headline').className")).ShouldBe("headline bad");
        (await tab.Page.EvaluateAsync<string>("document.querySelector('#line').className")).ShouldBe("line off");
    }

    /// <summary>The legend is made anew each second, and an element that has just gone has no colour: the next one has.</summary>
    private static async Task<string> ColourAsync(ILocator mark)
    {
        const int Most = 20;
        var colour = "";
        for (var look = 0; look < Most && colour.Length == 0; look++)
        {
            colour = await mark.EvaluateAsync<string>("element => getComputedStyle(element).backgroundColor");
        }

        return colour;
    }

    [GeneratedRegex(@"^Connection lost since \d\d:\d\d:\d\d, for \d+ s: what is shown is from then, and trade may go on\.$")]
    private static partial Regex Lost();
}
