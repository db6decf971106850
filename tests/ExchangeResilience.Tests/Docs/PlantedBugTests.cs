using System.Text.RegularExpressions;
using ExchangeResilience.Tests.Conventions;

namespace ExchangeResilience.Tests.Docs;

/// <summary>The bugs that build/planted.sh plants: each test beside a guarantee has one that it must find, and each can still be planted.</summary>
public sealed partial class PlantedBugTests
{
    private const string Folder = "tests/PlantedBugs";

    public static TheoryData<string> Bugs => [.. Repository.Files(Folder, ".patch")];

    private static IReadOnlyList<IReadOnlyList<string>> Guarantees => Markdown.Rows(Markdown.Between(Repository.Read("README.md"), "guarantees"));

    [Fact]
    public void Each_test_beside_a_guarantee_has_a_bug_that_it_must_find()
    {
        var found = Repository.Files(Folder, ".patch").Select(static bug => Header("test", bug).Split(' ')[1]).ToHashSet(StringComparer.Ordinal);

        Guarantees.SelectMany(static row => Markdown.Codes(row[^1])).Where(test => !found.Contains(test)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_bug_names_its_guarantee_and_a_test_that_stands_beside_it(string bug)
    {
        var row = Guarantees.Where(row => Plain(row[0]).StartsWith(Header("guarantee", bug), StringComparison.Ordinal)).ShouldHaveSingleItem();
        var (project, test) = Header("test", bug).Split(' ') is [var first, var second] ? (first, second) : ("", "");

        Markdown.Codes(row[^1]).ShouldContain(test);
        Directory.Exists(Repository.PathOf($"tests/{project}")).ShouldBeTrue(project);
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

    private static string Header(string name, string bug) =>
        Repository.Read(bug).Split('\n').Single(line => line.StartsWith($"# {name}: ", StringComparison.Ordinal))[(name.Length + 4)..];

    private static string Plain(string text) => Link().Replace(text, "${text}").Replace("**", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^--- a/.*\n\+\+\+ b/(?<file>.*)\n", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex(@"^@@ .*\n", RegexOptions.Multiline)]
    private static partial Regex Hunk();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
