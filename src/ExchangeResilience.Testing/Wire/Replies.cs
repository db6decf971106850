using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Writes replies.</summary>
internal static class Replies
{
    private const string Json = "application/json";

    // As the exchange does: symbols in their own script, not escaped.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>(StringComparer.Ordinal);

    public static WireReply Of(Answer answer) =>
        answer.Refusal is { } refusal ? Of(refusal, retryAfter: null) : new WireReply(200, Write(answer.Body!), Json, NoHeaders);

    public static WireReply Of(Refusal refusal, TimeSpan? retryAfter) => new(
        refusal.Status,
        Write(new JsonObject { ["code"] = refusal.Code, ["msg"] = refusal.Message }),
        Json,
        retryAfter is { } wait ? new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = Fault.Seconds(wait) } : NoHeaders);

    public static WireReply Of(CannedReply canned, string path, Moment moment)
    {
        if (canned.IsHtml)
        {
            var title = $"{canned.Status.ToString(CultureInfo.InvariantCulture)} {(HttpStatusCode)canned.Status}";
            return new WireReply(
                canned.Status,
                Encoding.UTF8.GetBytes($"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<p>{canned.Message}</p>\r\n</body>\r\n</html>\r\n"),
                "text/html",
                NoHeaders);
        }

        // Without a code the exchange's front end sends the time and the path instead.
        var body = canned.Code is { } code
            ? new JsonObject { ["code"] = code, ["msg"] = canned.Message }
            : new JsonObject { ["timestamp"] = moment.Milliseconds, ["path"] = path, ["msg"] = canned.Message };
        return new WireReply(canned.Status, Write(body), Json, NoHeaders);
    }

    public static byte[] Write(JsonNode body)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            body.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
