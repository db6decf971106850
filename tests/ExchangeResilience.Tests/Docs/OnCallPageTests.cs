using System.Globalization;
using System.Text.RegularExpressions;
using ExchangeResilience.Tests.Conventions;

namespace ExchangeResilience.Tests.Docs;

/// <summary>The page for whoever is called: every event that may call him has a row, and what it says of instruments and defaults is so.</summary>
public sealed partial class OnCallPageTests
{
    private const string Page = "src/ExchangeResilience/docs/on-call.md";

    private static readonly string[] Tables = ["act", "look", "record"];

    // What tells of an end stands in the row of what has ended.
    private static readonly string[] Ends = ["`HostAnswers` 1113", "`RecoveryProgress` 1141", "`JournalBack` 1148", "`SharedBudgetBack` 1153", "`JournalWorksAgain` 1401", "`StoreWorksAgain` 1501"];

    private static readonly ExchangeErrorHandlingOptions Defaults = new();

    [Fact]
    public void Every_warning_and_every_error_of_all_packages_has_one_row()
    {
        var rows = Tables.SelectMany(static table => Markdown.Rows(Markdown.Between(Repository.Read(Page), table))).SelectMany(static row => Named().Matches(row[0])).Select(static named => named.Value).ToList();

        // The core's table says of each event how loud it can be.
        var core = Markdown.Rows(Markdown.Between(Repository.Read("src/ExchangeResilience/README.md"), "events"))
            .Where(static row => row[2].Contains("Warning", StringComparison.Ordinal) || row[2].Contains("Error", StringComparison.Ordinal))
            .Select(static row => $"{row[1]} {row[0]}");
        var others = Repository.Files("src", ".cs").Where(static file => !file.StartsWith("src/ExchangeResilience/", StringComparison.Ordinal))
            .SelectMany(static file => Logged().Matches(Repository.Read(file)))
            .Select(static logged => $"`{logged.Groups["name"].Value}` {logged.Groups["id"].Value}");

        rows.ShouldBe(core.Concat(others).Except(Ends, StringComparer.Ordinal), ignoreOrder: true);
        Ends.ShouldAllBe(static end => Repository.Read(Page).Contains(end, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_alerted_on_is_measured()
    {
        var instruments = Markdown.Rows(Markdown.Between(Repository.Read("src/ExchangeResilience/docs/telemetry.md"), "instruments"));
        var known = instruments.SelectMany(static row => Markdown.Codes(row[0]).Concat(Markdown.Codes(row[3]))).ToHashSet(StringComparer.Ordinal);

        var named = Markdown.Codes(Markdown.Between(Repository.Read(Page), "alerts")).Where(static name => name.StartsWith("exchange.", StringComparison.Ordinal) || name == "error.type").ToList();

        named.Count.ShouldBeGreaterThan(8);
        named.Except(known, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void The_bounds_follow_from_the_defaults()
    {
        var signing = new ExchangeSigningOptions();
        var alerts = Markdown.Between(Repository.Read(Page), "alerts");

        foreach (var said in (string[])
        [
            $"some {Seconds(signing.RecvWindow + Defaults.Reconciliation.SettleMargin)} s (`RecvWindow` {Seconds(signing.RecvWindow)} s and `SettleMargin` {Seconds(Defaults.Reconciliation.SettleMargin)} s)",
            $"(`SendBefore`, {Seconds(Defaults.SendBefore)} s)",
            string.Create(CultureInfo.InvariantCulture, $"above {Defaults.Limits.MaxWaiters / 10} | A tenth of `Limits:MaxWaiters` ({Defaults.Limits.MaxWaiters})"),
        ])
        {
            alerts.ShouldContain(said);
        }

        static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"`\w+` \d{4}", RegexOptions.None, 1000)]
    private static partial Regex Named();

    [GeneratedRegex("""LoggerMessage\((?<id>\d{4}), LogLevel\.(Warning|Error), .*EventName = "(?<name>\w+)"\)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Logged();
}
