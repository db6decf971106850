using System.Globalization;

namespace ExchangeResilience;

/// <summary>One setting, as a row of a table: how it is read, what it may be, and how a reload logs its change.</summary>
/// <typeparam name="T">The options that hold it.</typeparam>
/// <param name="Read">Sets it to what the section gives; what is not there or cannot be read leaves it as it is.</param>
/// <param name="Faults">What is wrong with its value; each starts with its key, a path below the section such as <c>Clock:Samples</c>.</param>
/// <param name="Change">How a reload logs its change; null where there is none.</param>
internal sealed record SettingRow<T>(Action<SectionReader, T> Read, Func<T, IEnumerable<string>> Faults, Func<T, T, string?> Change)
{
    public static SettingRow<T> Duration(string key, Func<T, TimeSpan?> get, Action<T, TimeSpan> set, TimeSpan least, TimeSpan most) =>
        Value(key, reader => reader.Duration(key), get, set, DurationText.Format, value => FaultOf(key, value, least, most));

    public static SettingRow<T> Number(string key, Func<T, int?> get, Action<T, int> set, int least, int most) =>
        Value(key, reader => reader.Number(key), get, set, Shown, value => value < least || value > most ? OptionFault.OutOfRange(key, Shown(value), Shown(least), Shown(most)) : null);

    public static SettingRow<T> Flag(string key, Func<T, bool?> get, Action<T, bool> set) =>
        Value(key, reader => reader.Flag(key), get, set, static value => value ? "true" : "false", static _ => null);

    public static SettingRow<T> Choice<TEnum>(string key, Func<T, TEnum?> get, Action<T, TEnum> set) where TEnum : struct, Enum =>
        Value(key, reader => reader.Choice<TEnum>(key), get, set, static value => value.ToString(), value => Enum.IsDefined(value) ? null : OptionFault.Undefined(key, value));

    /// <summary>A text of the user's. A change is told by its key alone, since a secret may be in the wrong place.</summary>
    /// <param name="key">The key.</param>
    /// <param name="get">Gets it.</param>
    /// <param name="set">Sets it.</param>
    /// <param name="fault">Given the key and the text, what is wrong with it.</param>
    public static SettingRow<T> Text(string key, Func<T, string?> get, Action<T, string> set, Func<string, string?, string?> fault) => new(
        (reader, target) => set(target, reader.Text(key) ?? get(target)!),
        options => fault(key, get(options)) is { } found ? [found] : [],
        (before, after) => string.Equals(get(before), get(after), StringComparison.Ordinal) ? null : key);

    /// <summary>Texts of the user's, told like one.</summary>
    public static SettingRow<T> Texts(string key, Func<T, IList<string>> get, Func<string, string?, string?> fault) => new(
        (reader, target) => SectionReader.Replace(get(target), reader.Texts(key)),
        options => get(options).Select((text, index) => fault($"{key}:{Shown(index)}", text)).OfType<string>(),
        (before, after) => get(before).SequenceEqual(get(after), StringComparer.Ordinal) ? null : key);

    /// <summary>Durations, each between the two ends.</summary>
    public static SettingRow<T> Durations(string key, Func<T, IList<TimeSpan>> get, TimeSpan least, TimeSpan most) => new(
        (reader, target) => SectionReader.Replace(get(target), reader.Durations(key)),
        options => get(options).Select((value, index) => FaultOf($"{key}:{Shown(index)}", value, least, most)).OfType<string>(),
        (before, after) => Told(key, string.Join(" and ", get(before).Select(DurationText.Format)), string.Join(" and ", get(after).Select(DurationText.Format))));

    /// <summary>How the change of a value is told that may be shown; null where it is the same.</summary>
    public static string? Told(string key, string? before, string? after) =>
        string.Equals(before, after, StringComparison.Ordinal) ? null : $"{key} from {OrUnset(before)} to {OrUnset(after)}";

    private static SettingRow<T> Value<TValue>(
        string key, Func<SectionReader, TValue?> read, Func<T, TValue?> get, Action<T, TValue> set, Func<TValue, string> shown, Func<TValue, string?> fault) where TValue : struct
    {
        return new(Read, options => get(options) is { } value && fault(value) is { } found ? [found] : [], (before, after) => Told(key, Show(before), Show(after)));

        void Read(SectionReader reader, T target)
        {
            if (read(reader) is { } value)
            {
                set(target, value);
            }
        }

        string? Show(T options) => get(options) is { } value ? shown(value) : null;
    }

    private static string? FaultOf(string key, TimeSpan value, TimeSpan least, TimeSpan most) => value < least || value > most ? OptionFault.OutOfRange(key, value, least, most) : null;

    private static string OrUnset(string? value) => string.IsNullOrEmpty(value) ? "unset" : value;

    private static string Shown(int number) => number.ToString(CultureInfo.InvariantCulture);
}
