using System.Reflection;
using System.Xml.Linq;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Dashboard.Tests.Conventions;

public sealed class ConventionTests
{
    private const string Rewrite = "UPDATE_SNAPSHOTS";
    private const string Surface = "tests/ExchangeResilience.Dashboard.Tests/Conventions/PublicApi.ExchangeResilience.Dashboard.txt";

    private static readonly Assembly Package = typeof(ExchangeDashboardExtensions).Assembly;

    [Fact]
    public void The_public_surface_changes_only_on_purpose()
    {
        var surface = PublicApi.Of(Package);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(Repository.PathOf(Surface), surface);
        }

        surface.ShouldBe(Repository.Read(Surface).ReplaceLineEndings("\n"), $"If that is meant, run the tests once with {Rewrite}=1 and commit {Surface}.");
    }

    [Fact]
    public void The_dashboard_needs_the_core_and_the_web_framework_and_nothing_else()
    {
        var project = XDocument.Parse(Repository.Read("src/ExchangeResilience.Dashboard/ExchangeResilience.Dashboard.csproj"));
        project.Descendants("PackageReference").ShouldBeEmpty();
        project.Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value).ShouldBe(["../ExchangeResilience/ExchangeResilience.csproj"]);
    }

    [Fact]
    public void Every_log_message_has_an_event_id_that_the_core_does_not_use()
    {
        var ids = new[] { Package, typeof(ExchangeError).Assembly }.SelectMany(package => package.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>();

        ids.ShouldBeUnique();
    }

    [Fact]
    public void The_README_shows_code_that_compiles()
    {
        var regions = Markdown.Regions(Repository.Read("tests/ExchangeResilience.Dashboard.Tests/Conventions/Snippets.cs"));

        Markdown.Blocks(Repository.Read("src/ExchangeResilience.Dashboard/README.md"), "csharp").Order(StringComparer.Ordinal).ShouldBe(regions.Values.Order(StringComparer.Ordinal));
    }
}
