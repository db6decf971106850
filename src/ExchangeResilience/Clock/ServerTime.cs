using System.Text.Json;

namespace ExchangeResilience;

/// <summary>A time as the exchange gives it: in the reply of the time endpoint, <c>{"serverTime":1499827319559}</c>, or in a header.</summary>
internal static class ServerTime
{
    // The bounds are absolute because the local clock may itself be wrong by years. They catch seconds, microseconds and garbage.
    private static readonly long FirstMs = new DateTimeOffset(2017, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly long EndMs = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    /// <summary>Whether this can be an exchange's time, in milliseconds since 1970: one between 2017 and 2100.</summary>
    public static bool IsPossible(long milliseconds) => milliseconds >= FirstMs && milliseconds < EndMs;

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
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The second for half a surrogate pair in a name: well-formed as JSON, and no text.
        }

        return null;
    }
}
