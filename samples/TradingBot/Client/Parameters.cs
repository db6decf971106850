using System.Collections;
using System.Globalization;

namespace TradingBot;

/// <summary>Request parameters in the order they are added; what is null is left out. Numbers are written the same in every country.</summary>
internal sealed class Parameters : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _values = [];

    public void Add(string name, string? value)
    {
        if (value is not null)
        {
            _values.Add(new(name, value));
        }
    }

    public void Add(string name, decimal? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public void Add(string name, int value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public string ToQuery() =>
        _values.Count == 0 ? "" : "?" + string.Join('&', _values.Select(static pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));

    public HttpContent ToForm() => new FormUrlEncodedContent(_values);

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
