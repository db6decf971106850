using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using ExchangeResilience.PostgreSql;
using ExchangeResilience.Sqlite;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Policies;

namespace ExchangeResilience.Tests.Docs;

/// <summary>What the documentation says is so. With UPDATE_SNAPSHOTS=1 its generated parts are written anew.</summary>
public sealed partial class DocumentationTests
{
    private const string Readme = "README.md";
    private const string Folder = "src/ExchangeResilience/docs";
    private const string Guarantees = $"{Folder}/guarantees.md";
    private const string Configuration = $"{Folder}/configuration.md";
    private const string Codes = $"{Folder}/codes.md";
    private const string Errors = $"{Folder}/errors.md";
    private const string Policies = $"{Folder}/policies.md";
    private const string Testing = $"{Folder}/testing.md";

    // Shown whole: a newcomer copies it.
    private const string Sample = "samples/MinimalBot/Program.cs";

    private static readonly string[] Sources =
    [
        "tests/ExchangeResilience.Tests/Docs/Snippets.cs",
        "tests/ExchangeResilience.Tests/Docs/FuturesClientTests.cs",
        "tests/ExchangeResilience.Stacking.Tests/Migration/MigrationSnippets.cs",
        "tests/ExchangeResilience.Stacking.Tests/Clients/ClientSnippets.cs",
        "tests/ExchangeResilience.Dashboard.Tests/Conventions/Snippets.cs",
        "tests/ExchangeResilience.Testing.Tests/Journal/OrderJournalRulesTests.cs",
        "tests/ExchangeResilience.Testing.Tests/Streams/OfferedEventTests.cs",
        "tests/ExchangeResilience.WireMock.Tests/TimedOutOrderTests.cs",
    ];

    private static readonly string[] ConceptNames = ["errors", "policies", "holds", "clock", "reconciliation", "journal", "fleet", "testing"];

    private static readonly string[] Roots = ["build/", "samples/", "src/", "tests/"];

    private static readonly string[] Chapters = ["What it guarantees", "Defaults", "What it does not do"];

    // They are not referenced, so their tests are known by their source.
    private static readonly string[] OtherTestProjects =
    [
        "tests/ExchangeResilience.Ccxt.Tests",
        "tests/ExchangeResilience.Crash.Tests",
        "tests/ExchangeResilience.Fleet.Tests",
        "tests/ExchangeResilience.PostgreSql.Tests",
        "tests/ExchangeResilience.Simulation.Tests",
        "tests/ExchangeResilience.Sqlite.Tests",
        "tests/ExchangeResilience.Stacking.Tests",
        "tests/ExchangeResilience.Testing.Tests",
        "tests/ExchangeResilience.WireMock.Tests",
    ];

    /// <summary>What the packages bring: each its README, and the core its pages beside it.</summary>
    public static TheoryData<string> PackedPages =>
    [
        .. from page in Repository.Files("src", ".md")
           where page.EndsWith("/README.md", StringComparison.Ordinal) || page.StartsWith(Folder, StringComparison.Ordinal)
           select page,
    ];

    public static TheoryData<string> Pages => [Readme, .. Repository.Files("src", ".md")];

    public static TheoryData<string, string> Promises
    {
        get
        {
            var promises = new TheoryData<string, string>();
            foreach (var concept in Concepts)
            {
                promises.Add(concept.Data, "guarantees");
            }

            return promises;
        }
    }

