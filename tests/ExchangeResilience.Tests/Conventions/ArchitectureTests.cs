using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ExchangeResilience.Tests.Docs;

namespace ExchangeResilience.Tests.Conventions;

/// <summary>A room knows the rooms below it, and neither those beside it nor those above; none has grown to be the house.</summary>
public sealed partial class ArchitectureTests
{
    // From the ground up; rooms of one storey do not know each other.
    private static readonly string[][] Storeys =
    [
        ["Operations", "Clock", "Configuration"],
        ["Errors"],
        ["Policies"],
        ["Venues"],
        ["Settings", "Journal"],
        ["Signing", "Traffic"],
        ["Telemetry"],
        ["Claims", "Reports"],
        ["Reconciliation"],
        ["Clients"],
        ["Attempts", "Health"],
        ["Orders"],
        ["Handling"],
        [PackageRooms.Root],
    ];

    private static readonly ReplyVocabulary Vocabulary = ExchangeVenue.BinanceUsdFutures.Errors.Vocabulary;

    private static readonly string[] Texts =
    [
        .. Vocabulary.Texts.Select(static text => text.Text),
        .. new[] { Vocabulary.Banned, Vocabulary.BannedUntil, Vocabulary.OrdersPer, Vocabulary.Ten }.Select(static word => Encoding.ASCII.GetString(word).Trim()),
    ];

    private static readonly string[] Words =
    [
        .. typeof(OrderStatuses).GetFields().Select(static status => (string)status.GetRawConstantValue()!),
        RateLimitWindow.Weight.Type,
        RateLimitWindow.ShortOrders.Type,
    ];

    private static readonly PackageRooms House = new("ExchangeResilience");

    [Fact]
    public void Every_room_has_its_storey() =>
        House.Sources.Select(source => source.Room).Distinct().Order().ShouldBe(Storeys.SelectMany(storey => storey).Order());

    [Fact]
    public void Every_arrow_points_down() =>
        House.Arrows.Where(static arrow => StoreyOf(arrow.To) >= StoreyOf(arrow.From)).ShouldBeEmpty();

    [Theory]
    [InlineData("ExchangeResilience.Dashboard")]
    [InlineData("ExchangeResilience.PostgreSql")]
    [InlineData("ExchangeResilience.Sqlite")]
    [InlineData("ExchangeResilience.Testing")]
    public void No_rooms_of_another_package_know_each_other_in_a_circle(string package)
    {
        var rooms = new PackageRooms(package);
        var left = rooms.Sources.Select(static source => source.Room).ToHashSet(StringComparer.Ordinal);
        left.Count.ShouldBeGreaterThan(1);

        // From the ground up: what knows none of the rooms that are left.
        while (left.RemoveWhere(room => !rooms.Arrows.Any(arrow => arrow.From == room && left.Contains(arrow.To))) > 0)
        {
        }

        rooms.Arrows.Where(arrow => left.Contains(arrow.From) && left.Contains(arrow.To)).ShouldBeEmpty();
    }

    [Fact]
    public void No_room_but_that_of_the_venues_knows_a_code_a_path_or_a_header_of_the_exchange() => (
        from source in House.Sources
        where source.Room != "Venues"
        from match in Code().Matches(source.Code).Concat(PathOrHeader().Matches(source.WithoutComments))
        select $"{source.Path}: {match.Value}").ShouldBeEmpty();

    // Our own word for a category may be one of the exchange's as well.
    [Fact]
    public void No_room_but_that_of_the_venues_knows_a_text_a_status_a_window_or_a_host_of_the_exchange() => (
        from source in House.Sources
        where source.Room != "Venues" && !source.Path.EndsWith("/Telemetry/Wording.cs", StringComparison.Ordinal)
        from literal in Literal().Matches(source.WithoutComments)
        let text = literal.Groups["text"].Value
        where IsOfTheExchange(text)
        select $"{source.Path}: {text}").ShouldBeEmpty();

