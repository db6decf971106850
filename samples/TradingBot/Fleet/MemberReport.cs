using System.Text.Json;
using System.Text.Json.Serialization;

namespace TradingBot;

/// <summary>What a member of the fleet is at.</summary>
internal enum MemberActivity
{
    /// <summary>It joins, and settles what an earlier run left in doubt.</summary>
    Starting,

    /// <summary>It has joined, and waits to be let trade.</summary>
    Ready,

    /// <summary>It trades its share.</summary>
    Trading,

    /// <summary>Its share is done; it stays for what others leave behind.</summary>
    Done,
}

/// <summary>What happened to a member.</summary>
internal enum MemberEventKind
{
    /// <summary>The exchange itself told it to wait.</summary>
    Told,

    /// <summary>It was told to wait because another member, or an earlier run, was.</summary>
    Heard,

    /// <summary>It took up orders that somebody else left in doubt.</summary>
    TookOver,

    /// <summary>It settled such an order.</summary>
    Settled,

    /// <summary>Something else that the library warned of.</summary>
    Warned,
}

/// <summary>Something that happened to a member.</summary>
/// <param name="Kind">What.</param>
/// <param name="Text">The same in words.</param>
/// <param name="At">When, by the machine's clock that never steps; comparable between processes of one machine.</param>
internal sealed record MemberEvent(MemberEventKind Kind, string Text, long At)
{
    [JsonIgnore]
    public bool IsWordOfHold => Kind is MemberEventKind.Told or MemberEventKind.Heard;
}

/// <summary>How a member of the fleet stands: the JSON line it writes with --report.</summary>
/// <param name="Activity">What it is at.</param>
/// <param name="Executed">Orders that took effect.</param>
/// <param name="Rejected">Orders the exchange will never take.</param>
/// <param name="UnderWay">Orders begun that have not met their fate.</param>
/// <param name="InDoubt">Orders in doubt, of whomever.</param>
/// <param name="Requests">HTTP requests this process sent.</param>
/// <param name="HeldSeconds">How long its address is still held; 0 where it is not.</param>
/// <param name="LeaseSeconds">What is left of its lease; null while it has none.</param>
/// <param name="StoreFault">Why the database cannot be reached; null while it can.</param>
/// <param name="Event">What just happened; null in the lines written by the clock.</param>
internal sealed record MemberReport(
    MemberActivity Activity, int Executed, int Rejected, int UnderWay, int InDoubt, long Requests, double HeldSeconds, double? LeaseSeconds, string? StoreFault, MemberEvent? Event)
{
    public string ToJson() => JsonSerializer.Serialize(this, MemberJson.Default.MemberReport);

    /// <summary>Null where the line is another one.</summary>
    public static MemberReport? Read(string line) =>
        line.StartsWith("{\"activity\"", StringComparison.Ordinal) ? JsonSerializer.Deserialize(line, MemberJson.Default.MemberReport) : null;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MemberReport))]
internal sealed partial class MemberJson : JsonSerializerContext;