    public static TheoryData<string> Concepts => [.. ConceptNames.Select(concept => $"{Folder}/{concept}.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_piece_of_code_is_compiled(string page)
    {
        var regions = Sources.SelectMany(source => Markdown.Regions(Read(source)).Values).Append(Read(Sample)).ToHashSet(StringComparer.Ordinal);
        var blocks = Markdown.Blocks(Read(page), "csharp");

        blocks.Where(block => !regions.Contains(block)).ShouldBeEmpty($"{page} shows code that is no region of {string.Join(" or ", Sources)}");
    }

    [Fact]
    public void Every_piece_of_compiled_code_is_shown()
    {
        var shown = Pages.SelectMany(page => Markdown.Blocks(Read(page.Data), "csharp")).ToHashSet(StringComparer.Ordinal);
        Sources.SelectMany(source => Markdown.Regions(Read(source))).Where(region => !shown.Contains(region.Value)).Select(region => region.Key).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_piece_of_configuration_is_accepted(string page)
    {
        foreach (var block in Markdown.Blocks(Read(page), "json"))
        {
            var configuration = Json.Parse(block);
            configuration.GetSection("ExchangeErrorHandling").Exists().ShouldBeTrue(block);
            Settings.Faults(configuration).ShouldBeEmpty(block);
        }
    }

    [Fact]
    public void The_full_example_holds_every_setting_at_its_default()
    {
        var example = Markdown.Blocks(Read(Policies), "json").Select(Json.Parse).Single(block => block["ExchangeErrorHandling:Clock:Samples"] is not null);
        var keys = Keys(example.GetSection("ExchangeErrorHandling")).Order(StringComparer.Ordinal).ToList();
        var options = DocumentedOption.OfErrorHandling().Where(option => !option.Key.StartsWith("Policies:", StringComparison.Ordinal)).ToList();

        keys.Where(key => !key.StartsWith("Policies:", StringComparison.Ordinal)).ShouldBe(options.Select(option => option.Key).Order(StringComparer.Ordinal));
        foreach (var option in options)
        {
            var section = example.GetSection($"ExchangeErrorHandling:{option.Key}");
            var values = section.GetChildren().Any() ? section.GetChildren().Select(item => item.Value) : [section.Value];
            var shown = string.Join(", ", values.Where(value => !string.IsNullOrEmpty(value)).Select(value => $"`{value}`"));
            (option.Type == typeof(bool) ? shown.ToLowerInvariant() : shown).ShouldBe(option.DefaultText, option.Key);
        }
    }

    [Fact]
    public void The_tables_of_settings_hold_every_setting_with_its_default_and_choices()
    {
        Check("options", "ExchangeErrorHandling", DocumentedOption.OfErrorHandling());
        Check("signing", "ExchangeSigning", DocumentedOption.OfSigning());

        static void Check(string table, string section, IReadOnlyList<DocumentedOption> options)
        {
            var rows = Markdown.Rows(Markdown.Between(Read(Configuration), table)).ToDictionary(row => Markdown.Codes(row[0])[0], StringComparer.Ordinal);
            rows.Keys.Order(StringComparer.Ordinal).ShouldBe(options.Select(option => option.Key).Order(StringComparer.Ordinal), table);
            foreach (var option in options)
            {
                var row = rows[option.Key];
                row.Length.ShouldBe(4, option.Key);
                row[1].ShouldBe(option.DefaultText, $"{option.Key}: the default");
                CheckChoices(section, option, row[2]);
                row[3].ShouldNotBeEmpty(option.Key);
            }
        }
    }

    [Fact]
    public void The_table_of_the_journals_settings_holds_every_setting_with_its_default_and_range() => CheckTable(
        "src/ExchangeResilience.Sqlite/README.md",
        "journal-options",
        DocumentedOption.OfSqliteJournal(),
        () => new SqliteOrderJournalOptions { Path = "orders.db" },
        options => new SqliteOrderJournalOptionsValidator().Validate(name: null, options).Failed);

    [Fact]
    public void The_table_of_the_shared_states_settings_holds_every_setting_with_its_default_and_range() => CheckTable(
        "src/ExchangeResilience.PostgreSql/README.md",
        "state-options",
        DocumentedOption.OfSharedState(),
        () => new PostgreSqlExchangeStateOptions { ConnectionString = "Host=db.example" },
        options => new PostgreSqlExchangeStateOptionsValidator().Validate(name: null, options).Failed);

    private static void CheckTable<T>(string page, string table, IReadOnlyList<DocumentedOption> settings, Func<T> sound, Func<T, bool> fails)
        where T : class
    {
        var rows = Markdown.Rows(Markdown.Between(Read(page), table));

        rows.Select(row => (Markdown.Codes(row[0])[0], row[1])).ShouldBe(settings.Select(option => (option.Key, option.DefaultText)));
        fails(sound()).ShouldBeFalse();
        foreach (var row in rows.Zip(settings).Where(pair => pair.Second.Type == typeof(TimeSpan)).Select(pair => pair.First))
        {
            var ends = Markdown.Codes(row[2]);
            var (beforeFirst, afterLast) = BesideDurations(ends[0], ends[1]);
            IsFaulty(row[0], ends[0]).ShouldBeFalse(row[0]);
            IsFaulty(row[0], ends[1]).ShouldBeFalse(row[0]);
            IsFaulty(row[0], afterLast).ShouldBeTrue(row[0]);
            if (beforeFirst is not null)
            {
                IsFaulty(row[0], beforeFirst).ShouldBeTrue(row[0]);
            }
        }

        bool IsFaulty(string key, string text)
        {
            DurationText.TryParse(text, out var value).ShouldBeTrue(text);
            var options = sound();
            typeof(T).GetProperty(Markdown.Codes(key)[0])!.SetValue(options, value);
            return fails(options);
        }
    }

    [Theory]
    [InlineData(Guarantees, "guarantees")]
    [InlineData(Errors, "wire")]
    [InlineData($"{Folder}/versions.md", "promises")]
    [MemberData(nameof(Promises))]
    public void Every_promise_names_a_test_that_exists(string page, string table)
    {
        var tests = NamesOfTests();
        var rows = Markdown.Rows(Markdown.Between(Read(page), table));

        rows.Count.ShouldBeGreaterThan(5);
        foreach (var row in rows)
        {
            var named = Markdown.Codes(row[^1]);
            named.ShouldNotBeEmpty(row[0]);
            named.Where(name => !tests.Contains(name)).ShouldBeEmpty(row[0]);
        }
    }

    [Fact]
    public void Every_rule_of_the_model_names_its_place_there_and_code_and_tests_that_exist()
    {
        var tests = NamesOfTests();
        var code = typeof(ExchangeError).Assembly.GetTypes().SelectMany(NamesOf).ToHashSet(StringComparer.Ordinal);
        var model = Read("tests/Model/order.pml") + Read("tests/Model/calls.pml");

        var rows = Markdown.Rows(Markdown.Between(Read("tests/Model/README.md"), "rules"));

        rows.Select(row => row[0]).ShouldBe(RuleOfModel().Matches(model).Select(rule => rule.Groups["name"].Value), ignoreOrder: true);
        foreach (var row in rows)
        {
            Markdown.Codes(row[2]).Where(name => !code.Contains(name)).ShouldBeEmpty(row[0]);
            Markdown.Codes(row[3]).Where(name => !tests.Contains(name)).ShouldBeEmpty(row[0]);
        }

        static IEnumerable<string> NamesOf(Type type) => type
            .GetMembers(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(member => $"{type.Name}.{member.Name}")
            .Prepend(type.Name);
    }

    [Fact]
    public void The_policy_matrix_is_the_one_in_force()
    {
        var faults = new List<string>();
        var matrix = $"\n{PolicyMatrix.Compile([], ExchangeVenue.BinanceUsdFutures.Errors, ExchangeVenue.BinanceUsdFutures.Policies, faults).ToMarkdown()}\n";

        // The front page does not come with the package.
        foreach (var page in new[] { Readme, Policies })
        {
            var text = Read(page);
            if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
            {
                File.WriteAllText(Repository.PathOf(page), Markdown.Replace(text, "matrix", matrix));
            }
            else
            {
                Markdown.Between(text, "matrix").ShouldBe(matrix, $"{page}: UPDATE_SNAPSHOTS=1 writes it anew");
            }
        }
    }

    [Fact]
    public void Every_category_and_action_is_explained()
    {
        Names(Errors, "categories").ShouldBe(Enum.GetNames<ErrorCategory>().Order(StringComparer.Ordinal));
        Names(Policies, "actions").ShouldBe(Enum.GetNames<RecoveryAction>().Order(StringComparer.Ordinal));

        foreach (var row in Markdown.Rows(Markdown.Between(Read(Errors), "categories")))
        {
            var categories = Markdown.Codes(row[0]);
            var examples = Code().Matches(row[1]).Select(code => ExchangeVenue.BinanceUsdFutures.Errors.Find(int.Parse(code.ValueSpan, CultureInfo.InvariantCulture)).ShouldNotBeNull(code.Value));
            examples.Where(example => !categories.Contains(example.Category.ToString(), StringComparer.Ordinal)).ShouldBeEmpty(row[0]);
        }

        static IEnumerable<string> Names(string page, string table) => Markdown.Rows(Markdown.Between(Read(page), table)).SelectMany(row => Markdown.Codes(row[0])).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void The_reference_of_codes_is_that_of_the_table_and_the_built_in_policies()
    {
        var page = Read(Codes);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            page = Markdown.Replace(page, "codes", CodeReference.Text());
            File.WriteAllText(Repository.PathOf(Codes), page);
        }

        Markdown.Between(page, "codes").ShouldBe(CodeReference.Text(), "UPDATE_SNAPSHOTS=1 writes it anew");

        var anchors = Markdown.Anchors(page);
        anchors.GroupBy(anchor => anchor, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key).ShouldBeEmpty();
        string[] known = ["code-1021", "code-2019", "connection-lost", "held-back", "http-503-service-unavailable", "unlisted-code"];
        known.Except(anchors, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Concepts))]
    public void A_concept_tells_what_it_guarantees_its_course_its_defaults_and_its_bounds(string page)
    {
        var text = Read(page);

        Chapters.Except(Markdown.Headings(text), StringComparer.Ordinal).ShouldBeEmpty();
        Markdown.Blocks(text, "mermaid").ShouldContain(diagram => diagram.StartsWith("sequenceDiagram", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Concepts))]
    public void A_concept_shows_defaults_as_they_are(string page)
    {
        var (table, options) = page == Testing ? ("simulator-options", DocumentedOption.OfSimulator()) : ("defaults", DocumentedOption.OfErrorHandling());
        var rows = Markdown.Rows(Markdown.Between(Read(page), table)).ToDictionary(row => Markdown.Codes(row[0])[0], StringComparer.Ordinal);

        rows.ShouldNotBeEmpty();
        rows.Keys.Except(options.Select(option => option.Key), StringComparer.Ordinal).ShouldBeEmpty();
        foreach (var option in options.Where(option => rows.ContainsKey(option.Key)))
        {
            rows[option.Key][1].ShouldBe(option.DefaultText, option.Key);
        }
    }

    [Fact]
    public void Every_default_of_the_simulator_is_shown() =>
        Markdown.Rows(Markdown.Between(Read(Testing), "simulator-options")).Select(row => Markdown.Codes(row[0])[0]).ShouldBe(DocumentedOption.OfSimulator().Select(option => option.Key), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_somewhere(string page)
    {
        var text = Read(page);
        foreach (var link in Markdown.Links(text).Where(link => !link.StartsWith("https://", StringComparison.Ordinal)))
        {
            var (path, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, "");
            var target = path.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, path);
            Path.Exists(Repository.PathOf(target)).ShouldBeTrue($"{page} links to {link}");
            if (anchor.Length > 0)
            {
                Markdown.Anchors(Read(target)).ShouldContain(anchor, $"{page} links to {link}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(PackedPages))]
    public void Every_link_of_a_packed_page_leads_to_what_is_in_its_package(string page)
    {
        var package = $"src/{page.Split('/')[1]}";
        string[] packed = [$"{package}/README.md", .. Directory.Exists(Repository.PathOf($"{package}/docs")) ? Repository.Files($"{package}/docs", ".md", ".svg", ".yml") : []];

        Markdown.Links(Read(page)).Where(static link => !link.StartsWith("https://", StringComparison.Ordinal) && !link.StartsWith('#'))
            .Where(link => !packed.Contains(Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.PathOf(page), "..", link.Split('#')[0]))))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_page_is_linked_from_the_front_page() =>
        Repository.Files(Folder, ".md").Except(Markdown.Links(Read(Readme)), StringComparer.Ordinal).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_diagram_can_be_drawn(string page) =>
        Markdown.Blocks(Read(page), "mermaid").SelectMany(Mermaid.Faults).ShouldBeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("sequenceDiagram")]
    [InlineData("sequenceDiagram\nparticipant A")]
    [InlineData("sequenceDiagram\nparticipant A\nA->>B: hello")]
    [InlineData("sequenceDiagram\nparticipant A\nA->>A: one; two")]
    [InlineData("sequenceDiagram\nparticipant A\nloop forever\nA->>A: hello")]
    [InlineData("sequenceDiagram\nparticipant A\nA->>A: hello\nend")]
    [InlineData("sequenceDiagram\nparticipant A\nA says hello")]
    [InlineData("flowchart LR\na[one --> b[two]")]
    [InlineData("pie\na: 1")]
    public void A_diagram_that_cannot_be_drawn_is_seen(string diagram) => Mermaid.Faults(diagram).ShouldNotBeEmpty();

    [Fact]
    public void Every_command_names_what_exists()
    {
        var words = Pages.SelectMany(page => Markdown.Blocks(Read(page.Data), "bash"))
            .SelectMany(block => block.Split('\n'))
            .SelectMany(line => line.Replace("<repository>/", "", StringComparison.Ordinal).Split('#')[0].Split(' '));
        var paths = words.Where(word => Roots.Any(root => word.StartsWith(root, StringComparison.Ordinal))).ToList();

        paths.ShouldNotBeEmpty();
        paths.Where(path => !Path.Exists(Repository.PathOf(path))).ShouldBeEmpty();
    }

    // A range is held against the settings' own checks: its ends are accepted, and what lies just beyond them is not.
    private static void CheckChoices(string section, DocumentedOption option, string choices)
    {
        if (option.Type.IsEnum)
        {
            Markdown.Codes(choices).ShouldBe(option.Key.EndsWith(":Execution", StringComparison.Ordinal) ? ["Unknown"] : Enum.GetNames(option.Type), option.Key);
        }
        else if (option.Type == typeof(bool))
        {
            Markdown.Codes(choices).ShouldBe(["true", "false"], option.Key);
        }
        else if (option.Type == typeof(TimeSpan) || option.Type == typeof(int) || option.Default is IEnumerable<TimeSpan>)
        {
            var key = $"{section}:{option.Example}{(option.Default is IEnumerable<TimeSpan> ? ":0" : "")}";
            var ends = Markdown.Codes(choices);
            ends.Count.ShouldBe(2, $"{option.Key}: two ends");
            choices.ShouldBe($"`{ends[0]}` to `{ends[1]}`", option.Key);
            var (beforeFirst, afterLast) = option.Type == typeof(int) ? BesideNumbers(ends[0], ends[1]) : BesideDurations(ends[0], ends[1]);
            IsRefused(key, ends[0]).ShouldBeFalse($"{key} = {ends[0]}");
            IsRefused(key, ends[1]).ShouldBeFalse($"{key} = {ends[1]}");
            IsRefused(key, afterLast).ShouldBeTrue($"{key} = {afterLast}");
            if (beforeFirst is not null)
            {
                IsRefused(key, beforeFirst).ShouldBeTrue($"{key} = {beforeFirst}");
            }
        }
    }

    private static (string? Before, string After) BesideNumbers(string first, string last) =>
        (Text(int.Parse(first, CultureInfo.InvariantCulture) - 1), Text(int.Parse(last, CultureInfo.InvariantCulture) + 1));

    private static (string? Before, string After) BesideDurations(string first, string last)
    {
        DurationText.TryParse(first, out var least).ShouldBeTrue(first);
        DurationText.TryParse(last, out var most).ShouldBeTrue(last);
        var step = TimeSpan.FromMilliseconds(1);
        return (least == TimeSpan.Zero ? null : DurationText.Format(least - step), DurationText.Format(most + step));
    }

    private static bool IsRefused(string key, string value) =>
        Settings.Faults((key, value)).Any(fault =>
            fault.StartsWith($"{key}: ", StringComparison.Ordinal) && fault.Contains("is out of range", StringComparison.Ordinal)
            || fault.StartsWith($"{key[(key.LastIndexOf(':') + 1)..]} is ", StringComparison.Ordinal) && fault.Contains("must lie between", StringComparison.Ordinal));

    private static IEnumerable<string> Keys(IConfigurationSection section, string prefix = "")
    {
        foreach (var child in section.GetChildren())
        {
            var inner = child.GetChildren().ToList();
            if (inner.Count == 0 || inner[0].Key == "0")
            {
                yield return prefix + child.Key;
                continue;
            }

            foreach (var key in Keys(child, $"{prefix}{child.Key}:"))
            {
                yield return key;
            }
        }
    }

    internal static HashSet<string> NamesOfTests() => typeof(DocumentationTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute))
        .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
        .Concat(OtherTestProjects.SelectMany(project => Repository.Files(project, ".cs")).SelectMany(NamesOfTestsIn))
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> NamesOfTestsIn(string file) =>
        TestMethod().Matches(Read(file)).Select(method => $"{Path.GetFileNameWithoutExtension(file)}.{method.Groups["name"].Value}");

    private static string Read(string file) => Repository.Read(file).ReplaceLineEndings("\n");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[(?:Fact|Theory)\b(?:(?!public)[\s\S])*public (?:async )?(?:Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"-\d{4}", RegexOptions.None, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\[(?<name>R\d+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RuleOfModel();
}
