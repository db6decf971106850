namespace ExchangeResilience.Tests.Conventions;

/// <summary>The folders of a package as rooms, and which of them knows which.</summary>
internal sealed class PackageRooms
{
    public const string Root = "the root";

    public PackageRooms(string package)
    {
        Folder = $"src/{package}";
        Sources = [.. from path in Repository.Files(Folder, ".cs") select new SourceFile(path, RoomOf(path))];
        var homes = (
            from source in Sources
            from type in source.Declared
            group source.Room by type into rooms
            select rooms).ToDictionary(rooms => rooms.Key, rooms => rooms.Distinct().Single(), StringComparer.Ordinal);
        Arrows =
        [
            .. from source in Sources
               from type in source.Named().Distinct()
               where homes.TryGetValue(type, out var home) && home != source.Room
               select new Arrow(source.Path, source.Room, type, homes[type]),
        ];
    }

    public string Folder { get; }

    public IReadOnlyList<SourceFile> Sources { get; }

    public IReadOnlyList<Arrow> Arrows { get; }

    private string RoomOf(string path) => path[(Folder.Length + 1)..].Split('/') is [var room, _, ..] ? room : Root;

    /// <summary>A file of one room that names a type of another.</summary>
    internal sealed record Arrow(string File, string From, string Type, string To)
    {
        public override string ToString() => $"{File} ({From}) uses {Type} ({To})";
    }
}
