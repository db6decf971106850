namespace ExchangeResilience;

/// <summary>What a reload changes, in words. A number, a time or a choice is logged with its values; a text of the user's by its key alone, since a secret may be in the wrong place.</summary>
internal static class SettingsChanges
{
    /// <summary>The end of a sentence about settings that take the place of others. Endpoints are not in it: they are made in code.</summary>
    public static string Between(ExchangeErrorHandlingOptions before, ExchangeErrorHandlingOptions after)
    {
        List<string> changes =
        [
            .. ErrorHandlingSettings.All.Select(setting => setting.Change(before, after)).OfType<string>(),
            .. before.Policies.Keys.Union(after.Policies.Keys, StringComparer.OrdinalIgnoreCase).SelectMany(selector => RowChanges(selector, RowOf(before, selector), RowOf(after, selector))),
        ];
        return changes.Count == 0 ? "; nothing changed" : $"; changed: {string.Join(", ", changes)}";
    }

    private static ErrorPolicy RowOf(ExchangeErrorHandlingOptions options, string selector) => options.Policies.TryGetValue(selector, out var row) ? row : new ErrorPolicy();

    private static IEnumerable<string> RowChanges(string selector, ErrorPolicy before, ErrorPolicy after) =>
        PolicyColumns.All.Select(column => column.Change(before, after)).OfType<string>().Select(change => $"{nameof(ExchangeErrorHandlingOptions.Policies)}:{selector}:{change}");
}
