using System.Text;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>Recognises the reply that nearly every placed order gets: its own name, and no refusal. It allocates nothing; any other reply is left to <see cref="OrderEvidence"/>.</summary>
internal static class OrderEcho
{
    /// <summary>Whether a well-formed reply says of no order but the placed one, and says in plain words that it was taken.</summary>
    public static bool IsOf(ExchangeOperation placed, ReadOnlySpan<byte> reply)
    {
        if (placed is not { OrderId: null, ClientOrderId: { } id } || !reply.StartsWith("{"u8))
        {
            return false;
        }

        var reader = new Utf8JsonReader(reply);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAsPlaced = !reader.ValueIsEscaped && reader.ValueSpan switch
            {
                var name when name.SequenceEqual("clientOrderId"u8) || name.SequenceEqual("clientAlgoId"u8) => IsText(ref reader) && Ascii.Equals(reader.ValueSpan, id),
                var name when name.SequenceEqual("symbol"u8) => IsText(ref reader) && Ascii.EqualsIgnoreCase(reader.ValueSpan, placed.Symbol),
                var name when name.SequenceEqual("side"u8) => IsText(ref reader) && Ascii.Equals(reader.ValueSpan, placed.Terms.Side),
                var name when name.SequenceEqual("status"u8) || name.SequenceEqual("algoStatus"u8) => IsText(ref reader) && !Ascii.Equals(reader.ValueSpan, OrderStatuses.Rejected),
                _ => reader.TrySkip(),
            };
            if (!isAsPlaced)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsText(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped;
}
