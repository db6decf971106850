using System.Text.Json;
using System.Text.Json.Serialization;

namespace TradingBot;

/// <summary>The JSON line a fleet ends with: that of one bot, over all members, and what each of them says.</summary>
internal sealed record FleetResult(
    int Intended, int Executed, int Rejected, int NotExecuted, int Unknown, long Requests, double Seconds, IReadOnlyList<FleetMemberResult> Members)
{
    public string ToJson() => JsonSerializer.Serialize(this, FleetResultJson.Default.FleetResult);
}

/// <summary>What became of one member's share.</summary>
internal sealed record FleetMemberResult(int Member, int Intended, int Executed, int Rejected, int NotExecuted, int Unknown, long Requests)
{
    /// <summary>Of a member that told no result nobody knows more than its last word.</summary>
    public static FleetMemberResult Of(FleetMember member) => member.Result is { } result
        ? new(member.Number, result.Intended, result.Executed, result.Rejected, result.NotExecuted, result.Unknown, member.Requests)
        : new(member.Number, member.Orders, member.Report?.Executed ?? 0, member.Report?.Rejected ?? 0, 0, member.Orders - (member.Report?.Executed ?? 0) - (member.Report?.Rejected ?? 0), member.Requests);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FleetResult))]
internal sealed partial class FleetResultJson : JsonSerializerContext;
