using System.Text;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Tests.Journal;

/// <summary>An entry that somebody or something has changed is refused as a whole: half of one would fail later and elsewhere.</summary>
public sealed class JournalEntryTests
{
    private static readonly JournalEntry Entry = new()
    {
        Id = "run1x000000000000001",
        Run = "run1x000000000000000",
        Key = new("live", "main", "BTCUSDT", OperationKind.Place, "order-1"),
        ClientName = "futures",
        Host = new Uri("https://exchange.example"),
        Venue = "BinanceUsdFutures",
        Method = "POST",
        Path = "/fapi/v1/order",
        Attempts = [new(0, 5_000, 5_000)],
        Trail = ["asked"],
    };

    [Fact]
    public void An_entry_comes_back_as_it_was_written() => JournalEntry.FromJson(Entry.ToJson()).ToJson().ShouldBe(Entry.ToJson());

    [Theory]
    [InlineData("id", "null")]
    [InlineData("run", "null")]
    [InlineData("clientName", "null")]
    [InlineData("host", "null")]
    [InlineData("host", "\"\"")]
    [InlineData("host", "\"exchange.example/path\"")]
    [InlineData("venue", "null")]
    [InlineData("method", "null")]
    [InlineData("path", "null")]
    [InlineData("fingerprint", "null")]
    [InlineData("attempts", "null")]
    [InlineData("trail", "null")]
    [InlineData("trail", "[null]")]
    [InlineData("key", "null")]
    [InlineData("key", "{}")]
    [InlineData("key", "{\"environment\":\"live\",\"account\":\"main\",\"symbol\":null,\"kind\":\"Place\",\"id\":\"order-1\"}")]
    [InlineData("key", "{\"environment\":\"live\",\"account\":\"main\",\"symbol\":\"\",\"kind\":99,\"id\":\"order-1\"}")]
    [InlineData("state", "77")]
    [InlineData("state", "\"20\"")]
    [InlineData("state", "\"Gone\"")]
    public void An_entry_that_lacks_what_every_entry_has_is_refused(string member, string value)
    {
        var json = JsonNode.Parse(Entry.ToJson())!.AsObject();
        json[member] = JsonNode.Parse(value);

        Should.Throw<JournalException>(() => JournalEntry.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()))).Message.ShouldContain("delete the entry");
    }
}
