namespace ExchangeResilience.Tests.Conventions;

/// <summary>The folders of the fleet's store stand on one another, and none of them in a circle.</summary>
public sealed class StoreFolderTests
{
    private const string Package = "src/ExchangeResilience.PostgreSql";
    private const int MostLines = 400;

    private static readonly SourceFile[] Sources = [.. from path in Repository.Files(Package, ".cs") select new SourceFile(path, FolderOf(path))];

    private static readonly Dictionary<string, string> Homes = (
        from source in Sources
        from type in source.Declared
        select (type, source.Room)).Distinct().ToDictionary(StringComparer.Ordinal);

    [Fact]
    public void No_folders_refer_to_each_other_in_a_circle()
    {
        var left = (
            from source in Sources
            from type in source.Named()
            where Homes.TryGetValue(type, out var home) && home != source.Room
            select (From: source.Room, To: Homes[type])).Distinct().ToList();

        // What refers to a folder that refers to nothing is taken away, until nothing is left or all of it is a circle.
        HashSet<string> referring;
        do
        {
            referring = [.. left.Select(static arrow => arrow.From)];
        }
        while (left.RemoveAll(arrow => !referring.Contains(arrow.To)) > 0);

        left.ShouldBeEmpty();
    }

    [Fact]
    public void No_file_is_longer_than_can_be_read_at_once() => Sources.Where(static source => source.Lines > MostLines).Select(static source => source.Path).ShouldBeEmpty();

    private static string FolderOf(string path) => path[(Package.Length + 1)..].Split('/') is [var folder, _, ..] ? folder : "the root";
}
