using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>A slow and plain reading of bytes, by System.Text.Json's document alone.</summary>
internal static partial class Wire
{
    public const int LongestError = 64 * 1024;

    /// <summary>The document; null where the bytes are not, to the last one, JSON in UTF-8.</summary>
    public static JsonDocument? Parse(ReadOnlySpan<byte> bytes, bool unique = false)
    {
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        try
        {
            return Utf8.IsValid(bytes) ? JsonDocument.Parse(bytes.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = !unique }) : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name, met while names are compared.
            return null;
        }
    }

    public static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Every member of that name, which need not be the only one.</summary>
    public static IEnumerable<JsonElement> Members(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Where(member => NameOf(member) == name).Select(member => member.Value) : [];

    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }

    /// <summary>A text, or a number as it is written; null for anything else, and for a text that no string can hold.</summary>
    public static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString(),
                JsonValueKind.Number => element.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The one text under a name; null where there is none, or more than one.</summary>
    public static string? Only(JsonElement element, string name) => Members(element, name).ToList() is [var only] ? Text(only) : null;

    /// <summary>A whole number, in digits alone or as a text of them.</summary>
    public static long? Whole(JsonElement element, bool allowPlus = false) => Text(element) is { } text && (allowPlus || text is not ['+', ..]) && WholeNumber().IsMatch(text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A decimal as the exchange writes it: no blanks, no groups, no exponent.</summary>
    public static decimal? Decimal(string? text) => text is not null && DecimalNumber().IsMatch(text) && decimal.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^[-+]?[0-9]{1,19}\z")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^-?(?=\.?[0-9])[0-9]{0,25}(\.[0-9]{0,25})?\z")]
    private static partial Regex DecimalNumber();
}
