using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>
/// Reads a configuration section key by key, without reflection, and strictly: a value that cannot be read and a key that is not known are faults,
/// all of them collected. A method that returns null found no usable value; the caller keeps what it had. A key may be a path below the section.
/// </summary>
internal sealed class SectionReader
{
    private const string HiddenKey = "holds an unknown key, which is not repeated: it may be a secret in the wrong place";

    private readonly IConfigurationSection _section;
    private readonly string _path;
    private readonly ICollection<string> _faults;
    private readonly bool _showsValues;
    private readonly string _below;
    private readonly ISet<string> _unread;
    private readonly bool _isValue;
    private readonly List<string> _known = [];
    private readonly List<SectionReader> _inner = [];

    /// <param name="section">The section.</param>
    /// <param name="faults">Receives every fault, each starting with its full key path.</param>
    /// <param name="showsValues">Whether a fault repeats the value: not where secrets are kept, which may be in the wrong place.</param>
    /// <param name="unread">Receives each key whose value could not be read, as a path below the section, and gives up each whose value was.</param>
    public SectionReader(IConfigurationSection section, ICollection<string> faults, bool showsValues = true, ISet<string>? unread = null)
        : this(section, section.Path, faults, showsValues, below: "", unread ?? new HashSet<string>(StringComparer.OrdinalIgnoreCase), isValue: false)
    {
    }

    private SectionReader(IConfigurationSection section, string path, ICollection<string> faults, bool showsValues, string below, ISet<string> unread, bool isValue)
    {
        _section = section;
        _path = path;
        _faults = faults;
        _showsValues = showsValues;
        _below = below;
        _unread = unread;
        _isValue = isValue;
        if (!isValue && section.Value is { Length: > 0 })
        {
            // The value is not repeated: it may be a secret in the wrong place.
            faults.Add(OptionFault.Of(path, "holds a value where a section is expected", "put its settings below it, each under its own key"));
            unread.Add(below.TrimEnd(':'));
        }
    }

    private delegate bool TryParse<T>(string text, [MaybeNullWhen(false)] out T value);

    /// <summary>Text, unchanged. It never appears in a fault, so that secrets can be read this way.</summary>
    public string? Text(string key) => TryScalar(Know(key), key, out var text) ? Noted(key, text) : null;

    public bool? Flag(string key) => Value<bool>(key, bool.TryParse, "is neither true nor false", static _ => "write true or false");

    public int? Number(string key) => Value<int>(key, TryWhole, "is not a whole number", static _ => "write digits alone, such as 3");

    /// <summary>A duration: <c>hh:mm:ss[.fff]</c> or a number with its unit.</summary>
    public TimeSpan? Duration(string key) => Value<TimeSpan>(key, DurationText.TryParse, "is not a duration", DurationRemedy, IsBareNumber(_section[key]) ? "is a bare number" : null);

    /// <summary>One of an enum's names, in any case; never its number.</summary>
    public T? Choice<T>(string key) where T : struct, Enum =>
        OneOf(key, Names.Of<T>()) is { } name ? Enum.Parse<T>(name) : null;

    /// <summary>One of the names, in any case, spelt as in the list.</summary>
    public string? OneOf(string key, IReadOnlyCollection<string> names)
    {
        if (!TryScalar(Know(key), key, out var text))
        {
            return null;
        }

        if (Names.TryPick(text.Trim(), names, out var picked))
        {
            return Noted(key, picked);
        }

        Refuse(key, Fault(PathOf(key), Names.Nearest(text, names) is null ? OptionFault.Start(text) : text, "is unknown", Names.Suggest(_showsValues ? text : "", names)));
        return null;
    }

    /// <summary>A list of texts; null where the key is absent.</summary>
    public IReadOnlyList<string>? Texts(string key) => Items(key)?.ConvertAll(item => item.Text);

    /// <summary>Puts a list that configuration gives in the place of the default; appending to that would make its items impossible to drop.</summary>
    public static void Replace<T>(IList<T> target, IReadOnlyList<T>? items)
    {
        if (items is null)
        {
            return;
        }

        target.Clear();
        foreach (var item in items)
        {
            target.Add(item);
        }
    }

    /// <summary>A list of durations; null where the key is absent.</summary>
    public IReadOnlyList<TimeSpan>? Durations(string key)
    {
        if (Items(key) is not { } items)
        {
            return null;
        }

        var durations = new List<TimeSpan>(items.Count);
        foreach (var (path, text) in items)
        {
            if (DurationText.TryParse(text, out var duration))
            {
                durations.Add(duration);
            }
            else
            {
                Refuse(key, Fault(path, OptionFault.Start(text), "is not a duration", DurationRemedy(_showsValues ? OptionFault.Start(text) : "")));
            }
        }

        return durations;
    }

    /// <summary>The section below the key, which may be absent and then reads as empty.</summary>
    public SectionReader Section(string key) => Section(key, shown: key);

    private SectionReader Section(string key, string shown)
    {
        if (_inner.Find(reader => string.Equals(reader._section.Key, key, StringComparison.Ordinal)) is { } known)
        {
            return known;
        }

        return Inner(Know(key), key, shown);
    }

