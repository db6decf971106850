namespace ExchangeResilience.Tests.Conventions;

/// <summary>What can be understood only together is few files: those of which each leads to each other by the types they name. Parts of one type are one file here.</summary>
public sealed class FileCircleTests
{
    private const int MostFilesOfACircle = 3;

    [Theory]
    [InlineData("ExchangeResilience")]
    [InlineData("ExchangeResilience.Analyzers")]
    [InlineData("ExchangeResilience.Dashboard")]
    [InlineData("ExchangeResilience.Ed25519")]
    [InlineData("ExchangeResilience.PostgreSql")]
    [InlineData("ExchangeResilience.Sqlite")]
    [InlineData("ExchangeResilience.Testing")]
    public void No_circle_of_files_is_long(string package) =>
        CirclesOf(package).Where(static circle => circle.Length > MostFilesOfACircle).Select(static circle => string.Join(", ", circle)).ShouldBeEmpty();

    // The measure sees what there is.
    [Fact]
    public void A_short_circle_is_seen() => CirclesOf("ExchangeResilience").ShouldContain(static circle => circle.Length > 1);

    private static List<string[]> CirclesOf(string package)
    {
        var sources = new PackageRooms(package).Sources;
        var homes = (
            from source in sources
            from type in source.Declared
            select (type, File: NameOf(source))).Distinct().ToLookup(static home => home.type, static home => home.File, StringComparer.Ordinal);
        var named = (
            from source in sources
            from type in source.Named().Distinct()
            from home in homes[type]
            where home != NameOf(source)
            select (From: NameOf(source), To: home)).Distinct().ToLookup(static arrow => arrow.From, static arrow => arrow.To, StringComparer.Ordinal);
        var reached = sources.Select(NameOf).Distinct().ToDictionary(static file => file, file => ReachedFrom(file, named), StringComparer.Ordinal);

        return
        [
            .. from file in reached.Keys
               where reached[file].Contains(file)
               let circle = (string[])[.. reached[file].Where(other => reached[other].Contains(file)).Order(StringComparer.Ordinal)]
               where circle[0] == file
               select circle,
        ];
    }

    private static HashSet<string> ReachedFrom(string file, ILookup<string, string> named)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(named[file]);
        while (open.TryPop(out var next))
        {
            if (reached.Add(next))
            {
                foreach (var further in named[next])
                {
                    open.Push(further);
                }
            }
        }

        return reached;
    }

    // The file of a type that it names after itself; of a part, what stands before what the part is about.
    private static string NameOf(SourceFile source) => Path.Combine(Path.GetDirectoryName(source.Path)!, Path.GetFileName(source.Path).Split('.')[0]);
}
