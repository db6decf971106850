using System.Text.Json;
using System.Text.RegularExpressions;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;

namespace ExchangeResilience.Tests.Telemetry;

/// <summary>Dashboard and alert rules ask Prometheus for what the documented instruments are called there, the dashboard for all of them.</summary>
public sealed partial class DashboardTests
{
    private const string File = "samples/grafana/exchange-resilience.json";

    private static readonly IReadOnlyList<Instrument> Instruments =
    [
        .. from row in Markdown.Rows(Markdown.Between(Repository.Read("src/ExchangeResilience/docs/telemetry.md").ReplaceLineEndings("\n"), "instruments"))
           select new Instrument(Markdown.Codes(row[0])[0], row[1], Markdown.Codes(row[2])[0], [.. Markdown.Codes(row[3]).Select(NameInPrometheus)]),
    ];

    [Fact]
    public void Every_query_asks_for_what_is_measured_by_tags_it_has()
    {
        foreach (var query in Queries().Concat(Alerts().Select(static alert => alert["expr"])))
        {
            var words = Word().Matches(query).Select(static word => word.Value).ToList();
            var asked = Instruments.Where(instrument => instrument.Names.Any(words.Contains)).ToList();

            asked.ShouldNotBeEmpty(query);
            words.Except(asked.SelectMany(static instrument => instrument.Names.Concat(instrument.Tags)), StringComparer.Ordinal).ShouldBeEmpty(query);
            foreach (var instrument in asked.Where(instrument => instrument.Kind == "Counter"))
            {
                query.ShouldMatch(@"\b(rate|increase)\(", $"{instrument.Name} only ever grows");
            }
        }
    }

    [Fact]
    public void Every_instrument_is_shown()
    {
        var words = Queries().SelectMany(query => Word().Matches(query).Select(static word => word.Value)).ToHashSet(StringComparer.Ordinal);

        Instruments.Where(instrument => !instrument.Names.Any(words.Contains)).Select(static instrument => instrument.Name).ShouldBeEmpty();
    }

    [Fact]
    public void Every_panel_has_a_place_a_title_a_description_and_a_data_source_that_can_be_chosen()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read(File));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();

        panels.Select(static panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        panels.Select(static panel => panel.GetProperty("title").GetString()).ShouldBeUnique();
        foreach (var panel in panels.Where(static panel => panel.GetProperty("type").GetString() != "row"))
        {
            panel.GetProperty("description").GetString().ShouldNotBeNullOrWhiteSpace();
            panel.GetProperty("datasource").GetProperty("uid").GetString().ShouldBe("${datasource}");
            var place = panel.GetProperty("gridPos");
            (place.GetProperty("x").GetInt32() + place.GetProperty("w").GetInt32()).ShouldBeLessThanOrEqualTo(24);
        }

        Tiles(panels).GroupBy(static tile => tile).Where(static tiles => tiles.Count() > 1).ShouldBeEmpty("two panels in one place");
        dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().First().GetProperty("query").GetString().ShouldBe("prometheus");
    }

    [Fact]
    public void Every_alert_that_an_instrument_can_raise_is_a_rule_that_says_what_to_do()
    {
        var alerts = Alerts();
        var words = alerts.SelectMany(static alert => Word().Matches(alert["expr"]).Select(static word => word.Value)).ToHashSet(StringComparer.Ordinal);
        var meant = Markdown.Codes(Markdown.Between(Repository.Read("src/ExchangeResilience/docs/on-call.md"), "alerts")).ToHashSet(StringComparer.Ordinal);

        Instruments.Where(instrument => meant.Contains(instrument.Name) && !instrument.Names.Any(words.Contains)).Select(static instrument => instrument.Name).ShouldBeEmpty();
        alerts.Select(static alert => alert["alert"]).ShouldBeUnique();
        foreach (var alert in alerts)
        {
            alert.Keys.ShouldBe(["alert", "expr", "for", "labels", "annotations", "summary", "description"]);
            alert["for"].ShouldMatch("^[0-9]+m$");
            alert["description"].Length.ShouldBeGreaterThan(20);
        }
    }

    // One key and value on a line, which is all of YAML that the file uses.
    private static List<Dictionary<string, string>> Alerts() =>
    [
        .. from rule in Repository.Read("src/ExchangeResilience/docs/alerts.yml").ReplaceLineEndings("\n").Split("- alert: ").Skip(1)
           select $"alert: {rule}".Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(':', 2)).ToDictionary(static pair => pair[0], static pair => pair[1].Trim(), StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read(File));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString()!,
        ];
    }

    private static IEnumerable<(int X, int Y)> Tiles(IEnumerable<JsonElement> panels) =>
        from panel in panels
        let place = panel.GetProperty("gridPos")
        from x in Enumerable.Range(place.GetProperty("x").GetInt32(), place.GetProperty("w").GetInt32())
        from y in Enumerable.Range(place.GetProperty("y").GetInt32(), place.GetProperty("h").GetInt32())
        select (x, y);

    private static string NameInPrometheus(string name) => name.Replace('.', '_');

    // Names of measurements and tags alike; `error_type` is the one without our prefix.
    [GeneratedRegex(@"\b(?:exchange_\w+|error_type)\b", RegexOptions.None, 1000)]
    private static partial Regex Word();

    /// <summary>An instrument, and what it is called once an exporter has brought it to Prometheus: units are spelled out, counts of things named in braces are not, and what only grows is a total.</summary>
    private sealed record Instrument(string Name, string Kind, string Unit, IReadOnlyList<string> Tags)
    {
        public IReadOnlyList<string> Names { get; } = Kind switch
        {
            "Counter" => [$"{Base(Name, Unit)}_total"],
            "Histogram" => [$"{Base(Name, Unit)}_bucket", $"{Base(Name, Unit)}_sum", $"{Base(Name, Unit)}_count"],
            _ => [Base(Name, Unit)],
        };

        private static string Base(string name, string unit) => NameInPrometheus(name) + (unit == "s" ? "_seconds" : "");
    }
}
