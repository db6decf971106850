using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ExchangeResilience.PostgreSql;
using ExchangeResilience.Sqlite;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Conventions;

public sealed partial class PackagingTests
{
    [Fact]
    public void The_core_needs_Polly_and_the_platforms_extensions_and_nothing_else()
    {
        var packages = References("ExchangeResilience", "PackageReference");

        packages.Where(package => !package.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)).ShouldBe(["Polly.Core"]);
        References("ExchangeResilience", "ProjectReference").ShouldBeEmpty();
    }

    [Fact]
    public void The_SQLite_journal_needs_the_core_and_SQLite_and_nothing_else()
    {
        References("ExchangeResilience.Sqlite", "PackageReference").Where(package => !package.StartsWith("SQLitePCLRaw.", StringComparison.Ordinal)).ShouldBe(["Microsoft.Data.Sqlite"]);
        References("ExchangeResilience.Sqlite", "ProjectReference").ShouldBe(["../ExchangeResilience/ExchangeResilience.csproj"]);
    }

    [Fact]
    public void The_shared_state_needs_the_core_Npgsql_and_health_checks_and_nothing_else()
    {
        References("ExchangeResilience.PostgreSql", "PackageReference").ShouldBe(["Npgsql", "Microsoft.Extensions.Diagnostics.HealthChecks"]);
        References("ExchangeResilience.PostgreSql", "ProjectReference").ShouldBe(["../ExchangeResilience/ExchangeResilience.csproj"]);
    }

    [Fact]
    public void Ed25519_keys_need_the_core_NSec_and_what_opens_encrypted_keys_and_nothing_else()
    {
        References("ExchangeResilience.Ed25519", "PackageReference").ShouldBe(["NSec.Cryptography", "System.Security.Cryptography.Pkcs"]);
        References("ExchangeResilience.Ed25519", "ProjectReference").ShouldBe(["../ExchangeResilience/ExchangeResilience.csproj"]);
    }

    [Fact]
    public void The_sample_to_copy_asks_for_packages_of_this_version_once_it_is_copied()
    {
        var version = XDocument.Parse(Repository.Read("build/Common.props")).Descendants("VersionPrefix").Single().Value;

        var asked = XDocument.Parse(Repository.Read("samples/MinimalBot/MinimalBot.csproj")).Descendants("Otherwise").Descendants("PackageReference")
            .ToDictionary(static package => package.Attribute("Include")!.Value, static package => package.Attribute("Version")!.Value, StringComparer.Ordinal);

        asked["ExchangeResilience"].ShouldBe($"{version[..version.LastIndexOf('.')]}.*");
        asked["ExchangeResilience.Testing"].ShouldBe(asked["ExchangeResilience"]);
    }

    [Fact]
    public void No_source_or_project_file_names_a_machine_or_a_registry()
    {
        string[] folders = ["src", "tests", "samples", "build"];
        var files = folders.SelectMany(folder => Repository.Files(folder, ".csproj", ".props", ".targets", ".json", ".globalconfig"))
            .Concat(Repository.Files("src", ".cs"));

        files.SelectMany(file => Place().Matches(Repository.Read(file)).Select(match => $"{file}: {match.Value}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/home/someone/x")]
    [InlineData("\"/tmp/x\"")]
    [InlineData(@"C:\Users\someone")]
    [InlineData("https://api.nuget.org/v3/index.json")]
    public void A_machine_or_a_registry_is_seen(string text) => Place().IsMatch(text).ShouldBeTrue();

    [Fact]
    public void Every_log_message_has_an_event_id_of_its_own()
    {
        Assembly[] packages = [typeof(ExchangeError).Assembly, typeof(SqliteOrderJournalOptions).Assembly, typeof(PostgreSqlExchangeStateOptions).Assembly];
        var messages = packages.SelectMany(package => package.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => (Name: $"{method.DeclaringType!.Name}.{method.Name}", Id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(message => message.Id is not null)
            .ToArray();

        messages.ShouldNotBeEmpty();
        messages.GroupBy(message => message.Id).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(message => message.Name))}").ShouldBeEmpty();
    }

    private static string[] References(string project, string kind) =>
        [.. XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj")).Descendants(kind).Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false").Select(reference => reference.Attribute("Include")!.Value)];

    [GeneratedRegex(@"(?<![\w.*])/(?:home|root|tmp|work|usr|var|opt|mnt|Users)/|[A-Za-z]:\\+(?:Users|Windows|Program)|nuget\.org|pkgs\.dev\.azure|nuget\.pkg\.github|myget\.org|jfrog|artifactory", RegexOptions.IgnoreCase)]
    private static partial Regex Place();
}
