namespace ExchangeResilience.Tests.Conventions;

/// <summary>A room knows the rooms below it, and of those beside it the few listed here; nothing points up.</summary>
public sealed class ArchitectureTests
{
    private const string Core = "src/ExchangeResilience";
    private const string Root = "the root";

    private static readonly string[][] Storeys =
    [
        ["Errors", "Operations", "Clock"],
        ["Venues", "Policies", "Traffic", "Signing"],
        ["Telemetry"],
        ["Reconciliation"],
        ["Handling"],
        [Root],
    ];

    private static readonly (string From, string To)[] Neighbours =
    [
        ("Errors", "Operations"),
        ("Policies", "Venues"),
        ("Traffic", "Policies"),
        ("Signing", "Policies"),
    ];

    private static readonly SourceFile[] Sources = [.. from path in Repository.Files(Core, ".cs") select new SourceFile(path, RoomOf(path))];

    private static readonly Dictionary<string, string> Homes = (
        from source in Sources
        from type in source.Declared
        group source.Room by type into homes
        select homes).ToDictionary(homes => homes.Key, homes => homes.Distinct().Single(), StringComparer.Ordinal);

    private static readonly Arrow[] Arrows =
    [
        .. from source in Sources
           from type in source.Named().Distinct()
           where Homes.TryGetValue(type, out var home) && home != source.Room
           select new Arrow(source.Path, source.Room, type, Homes[type]),
    ];

    [Fact]
    public void Every_room_has_its_storey() =>
        Sources.Select(source => source.Room).Distinct().Order().ShouldBe(Storeys.SelectMany(storey => storey).Order());

    [Fact]
    public void No_arrow_points_up() =>
        Arrows.Where(arrow => !MayKnow(arrow.From, arrow.To)).ShouldBeEmpty();

    [Fact]
    public void Rooms_side_by_side_know_each_other_only_where_they_must() =>
        Neighbours.ShouldAllBe(allowed => Arrows.Any(arrow => arrow.From == allowed.From && arrow.To == allowed.To));

    private static bool MayKnow(string from, string to) => StoreyOf(to) < StoreyOf(from) || Neighbours.Contains((from, to));

    private static int StoreyOf(string room) => Array.FindIndex(Storeys, storey => storey.Contains(room));

    private static string RoomOf(string path) => path[(Core.Length + 1)..].Split('/') is [var room, _, ..] ? room : Root;

    private sealed record Arrow(string File, string From, string Type, string To)
    {
        public override string ToString() => $"{File} ({From}) uses {Type} ({To})";
    }
}
