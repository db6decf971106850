using System.Text.Json;
using System.Text.Unicode;

namespace ExchangeResilience;

/// <summary>Reads the JSON that evidence comes in. What leaves open what it says is none: better no evidence than half of it.</summary>
internal static class EvidenceJson
{
    // A name that is in an object twice has two values, and nothing shows which of them is true.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What <paramref name="read"/> makes of the document; null where the bytes are none.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T?> read)
        where T : class
    {
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: well-formed as JSON, and no text.
            return null;
        }
    }
}
