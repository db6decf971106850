namespace ExchangeResilience.Tests.Conventions;

/// <summary>Whoever looks a type up opens the file of its name.</summary>
public sealed class TypeFileTests
{
    private const string Core = "ExchangeResilience";

    // Each is one vocabulary, read as a whole: what the dashboard's page is sent, and what a store's writer is asked for.
    private static readonly string[] Vocabularies =
    [
        "src/ExchangeResilience.Dashboard/State/DashboardState.cs",
        "src/ExchangeResilience.PostgreSql/Commits/StoreCall.cs",
        "src/ExchangeResilience.Sqlite/Commits/JournalOperation.cs",
    ];

    private static readonly SourceFile[] Sources = [.. from path in Repository.Files("src", ".cs") select new SourceFile(path, path.Split('/')[1])];

    private static readonly ILookup<string, SourceFile> Namers = (
        from source in Sources
        from type in source.Named().Distinct()
        select (type, source)).ToLookup(named => named.type, named => named.source, StringComparer.Ordinal);

    private static readonly ILookup<string, string> Declarers = (
        from source in Sources
        from type in source.Declared
        select (type, source.Room)).ToLookup(declared => declared.type, declared => declared.Room, StringComparer.Ordinal);

    [Fact]
    public void A_type_that_other_files_name_has_a_file_of_its_own() => (
        from source in Sources
        where !Vocabularies.Contains(source.Path)
        from type in source.Declared
        where type != NameOf(source) && Namers[type].Any(other => other.Path != source.Path && Means(other, type, source))
        select $"{type} in {source.Path}").ShouldBeEmpty();

    [Fact]
    public void Every_exception_is_one() =>
        Vocabularies.ShouldAllBe(static path => Sources.Single(source => source.Path == path).Declared.Distinct().Count() > 1);

    // Of a partial type every part bears the name, with what it is about behind it.
    private static string NameOf(SourceFile source) => Path.GetFileName(source.Path).Split('.')[0];

    // A package sees its own types and the core's, and of two of one name its own.
    private static bool Means(SourceFile other, string type, SourceFile source) =>
        other.Room == source.Room || (source.Room == Core && !Declarers[type].Contains(other.Room));
}
