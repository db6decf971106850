using System.Collections;
using System.Globalization;
using System.Reflection;
using ExchangeResilience.PostgreSql;
using ExchangeResilience.Sqlite;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Docs;

/// <summary>One key of a settings section, as the options' properties give it.</summary>
/// <param name="Key">Its path below the section, such as <c>Clock:Samples</c>.</param>
/// <param name="Type">The type of its value.</param>
/// <param name="Default">Its value when nobody sets it.</param>
internal sealed record DocumentedOption(string Key, Type Type, object? Default)
{
    private const string AnySelector = "<selector>";

    /// <summary>The key with a selector of its own where any will do.</summary>
    public string Example => Key.Replace(AnySelector, "Default", StringComparison.Ordinal);

    /// <summary>The default as the documentation writes it.</summary>
    public string DefaultText => Default switch
    {
        null => "",
        IEnumerable items and not string => string.Join(", ", items.Cast<object>().Select(item => $"`{TextOf(item)}`")),
        { } value => $"`{TextOf(value)}`",
    };

    /// <summary>Every key of a client's error handling.</summary>
    public static IReadOnlyList<DocumentedOption> OfErrorHandling() => [.. Of(new ExchangeErrorHandlingOptions(), "").Where(option => option.Default is not IList<ExchangeEndpoint>)];

    /// <summary>Every key of a client's signing.</summary>
    public static IReadOnlyList<DocumentedOption> OfSigning() => [.. Of(new ExchangeSigningOptions(), "").Where(option => option.Type != typeof(IExchangeSigner))];

    /// <summary>Every key of the SQLite journal.</summary>
    public static IReadOnlyList<DocumentedOption> OfSqliteJournal() => [.. Of(new SqliteOrderJournalOptions(), "")];

    /// <summary>Every key of the state that a fleet shares.</summary>
    public static IReadOnlyList<DocumentedOption> OfSharedState() => [.. Of(new PostgreSqlExchangeStateOptions(), "")];

    /// <summary>Every setting of the simulated exchange that is a value; its keys and symbols are lists.</summary>
    public static IReadOnlyList<DocumentedOption> OfSimulator() => [.. Of(new SimulatedExchangeOptions(), "").Where(option => option.Default is not IEnumerable)];

    private static string TextOf(object value) => value switch
    {
        TimeSpan time => DurationText.Format(time),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static IEnumerable<DocumentedOption> Of(object options, string prefix) =>
        options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property => property.GetValue(options) switch
        {
            IDictionary<string, ErrorPolicy> => Of(new ErrorPolicy(), $"{prefix}{property.Name}:{AnySelector}:"),
            ClockOptions or ReconciliationOptions or LimitOptions => Of(property.GetValue(options)!, $"{prefix}{property.Name}:"),
            var value => [new DocumentedOption(prefix + property.Name, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, value)],
        });
}
