using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ExchangeResilience.Browser.Tests.Proxies;

/// <summary>The page behind a real proxy on the same machine, where everybody is local, and beside pages of other origins.</summary>
public sealed class ProxyTests(Browser browser)
{
    private static readonly string[] Doors = ["/exchange", "/exchange/state", "/exchange/events", "/exchange/decisions/1"];

    [Theory]
    [InlineData(LocalNginx.Bare)]
    [InlineData(LocalNginx.Telling)]
    public async Task A_proxy_that_can_be_told_lends_nobody_its_address(string directives)
    {
        await using var program = await OpenProgram.StartAsync();
        await using var proxy = await LocalNginx.StartAsync(program.Address, directives);
        using var http = new HttpClient { BaseAddress = proxy.Address };

        foreach (var door in Doors)
        {
            (await StatusAsync(http, door)).ShouldBe(HttpStatusCode.Forbidden, door);
        }

        (await ActAsync(http)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Through_a_proxy_that_cannot_be_told_is_read_what_was_allowed_by_name_and_nothing_done()
    {
        await using var program = await OpenProgram.StartAsync();
        await using var proxy = await LocalNginx.StartAsync(program.Address, LocalNginx.Bare11);
        using var http = new HttpClient { BaseAddress = proxy.Address };

        (await StatusAsync(http, "/exchange/state")).ShouldBe(HttpStatusCode.OK);
        (await ActAsync(http)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData(LocalNginx.Bare)]
    [InlineData(LocalNginx.Bare11)]
    [InlineData(LocalNginx.Telling)]
    public async Task With_a_policy_the_policy_decides_behind_every_proxy(string directives)
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var proxy = await LocalNginx.StartAsync(desk.Address, directives);
        using var http = new HttpClient { BaseAddress = proxy.Address };
        foreach (var door in Doors)
        {
            (await StatusAsync(http, door)).ShouldBe(HttpStatusCode.Unauthorized, door);
        }

        (await ActAsync(http)).ShouldBe(HttpStatusCode.Unauthorized);

        await using var tab = await browser.OpenAsync(new Uri(proxy.Address, new Uri(desk.Dashboard).PathAndQuery).ToString());
        await Expect(tab["#line"]).ToHaveTextAsync("Live");
        await tab["#halt"].ClickAsync();
        await tab["#dialog-yes"].ClickAsync();
        await Expect(tab["#headline"]).ToContainTextAsync("New orders are stopped");
        tab.Complaints.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://localhost:18099/")]
    [InlineData("http://127.0.0.1:18099/")]
    public async Task No_page_of_another_origin_reads_holds_streams_or_acts(string foreign)
    {
        await using var desk = await DeskProcess.StartAsync();
        await using var proxy = await LocalNginx.StartAsync(desk.Address, LocalNginx.Telling);

        // The operator is signed in, in the same browser.
        await using var tab = await browser.OpenAsync(new Uri(proxy.Address, new Uri(desk.Dashboard).PathAndQuery).ToString());
        await Expect(tab["#line"]).ToHaveTextAsync("Live");
        var evil = await tab.Page.Context.NewPageAsync();
        await evil.RouteAsync(foreign + "**", static route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html><title>elsewhere</title>" }));
        await evil.GotoAsync(foreign);

        var came = await evil.EvaluateAsync<string[]>(
            """
            async dashboard => {
              const ask = async (path, options) => { try { const reply = await fetch(dashboard + path, { credentials: "include", ...options }); return `${reply.type} ${(await reply.text()).length}`; } catch { return "nothing"; } };
              const stream = () => new Promise(resolve => { const source = new EventSource(dashboard + "/events", { withCredentials: true }); source.onopen = () => resolve("open"); source.onmessage = () => resolve("told"); source.onerror = () => { if (source.readyState === EventSource.CLOSED) resolve("nothing"); }; });
              const script = () => new Promise(resolve => { const element = document.createElement("script"); element.src = dashboard + "/state"; element.onload = () => resolve("loaded"); element.onerror = () => resolve("nothing"); document.head.append(element); });
              return [
                await ask("", {}), await ask("/state", {}), await ask("/state", { mode: "no-cors" }), await script(),
                ...await Promise.all(Array.from({ length: 4 }, stream)),
                await ask("/actions/stop", { method: "POST", headers: { "Content-Type": "application/json", "X-Exchange-Dashboard": "1" }, body: "{}" }),
                await ask("/actions/stop", { method: "POST", mode: "no-cors", body: "{}" }),
              ];
            }
            """,
            new Uri(proxy.Address, "/exchange").ToString());

        came.ShouldAllBe(answer => answer == "nothing" || answer == "opaque 0", string.Join(", ", came));
        (await desk.StateAsync()).GetProperty("live").GetProperty("halt").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> ActAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/exchange/actions/stop") { Content = JsonContent.Create(new { }), Headers = { { "X-Exchange-Dashboard", "1" } } };
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
