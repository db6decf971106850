using System.Net;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>A reply kept so that it can be handed out more than once.</summary>
internal sealed record ReplySnapshot(HttpStatusCode Status, byte[] Body, string? MediaType)
{
    /// <summary>What a caller is given where it is known that an order took effect, and its description was lost: which order it is.</summary>
    public static ReplySnapshot OfOrder(string symbol, string? clientOrderId, string? orderId)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("symbol", symbol);
            if (clientOrderId is not null)
            {
                writer.WriteString("clientOrderId", clientOrderId);
            }

            if (orderId is not null)
            {
                writer.WriteString("orderId", orderId);
            }

            writer.WriteEndObject();
        }

        return new ReplySnapshot(HttpStatusCode.OK, buffer.ToArray(), "application/json");
    }

    public HttpResponseMessage ToResponse(HttpRequestMessage request)
    {
        var content = new ByteArrayContent(Body);
        if (MediaType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", MediaType);
        }

        return new HttpResponseMessage(Status) { Content = content, RequestMessage = request };
    }
}
