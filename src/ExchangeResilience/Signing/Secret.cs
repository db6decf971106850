using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExchangeResilience;

/// <summary>
/// A text that must not be seen. It is read from configuration like a string, and shows as <c>***</c> in logs, JSON and the
/// debugger. Two secrets are equal only if they are the same object.
/// </summary>
[DebuggerDisplay(Mask)]
[JsonConverter(typeof(SecretJsonConverter))]
[TypeConverter(typeof(SecretTypeConverter))]
public sealed class Secret
{
    private const string Mask = "***";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value;

    /// <param name="value">The text to hide.</param>
    public Secret(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal bool IsBlank => string.IsNullOrWhiteSpace(_value);

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal bool IsPadded => _value.AsSpan().Trim().Length != _value.Length;

    /// <summary>Hides a text.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(value))]
    public static implicit operator Secret?(string? value) => FromString(value);

    /// <summary>Hides a text; null stays null.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(value))]
    public static Secret? FromString(string? value) => value is null ? null : new Secret(value);

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => Mask;

    internal string Reveal() => _value;

    private sealed class SecretJsonConverter : JsonConverter<Secret>
    {
        public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(Mask);
    }

    private sealed class SecretTypeConverter : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            value is string text ? new Secret(text) : throw GetConvertFromException(value);
    }
}
