using System.Text.Json;

namespace ExchangeResilience;

/// <summary>Reads the reply of the time endpoint: <c>{"serverTime":1499827319559}</c>.</summary>
internal static class ServerTime
{
    /// <summary>Milliseconds since 1970; null where the bytes do not say.</summary>
    public static long? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("serverTime"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var time) ? time : null;
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name: well-formed as JSON, and no text.
            return null;
        }

        return null;
    }
}