    private SectionReader Inner(IConfigurationSection section, string key, string shown, bool isValue = false)
    {
        var inner = new SectionReader(section, $"{_path}:{shown}", _faults, _showsValues, $"{_below}{key}:", _unread, isValue);
        _inner.Add(inner);
        return inner;
    }

    /// <summary>The sections below this one, whose keys the user chooses.</summary>
    /// <param name="shown">How a fault shows such a key.</param>
    public IReadOnlyList<(string Key, SectionReader Reader)> Sections(Func<string, string> shown) => [.. _section.GetChildren().Select(child => (child.Key, Section(child.Key, shown(child.Key))))];

    /// <summary>To be called last: reports the keys that were not read, here and in the sections below.</summary>
    /// <param name="section">The usual name of the outermost section; null where it has none.</param>
    public void RefuseUnknownKeys(string? section = null) => RefuseUnknownKeys(section, _path);

    private void RefuseUnknownKeys(string? section, string path)
    {
        foreach (var child in _section.GetChildren())
        {
            if (!Names.TryPick(child.Key, _known, out _))
            {
                Refuse(
                    child.Key,
                    SettingPaths.HomeOf(child.Key, section, path) is { } home ? OptionFault.Of(PathOf(child.Key), "unknown key", $"it belongs to {home}")
                    : IsShown(child.Key, _known) ? OptionFault.Of(PathOf(Names.Nearest(child.Key, _known) is null ? OptionFault.Start(child.Key) : child.Key), "unknown key", Remedy(child.Key))
                    : OptionFault.Of(_path, HiddenKey, Remedy("")));
            }
        }

        foreach (var inner in _inner)
        {
            inner.RefuseUnknownKeys(section, path);
        }
    }

    private string Remedy(string key) => _isValue ? "a value has none below it" : Names.Suggest(key, _known);

    // Where values are not shown, a key is only where it is meant as one: a secret may stand there as well.
    private bool IsShown(string key, List<string> known) => _showsValues || Names.Nearest(key, known) is not null;

    private static bool TryWhole(string text, out int value) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);

    private static string DurationRemedy(string text) => IsBareNumber(text)
        ? $"add its unit: {text.Trim()}ms, {text.Trim()}s, {text.Trim()}m or {text.Trim()}h"
        : "write hh:mm:ss, or a number with its unit such as 500ms, 5s, 2m or 1h";

    private static bool IsBareNumber(string? text) => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out _);

    private T? Value<T>(string key, TryParse<T> tryParse, string problem, Func<string, string> remedy, string? hidden = null) where T : struct
    {
        if (!TryScalar(Know(key), key, out var text))
        {
            return null;
        }

        if (tryParse(text, out var value))
        {
            return Noted(key, value);
        }

        // Where the value is not repeated, what it was recognised as is said.
        Refuse(key, hidden is null || _showsValues ? Fault(PathOf(key), OptionFault.Start(text), problem, remedy(_showsValues ? OptionFault.Start(text) : "")) : OptionFault.Of(PathOf(key), hidden, "add its unit: 5000ms and 5s are five seconds"));
        return null;
    }

    private List<(string Path, string Text)>? Items(string key)
    {
        var section = Know(key);
        if (!section.Exists())
        {
            return null;
        }

        if (section.Value is { Length: > 0 })
        {
            Refuse(key, OptionFault.Of(PathOf(key), "holds one value where a list is expected", "write a list, also of a single item"));
            return null;
        }

        var items = Noted(key, new List<(string, string)>());
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                Refuse(key, OptionFault.Of(PathOf(_showsValues ? $"{key}:{OptionFault.Start(child.Key)}" : key), _showsValues ? "unknown key in a list" : HiddenKey, "write a list, whose keys are 0, 1 and so on"));
            }
            else if (TryScalar(child, $"{key}:{child.Key}", out var text))
            {
                items.Add((PathOf($"{key}:{child.Key}"), text));
            }
            else if (!child.GetChildren().Any())
            {
                Refuse(key, OptionFault.Of(PathOf($"{key}:{child.Key}"), "is empty", "write a value, or remove the item"));
            }
        }

        return items;
    }

    private bool TryScalar(IConfigurationSection section, string key, [NotNullWhen(true)] out string? text)
    {
        text = section.Value;
        if (text is null && section.GetChildren().Any())
        {
            Refuse(key, OptionFault.Of(PathOf(key), "holds a section or list where a value is expected", "write the value itself"));
        }
        else if (text is not null)
        {
            // Sources are laid over each other: a value of a file may have a key below it that a variable of the environment gives.
            _ = Inner(section, key, key, isValue: true);
        }

        return text is not null;
    }

    private T Noted<T>(string key, T read)
    {
        _unread.Remove(_below + key);
        return read;
    }

    private void Refuse(string key, string fault)
    {
        _unread.Add(_below + key);
        _faults.Add(fault);
    }

    private IConfigurationSection Know(string key)
    {
        if (key.Split(ConfigurationPath.KeyDelimiter, 2) is [var outer, var rest])
        {
            return Section(outer).Know(rest);
        }

        _known.Add(key);
        return _section.GetSection(key);
    }

    private string Fault(string path, string value, string problem, string remedy) =>
        _showsValues ? OptionFault.Of(path, value, problem, remedy) : OptionFault.Of(path, problem, remedy);

    private string PathOf(string key) => $"{_path}:{key}";
}
