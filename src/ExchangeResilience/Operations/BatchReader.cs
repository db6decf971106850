using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>Reads the items of a batch, each as the request of a single order.</summary>
internal static class BatchReader
{
    // Of a name that is in an object twice, this library may read the one value and the exchange the other.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The parameter that holds a request's items; null where it has none, or two.</summary>
    public static string? ParameterOf(ExchangeEndpoint batch, RequestParameters parameters)
    {
        if (batch.ItemsParameter is { } items)
        {
            return parameters.TryFind(items, out _) ? items : null;
        }

        var byOrderId = batch.OrderIdParameter is { } orderIds && parameters[orderIds] is { Length: > 0 };
        var byClientId = batch.ClientIdParameter is { } clientIds && parameters[clientIds] is { Length: > 0 };
        return (byOrderId, byClientId) switch
        {
            (true, false) => batch.OrderIdParameter,
            (false, true) => batch.ClientIdParameter,
            _ => null,
        };
    }

    /// <summary>The items; null where the value is not what the row says it is.</summary>
    public static BatchItems? Read(ExchangeEndpoint batch, ExchangeEndpoint item, string parameter, RequestParameters parameters, Func<string, bool> isGenerated, string? seal = null)
    {
        try
        {
            using var document = JsonDocument.Parse(parameters[parameter]!, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            var items = new List<BatchItem>();
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (FormOf(batch, item, parameter, parameters, element) is not { } form)
                {
                    return null;
                }

                var read = new RequestParameters(query: null, form);
                var id = item.ClientIdParameter is { } name ? read[name] : null;
                items.Add(new BatchItem(element.GetRawText(), OperationReader.Read(item, read, id is not null && isGenerated(id), seal: seal is null ? null : string.Create(CultureInfo.InvariantCulture, $"{seal}-{items.Count + 1}"))));
            }

            return new BatchItems(parameter, items);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The latter where an escape is half a character, which is no text.
            return null;
        }
    }

    /// <summary>The same item with another value under a name, whether it was there or not.</summary>
    public static string With(string json, string name, string value)
    {
        using var document = JsonDocument.Parse(json);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject().Where(property => !property.NameEquals(name)))
            {
                writer.WritePropertyName(property.Name);
                writer.WriteRawValue(property.Value.GetRawText());
            }

            writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The item as the form a single request would send; null where it is none.</summary>
    private static string? FormOf(ExchangeEndpoint batch, ExchangeEndpoint item, string parameter, RequestParameters parameters, JsonElement element)
    {
        if (batch.ItemsParameter is not null)
        {
            return element.ValueKind == JsonValueKind.Object ? FormOf(element) : null;
        }

        var id = string.Equals(parameter, batch.OrderIdParameter, StringComparison.Ordinal) ? item.OrderIdParameter : item.ClientIdParameter;
        return element.ValueKind is JsonValueKind.String or JsonValueKind.Number && id is not null
            ? ParameterText.Append(parameters["symbol"] is { } symbol ? ParameterText.Append("", "symbol", symbol) : "", id, TextOf(element))
            : null;
    }

    private static string FormOf(JsonElement item)
    {
        using var form = new PooledText();
        foreach (var property in item.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null)
            {
                form.Append(form.Length == 0 ? "" : "&");
                ParameterText.AppendEncoded(form, property.Name);
                form.Append('=');
                ParameterText.AppendEncoded(form, TextOf(property.Value));
            }
        }

        return form.ToString();
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };
}
