using System.Reflection;
using ExchangeResilience.Ed25519;
using ExchangeResilience.PostgreSql;
using ExchangeResilience.Sqlite;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Conventions;

public sealed class PublicApiTests
{
    private const string Rewrite = "UPDATE_SNAPSHOTS";

    public static TheoryData<Assembly> Packages { get; } = [typeof(ExchangeError).Assembly, typeof(Ed25519Signer).Assembly, typeof(SqliteOrderJournalOptions).Assembly, typeof(PostgreSqlExchangeStateOptions).Assembly, typeof(SimulatedExchange).Assembly];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_changes_only_on_purpose(Assembly package)
    {
        var file = $"tests/ExchangeResilience.Tests/Conventions/PublicApi.{package.GetName().Name}.txt";
        var surface = PublicApi.Of(package);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(Repository.PathOf(file), surface);
        }

        var agreed = Repository.Read(file).ReplaceLineEndings("\n");
        Difference(agreed, surface).ShouldBeEmpty($"The public surface differs from {file}; if that is meant, run the tests once with {Rewrite}=1 and commit the file.");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void No_public_class_can_be_inherited_from(Assembly package) =>
        package.GetExportedTypes().Where(type => type is { IsClass: true, IsSealed: false }).ShouldBeEmpty();

    [Fact]
    public void An_outcome_has_three_values_and_gets_no_fourth() =>
        Enum.GetValues<ExecutionStatus>().ShouldBe([ExecutionStatus.Unknown, ExecutionStatus.NotExecuted, ExecutionStatus.Executed], "programs switch over it: docs/versions.md");

    private static IEnumerable<string> Difference(string agreed, string surface)
    {
        var (before, after) = (Lines(agreed), Lines(surface));
        return [.. before.Except(after).Select(line => "- " + line), .. after.Except(before).Select(line => "+ " + line)];
    }

    /// <summary>Each member with its type before it, so that a line means the same wherever it stands.</summary>
    private static IEnumerable<string> Lines(string surface)
    {
        var type = "";
        foreach (var line in surface.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var isMember = line.StartsWith(' ');
            type = isMember ? type : line.Split(' ').First(word => word.Contains('.'));
            yield return isMember ? $"{type}: {line.Trim()}" : line;
        }
    }
}
