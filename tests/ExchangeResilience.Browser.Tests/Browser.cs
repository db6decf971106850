using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(ExchangeResilience.Browser.Tests.Browser))]

namespace ExchangeResilience.Browser.Tests;

/// <summary>One Chromium, the system's own, for all tests.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public static string Root { get; } = FindRoot();

    /// <summary>Where pictures of what was tested are put.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(Path.Combine(Root, ".artifacts", "screenshots")).FullName;

    public async ValueTask InitializeAsync()
    {
        // What is waited for comes as soon as it can; how soon is asked only where a test measures it.
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,

            // Chromium refuses its sandbox to root, which tests in containers are; the pages are this repository's own.
            Args = ["--no-sandbox", "--disable-gpu"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    internal async Task<Tab> OpenAsync(string address, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 780 : 900 },
            DeviceScaleFactor = width < 600 ? 2 : 1,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "UTC",
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        var tab = new Tab(context, page);
        await page.GotoAsync(address);
        return tab;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Resilience.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"Resilience.sln is not above {AppContext.BaseDirectory}");
        }

        return folder;
    }
}

/// <summary>One page, and everything it complained of.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    public Tab(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>Errors of the script, and what the content security policy has refused.</summary>
    public IReadOnlyList<string> Complaints => [.. _complaints];

    public ILocator this[string selector] => Page.Locator(selector);

    /// <summary>Takes pictures of a state at a desk and on a phone, by day and by night, and checks each. What takes longest, the check for who sees little, is made where it can find most.</summary>
    /// <param name="picture">The name of the state.</param>
    /// <param name="isWhole">Whether all of the page matters, and not only what is seen first.</param>
    /// <param name="mayComplain">Whether the browser has something to complain of.</param>
    public async Task ShouldBeReadableEverywhereAsync(string picture, bool isWhole = false, bool mayComplain = false)
    {
        foreach (var width in (int[])[1280, 390])
        {
            await Page.SetViewportSizeAsync(width, width < 600 ? 780 : 900);
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await Page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
                var name = FormattableString.Invariant($"{picture}-{width}-{scheme.ToString().ToLowerInvariant()}");
                await ShouldBeReadableAsync(name, isWhole, mayComplain);
                if ((width < 600 && scheme == ColorScheme.Dark) || (isWhole && width > 600 && scheme == ColorScheme.Light))
                {
                    await ShouldBeAccessibleAsync(name);
                }
            }
        }
    }

    /// <summary>Takes a picture, to be looked at, and checks what a program can see: that nothing scrolls sideways, and nothing was complained of.</summary>
    private async Task ShouldBeReadableAsync(string picture, bool isWhole, bool mayComplain)
    {
        await Page.EvaluateAsync("scrollTo(0, 0)");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Browser.Pictures, $"{picture}.png"), FullPage = isWhole });

        (await Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(Page.ViewportSize!.Width, $"{picture}: the page must not scroll sideways");
        if (!mayComplain)
        {
            Complaints.ShouldBeEmpty(picture);
        }
    }

    private async Task ShouldBeAccessibleAsync(string picture)
    {
        var results = await Page.RunAxe();
        results.Violations.Select(violation => $"{violation.Id}: {string.Join("; ", violation.Nodes.Select(node => node.Html))}").ShouldBeEmpty(picture);
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
