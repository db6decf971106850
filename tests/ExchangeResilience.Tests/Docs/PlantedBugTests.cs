using System.Text.RegularExpressions;
using ExchangeResilience.Tests.Conventions;

namespace ExchangeResilience.Tests.Docs;

/// <summary>
/// The bugs that build/planted.sh plants: each test beside a guarantee has one that it must find, each names a test or a plan of the simulation that exists, and each can still be planted.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class PlantedBugTests
{
    private const string Folder = "tests/PlantedBugs";
    private const string Plans = "tests/ExchangeResilience.Simulation.Tests/Running/CommandLine.cs";

    public static TheoryData<string> Bugs => [.. Repository.Files(Folder, ".patch")];

    public static TheoryData<string> BugsOfGuarantees => [.. Repository.Files($"{Folder}/Guarantees", ".patch")];

    private static IReadOnlyList<IReadOnlyList<string>> Guarantees => Markdown.Rows(Markdown.Between(Repository.Read("src/ExchangeResilience/docs/guarantees.md"), "guarantees"));

    [Fact]
    public void Each_test_beside_a_guarantee_has_a_bug_that_it_must_find()
    {
        var found = BugsOfGuarantees.Select(static bug => TestOf(bug.Data).Name).ToHashSet(StringComparer.Ordinal);

        Guarantees.SelectMany(static row => Markdown.Codes(row[^1])).Where(test => !found.Contains(test)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(BugsOfGuarantees))]
    public void A_bug_of_a_guarantee_names_it_and_a_test_that_stands_beside_it(string bug)
    {
        var row = Guarantees.Where(row => Plain(row[0]).StartsWith(Header(bug, "guarantee").Text, StringComparison.Ordinal)).ShouldHaveSingleItem();

        Markdown.Codes(row[^1]).ShouldContain(TestOf(bug).Name);
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_bug_says_what_it_breaks_and_names_the_test_or_the_plan_that_must_find_it(string bug)
    {
        Header(bug, "guarantee", "fault").Text.ShouldNotBeEmpty();
        if (Header(bug, "test", "plan") is ("plan", var plan))
        {
            Repository.Read(Plans).ShouldContain($"\"{plan}\" => PlanKind.");
        }
        else
        {
            var (project, test) = TestOf(bug);
            Directory.Exists(Repository.PathOf($"tests/{project}")).ShouldBeTrue(project);
            DocumentationTests.NamesOfTests().ShouldContain(test);
        }
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_bug_can_still_be_planted(string bug)
    {
        var parts = Part().Split(Repository.Read(bug))[1..];

        parts.ShouldNotBeEmpty();
        for (var part = 0; part < parts.Length; part += 2)
        {
            var file = Repository.Read(parts[part]);
            foreach (var hunk in Hunk().Split(parts[part + 1])[1..])
            {
                // What is there before: lines that stay, and lines that go.
                var before = hunk.TrimEnd('\n').Split('\n').Where(static line => line.StartsWith(' ') || line.StartsWith('-')).Select(static line => line[1..]);
                file.ShouldContain(string.Join('\n', before), Case.Sensitive, parts[part]);
            }
        }
    }

    private static (string Project, string Name) TestOf(string bug) => Header(bug, "test").Text.Split(' ') is [var project, var name] ? (project, name) : ("", "");

    /// <summary>The one line above the diff that has one of these names.</summary>
    private static (string Name, string Text) Header(string bug, params string[] names) => (
        from line in Repository.Read(bug).Split('\n')
        from name in names
        where line.StartsWith($"# {name}: ", StringComparison.Ordinal)
        select (name, line[(name.Length + 4)..])).Single();

    private static string Plain(string text) => Link().Replace(text, "${text}").Replace("**", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^--- a/.*\n\+\+\+ b/(?<file>.*)\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Part();

    [GeneratedRegex(@"^@@ .*\n", RegexOptions.Multiline)]
    private static partial Regex Hunk();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
