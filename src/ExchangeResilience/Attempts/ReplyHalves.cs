using System.Text.Json;

namespace ExchangeResilience;

/// <summary>The reply to a combined request that succeeded in one half only (spot's cancelReplace, under 409). The caller can read of each half what this library cannot.</summary>
internal static class ReplyHalves
{
    private const int Conflict = 409;

    /// <summary>Whether a reply on a path that no table lists reports two halves.</summary>
    public static bool Stand(int status, byte[] body, ExchangeEndpoint endpoint) =>
        status == Conflict && endpoint is { IsMutation: true, IsListed: false } && EvidenceJson.Read(body, Found) is not null;

    private static string? Found(JsonElement reply) =>
        reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("data", out var halves) && halves.ValueKind == JsonValueKind.Object
        && halves.EnumerateObject().Any(static half => half.Value.ValueKind == JsonValueKind.Object)
            ? "data"
            : null;
}
