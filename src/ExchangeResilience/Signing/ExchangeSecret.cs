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
public sealed class ExchangeSecret
{
    private const string Mask = "***";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value;

    /// <param name="value">The text to hide.</param>
    public ExchangeSecret(string value)
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
    public static implicit operator ExchangeSecret?(string? value) => FromString(value);

    /// <summary>Hides a text; null stays null.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(value))]
    public static ExchangeSecret? FromString(string? value) => value is null ? null : new ExchangeSecret(value);

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => Mask;

    internal string Reveal() => _value;

    private sealed class SecretJsonConverter : JsonConverter<ExchangeSecret>
    {
        public override ExchangeSecret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, ExchangeSecret value, JsonSerializerOptions options) => writer.WriteStringValue(Mask);
    }

    private sealed class SecretTypeConverter : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            value is string text ? new ExchangeSecret(text) : throw GetConvertFromException(value);
    }
}
