using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ExchangeResilience.Dashboard.Tests;

public sealed partial class PageTests
{
    [Fact]
    public async Task The_page_is_one_piece_and_its_policy_lets_nothing_else_run_or_load()
    {
        await using var world = await DashboardWorld.StartAsync();

        using var response = await world.Page.GetAsync("/exchange");
        var html = await response.Content.ReadAsStringAsync();
        var policy = string.Join(",", response.Headers.GetValues("Content-Security-Policy"));

        response.IsSuccessStatusCode.ShouldBeTrue();
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        policy.ShouldBe(
            $"default-src 'none'; style-src {HashOf(Style().Match(html).Groups["text"].Value)}; script-src {HashOf(Script().Match(html).Groups["text"].Value)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        Script().Count(html).ShouldBe(1);
        Style().Count(html).ShouldBe(1);
        Elsewhere().Matches(html).Select(match => match.Value).ShouldAllBe(address => address == "http://www.w3.org/2000/svg");
        html.ShouldNotContain(" style=");
        html.ShouldNotContain("innerHTML");
        Handlers().IsMatch(html).ShouldBeFalse("an inline handler would not run under the policy");
    }

    [Fact]
    public async Task Nothing_of_it_is_kept_sniffed_or_framed()
    {
        await using var world = await DashboardWorld.StartAsync();

        foreach (var path in (string[])["/exchange", "/exchange/state"])
        {
            using var response = await world.Page.GetAsync(path);
            response.Headers.CacheControl!.NoStore.ShouldBeTrue(path);
            response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            response.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
            response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        }
    }

    [Fact]
    public async Task It_has_landmarks_captions_and_a_polite_live_region()
    {
        await using var world = await DashboardWorld.StartAsync();

        var html = await world.Page.GetStringAsync("/exchange");

        foreach (var part in (string[])["<html lang=\"en\">", "<header>", "<main ", "<caption>", "aria-live=\"polite\"", "role=\"alert\"", "prefers-color-scheme: dark", ":focus-visible", "class=\"skip\""])
        {
            html.ShouldContain(part);
        }

        Section().Matches(html).ShouldAllBe(section => section.Value.Contains("aria-labelledby"));
    }

    private static string HashOf(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    [GeneratedRegex("<style>(?<text>.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<script>(?<text>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex(@"\bhttps?://[^\s""'`<]+|(?<=\burl\()[^)]*|(?<=@import )\S+")]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"<[^>]*\son\w+=")]
    private static partial Regex Handlers();

    [GeneratedRegex("<section[^>]*>")]
    private static partial Regex Section();
}
