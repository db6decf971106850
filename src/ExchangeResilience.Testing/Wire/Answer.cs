using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>What an endpoint answers: a body, or a refusal.</summary>
internal readonly record struct Answer(JsonNode? Body, Refusal? Refusal)
{
    public static implicit operator Answer(JsonNode body) => new(body, null);

    public static implicit operator Answer(Refusal refusal) => new(null, refusal);

    /// <summary>The answer as one element of a batch's array.</summary>
    public JsonNode AsItem() => Refusal is { } refusal ? new JsonObject { ["code"] = refusal.Code, ["msg"] = refusal.Message } : Body!;
}
