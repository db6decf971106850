using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ExchangeResilience.Testing;

/// <summary>The parameters of one request, or of one element of a batch.</summary>
internal sealed partial class Parameters
{
    private static readonly string[] Once = ["timestamp", "recvWindow", "signature"];

    private static readonly Dictionary<string, Regex> Formats = new(StringComparer.Ordinal)
    {
        ["timestamp"] = Whole,
        ["recvWindow"] = Whole,
        ["orderId"] = Whole,
        ["algoId"] = Whole,
        ["startTime"] = Whole,
        ["endTime"] = Whole,
        ["limit"] = Whole,
        ["fromId"] = Whole,
        ["leverage"] = Whole,
        ["countdownTime"] = Whole,
        ["quantity"] = Number,
        ["price"] = Number,
        ["amount"] = Number,
        ["stopPrice"] = Number,
        ["triggerPrice"] = Number,
        ["newClientOrderId"] = IdCharacters,
        ["clientAlgoId"] = IdCharacters,
        ["reduceOnly"] = Boolean,
        ["closePosition"] = Boolean,
        ["dualSidePosition"] = Boolean,
        ["multiAssetsMargin"] = Boolean,
    };

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private Parameters()
    {
    }

    // Eighteen digits at most always fit.
    [GeneratedRegex("^[0-9]{1,18}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@"^([0-9]{1,20})(\.[0-9]{1,20})?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number { get; }

    // The documented rule reads {1,36}, but a longer id of legal characters has a code of its own, -4015.
    [GeneratedRegex(@"^[\.A-Z\:/a-z0-9_-]+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IdCharacters { get; }

    [GeneratedRegex("^(true|false|TRUE|FALSE)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Boolean { get; }

    public IReadOnlyDictionary<string, string> Values => _values;

    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Reads query and body. Within one of them a name may come once; across both the query wins, but time and signature may not come twice at all.</summary>
    public static Parameters Parse(string query, ReadOnlySpan<byte> body, out bool hasDuplicates)
    {
        var parameters = new Parameters();
        hasDuplicates = !parameters.Add(query);
        var inQuery = new HashSet<string>(parameters._values.Keys, StringComparer.Ordinal);
        if (body.Length == 0)
        {
            return parameters;
        }

        var form = new Parameters();
        hasDuplicates |= !form.Add(Encoding.UTF8.GetString(body));
        foreach (var (name, value) in form._values)
        {
            if (!parameters._values.TryAdd(name, value))
            {
                hasDuplicates |= Once.Contains(name, StringComparer.Ordinal) && inQuery.Contains(name);
            }
        }

        return parameters;
    }

    /// <summary>Reads one element of a batch.</summary>
    public static Parameters From(JsonElement item)
    {
        var parameters = new Parameters();
        if (item.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in item.EnumerateObject())
            {
                parameters._values[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            }
        }

        return parameters;
    }

    /// <summary>Parameters made by the exchange itself.</summary>
    public static Parameters Of(params ReadOnlySpan<(string Name, string Value)> values)
    {
        var parameters = new Parameters();
        foreach (var (name, value) in values)
        {
            parameters._values[name] = value;
        }

        return parameters;
    }

    public bool Has(string name) => !string.IsNullOrEmpty(this[name]);

    public decimal? Decimal(string name) =>
        decimal.TryParse(this[name], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : null;

    public long? Integer(string name) =>
        long.TryParse(this[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    public bool Flag(string name) => string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with the form of these parameters, the mandatory ones first; null if nothing is.</summary>
    public Refusal? Inspect(IReadOnlyList<string> mandatory)
    {
        foreach (var name in mandatory)
        {
            if (!Has(name))
            {
                return Refusal.Mandatory(name);
            }
        }

        foreach (var (name, value) in _values)
        {
            if (!Formats.TryGetValue(name, out var format))
            {
                continue;
            }

            if (value.Length == 0)
            {
                return Refusal.Empty(name);
            }

            if (!format.IsMatch(value))
            {
                return Refusal.IllegalCharacters(name, format == IdCharacters ? @"^[\.A-Z\:/a-z0-9_-]{1,36}$" : format.ToString());
            }
        }

        return null;
    }

    private bool Add(string encoded)
    {
        var distinct = true;
        foreach (var pair in encoded.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = WebUtility.UrlDecode(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? "" : WebUtility.UrlDecode(pair[(equals + 1)..]);
            distinct &= _values.TryAdd(name, value);
        }

        return distinct;
    }
}
