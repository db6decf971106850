using System.Text.Json;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Events of the user data stream, and what they tell of a claimed order and of a claimed amendment.</summary>
internal sealed class EventsTarget : FuzzTarget<EventsTarget.Outcome>
{
    private static readonly Claim Place = Claimed.Of("POST /fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1000&price=50000&newClientOrderId=my-order-1");
    private static readonly Claim Amend = Claimed.Of("PUT /fapi/v1/order", "symbol=BTCUSDT&side=BUY&quantity=1000&price=50000&origClientOrderId=my-order-1");

    public override string Name => "events";

    public override int Inputs => 60_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("events.txt"));

    public override IReadOnlyList<string> Words => ["\"x\":\"NEW\",", "\"x\":\"TRADE\",", "\"c\":\"other\",", "AMENDMENT", "\"1,000\"", "ALGO_UPDATE"];

    public override IReadOnlyList<string> Milestones => ["no event", "a creation", "an amendment", "another's"];

    public override (long Base, long PerByte) Allocation => (16 * 1024, 128);

    protected override Outcome Act(byte[] input) =>
        UserDataEvent.Read(input) is { } told ? new(told, EvidenceRules.IsAbout(Place, told), EvidenceRules.IsAbout(Amend, told)) : new(null, IsPlace: false, IsAmend: false);

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach(outcome.Told is null ? "no event" : outcome.IsPlace ? "a creation" : outcome.IsAmend ? "an amendment" : "another's");
        if (outcome.Told is not { } told)
        {
            return null;
        }

        using var document = Wire.Parse(input, unique: true);
        if (document is null || Wire.Members(document.RootElement, "o").ToList() is not [{ ValueKind: JsonValueKind.Object } order])
        {
            return "an event out of bytes that are no unambiguous JSON";
        }

        using var retold = Wire.Parse(told.Order.Raw);
        if (retold is null)
        {
            return "an order retold in words that are no JSON";
        }

        var root = document.RootElement;
        var isAlgo = Wire.Only(root, "e") == "ALGO_UPDATE";
        var (id, news) = isAlgo ? ("caid", "X") : ("c", "x");
        var isOurs = Wire.Only(order, id) == "my-order-1"
            && (Claimed.IsWithin(order, "T") || Claimed.IsWithin(root, "T"));
        var quantity = Wire.Decimal(Wire.Only(order, "q"));

        // An order that may only shrink a position is cut down to that; the place claimed here is none.
        var mayBeCut = quantity is > 0 and < 1000 && Wire.Members(order, "R").Any(static flag => flag.ValueKind == JsonValueKind.True);
        return outcome.IsPlace && !(isOurs && quantity == 1000 && Wire.Only(order, news) == "NEW" && Agrees(order, "s", "BTCUSDT") && Agrees(order, "S", "BUY") && (Agrees(order, "o", "LIMIT") || Agrees(order, "ot", "LIMIT"))) ? "an event taken for our order's that its bytes do not show"
            : outcome.IsAmend && !(isOurs && (quantity == 1000 || mayBeCut) && !isAlgo && Wire.Only(order, "x") == "AMENDMENT" && Wire.Decimal(Wire.Only(order, "p")) == 50000) ? "an event taken for our amendment's that its bytes do not show"
            : null;
    }

    private static bool Agrees(JsonElement order, string name, string asked) => Wire.Only(order, name) is not { } found || string.Equals(found, asked, StringComparison.OrdinalIgnoreCase);

    internal sealed record Outcome(UserDataEvent? Told, bool IsPlace, bool IsAmend);
}
