using System.Text;
using ExchangeResilience.Tests.Conventions;
using ExchangeResilience.Tests.Docs;

namespace ExchangeResilience.Testing.Tests.Conventions;

/// <summary>The page on testing lists every endpoint, with how far it can be trusted. With UPDATE_SNAPSHOTS=1 the list is written anew.</summary>
public sealed class EndpointListTests
{
    private const string Page = "src/ExchangeResilience/docs/testing.md";

    [Fact]
    public void Every_endpoint_is_listed_with_its_fidelity()
    {
        var page = Repository.Read(Page).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            page = Markdown.Replace(page, "endpoints", Text());
            File.WriteAllText(Repository.PathOf(Page), page);
        }

        Markdown.Between(page, "endpoints").ShouldBe(Text(), "UPDATE_SNAPSHOTS=1 writes it anew");
    }

    private static string Text()
    {
        var text = new StringBuilder("\n| Endpoint | Methods | Fidelity |\n| --- | --- | --- |\n");
        foreach (var path in Routes.All.GroupBy(static route => route.Path).OrderBy(static path => path.Key, StringComparer.Ordinal))
        {
            text.Append("| `").Append(path.Key).Append("` | ").AppendJoin(", ", path.Select(static route => route.Method)).Append(" | ").AppendJoin(", ", path.Select(static route => route.Fidelity).Distinct()).Append(" |\n");
        }

        return text.Append('\n').ToString();
    }
}