    [Theory]
    [InlineData("Service Unavailable", true)]
    [InlineData("orders per ", true)]
    [InlineData("PARTIALLY_FILLED", true)]
    [InlineData("REQUEST_WEIGHT", true)]
    [InlineData("https://fapi.binance.com", true)]
    [InlineData("Too many requests already wait for the same lane.", false)]
    [InlineData("filled", false)]
    public void A_text_of_the_exchange_is_told_from_one_of_ours(string text, bool isOfTheExchange) => IsOfTheExchange(text).ShouldBe(isOfTheExchange);

    [Theory]
    [InlineData("code == -2013")]
    [InlineData("Selector.Code(-5028)")]
    public void A_code_is_seen(string code) => Code().IsMatch(code).ShouldBeTrue();

    [Theory]
    [InlineData("x = \"/fapi/v1/order\";")]
    [InlineData("Remove(\"X-MBX-APIKEY\")")]
    public void A_path_or_header_is_seen(string code) => PathOrHeader().IsMatch(code).ShouldBeTrue();

    // A sentence may name one as an example.
    [Theory]
    [InlineData("left - 2000")]
    [InlineData("\"write it as /fapi/v1/order is written\"")]
    public void What_is_none_is_not(string code) => (Code().IsMatch(code) || PathOrHeader().IsMatch(code)).ShouldBeFalse();

    [Theory]
    [InlineData("ExchangeResilience")]
    [InlineData("ExchangeResilience.PostgreSql")]
    [InlineData("ExchangeResilience.Testing")]
    public void No_room_holds_more_than_a_fifth_of_its_house(string package)
    {
        var lines = new PackageRooms(package).Sources.GroupBy(source => source.Room).ToDictionary(room => room.Key, room => room.Sum(source => source.LinesWithoutText), StringComparer.Ordinal);
        var most = lines.Values.Sum() / 5;

        lines.Where(room => room.Value > most).Select(room => $"{room.Key}: {room.Value} lines of {most}").ShouldBeEmpty();
    }

    [Fact]
    public void The_map_for_newcomers_shows_every_room_in_its_storey()
    {
        var map = Markdown.Rows(Markdown.Between(Repository.Read("CONTRIBUTING.md"), "rooms")).Select(static row => (Room: row[1].Trim('`'), Storey: int.Parse(row[0], CultureInfo.InvariantCulture) - 1));

        map.Order().ShouldBe(Storeys.SelectMany(static (rooms, storey) => rooms.Select(room => (Room: room, Storey: storey))).Order());
    }

    [Fact]
    public void What_the_newcomers_page_names_is_there() =>
        Markdown.Codes(Repository.Read("CONTRIBUTING.md")).Where(static code => code.Contains('/', StringComparison.Ordinal) && code.EndsWith(".cs", StringComparison.Ordinal))
            .Where(static path => !File.Exists(Path.Combine(Repository.Root, House.Folder, path))).ShouldBeEmpty();

    // What a reply says is read in any case, and a sentence of ours may hold it; the other words are whole and have one spelling.
    private static bool IsOfTheExchange(string text) =>
        Texts.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) || Words.Contains(text) || text.Contains(".binance", StringComparison.Ordinal);

    private static int StoreyOf(string room) => Array.FindIndex(Storeys, storey => storey.Contains(room));

    [GeneratedRegex(@"(?<![\w)\]] ?)-[1-9]\d{3,}\b")]
    private static partial Regex Code();

    [GeneratedRegex("""
        "(?<text>(?:\\.|[^"\\\n])*)"
        """)]
    private static partial Regex Literal();

    // A literal that is one, not a sentence that holds one.
    [GeneratedRegex("""
        "(?:/[a-z]+/v\d[^"\s]*|x-mbx[^"\s]*)"
        """, RegexOptions.IgnoreCase)]
    private static partial Regex PathOrHeader();
}
