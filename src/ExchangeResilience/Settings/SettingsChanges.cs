using System.Globalization;

namespace ExchangeResilience;

/// <summary>What a reload changes, in words. A number, a time or a choice is logged with its values; a text of the user's by its key alone, since a secret may be in the wrong place.</summary>
internal static class SettingsChanges
{
    private const string Policies = nameof(ExchangeErrorHandlingOptions.Policies);
    private const string Clock = nameof(ExchangeErrorHandlingOptions.Clock);
    private const string Reconciliation = nameof(ExchangeErrorHandlingOptions.Reconciliation);
    private const string Limits = nameof(ExchangeErrorHandlingOptions.Limits);

    private static readonly (string Key, Func<ExchangeErrorHandlingOptions, object?> Value)[] WithValues =
    [
        (nameof(ExchangeErrorHandlingOptions.Venue), static options => options.Venue),
        (nameof(ExchangeErrorHandlingOptions.Mode), static options => options.Mode),
        (nameof(ExchangeErrorHandlingOptions.TotalTimeout), static options => options.TotalTimeout),
        (nameof(ExchangeErrorHandlingOptions.AttemptTimeout), static options => options.AttemptTimeout),
        (nameof(ExchangeErrorHandlingOptions.SendBefore), static options => options.SendBefore),
        (nameof(ExchangeErrorHandlingOptions.MaxWait), static options => options.MaxWait),
        (nameof(ExchangeErrorHandlingOptions.ThrowOnError), static options => options.ThrowOnError),
        (nameof(ExchangeErrorHandlingOptions.ClientOrderIds), static options => options.ClientOrderIds),
        (nameof(ExchangeErrorHandlingOptions.AfterProvenAbsent), static options => options.AfterProvenAbsent),
        ($"{Clock}:{nameof(ClockOptions.ResyncInterval)}", static options => options.Clock.ResyncInterval),
        ($"{Clock}:{nameof(ClockOptions.Samples)}", static options => options.Clock.Samples),
        ($"{Clock}:{nameof(ClockOptions.MaxResyncsPerCall)}", static options => options.Clock.MaxResyncsPerCall),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.SettleMargin)}", static options => options.Reconciliation.SettleMargin),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.MinimumAbsences)}", static options => options.Reconciliation.MinimumAbsences),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.FirstPause)}", static options => options.Reconciliation.FirstPause),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.MaxPause)}", static options => options.Reconciliation.MaxPause),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.Rechecks)}", static options => string.Join(" and ", options.Reconciliation.Rechecks.Select(DurationText.Format))),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.VerdictRetention)}", static options => options.Reconciliation.VerdictRetention),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.Journal)}", static options => options.Reconciliation.Journal),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.RepeatsAfterRestart)}", static options => options.Reconciliation.RepeatsAfterRestart),
        ($"{Reconciliation}:{nameof(ReconciliationOptions.MaxInDoubt)}", static options => options.Reconciliation.MaxInDoubt),
        ($"{Limits}:{nameof(LimitOptions.WeightPerMinute)}", static options => options.Limits.WeightPerMinute),
        ($"{Limits}:{nameof(LimitOptions.OrdersPer10Seconds)}", static options => options.Limits.OrdersPer10Seconds),
        ($"{Limits}:{nameof(LimitOptions.OrdersPerMinute)}", static options => options.Limits.OrdersPerMinute),
        ($"{Limits}:{nameof(LimitOptions.PaceBeforeLimit)}", static options => options.Limits.PaceBeforeLimit),
        ($"{Limits}:{nameof(LimitOptions.MaxWaiters)}", static options => options.Limits.MaxWaiters),
    ];

    private static readonly (string Key, Func<ExchangeErrorHandlingOptions, string> Value)[] ByKeyAlone =
    [
        (nameof(ExchangeErrorHandlingOptions.ClientOrderIdPrefix), static options => options.ClientOrderIdPrefix),
        (nameof(ExchangeErrorHandlingOptions.TrustedInnerHandlers), static options => string.Join('\n', options.TrustedInnerHandlers)),
    ];

    private static readonly (string Key, Func<ErrorPolicy, object?> Value)[] Columns =
    [
        (nameof(ErrorPolicy.Action), static row => row.Action),
        (nameof(ErrorPolicy.MaxAttempts), static row => row.MaxAttempts),
        (nameof(ErrorPolicy.BaseDelay), static row => row.BaseDelay),
        (nameof(ErrorPolicy.MaxDelay), static row => row.MaxDelay),
        (nameof(ErrorPolicy.Lane), static row => row.Lane),
        (nameof(ErrorPolicy.Execution), static row => row.Execution),
    ];

    /// <summary>The end of a sentence about settings that take the place of others. Account, environment and egress are not in it: they cannot change; nor are endpoints, which are made in code.</summary>
    public static string Between(ExchangeErrorHandlingOptions before, ExchangeErrorHandlingOptions after)
    {
        List<string> changes =
        [
            .. WithValues.Select(setting => Change(setting.Key, setting.Value(before), setting.Value(after))).OfType<string>(),
            .. ByKeyAlone.Where(setting => !string.Equals(setting.Value(before), setting.Value(after), StringComparison.Ordinal)).Select(static setting => setting.Key),
            .. before.Policies.Keys.Union(after.Policies.Keys, StringComparer.OrdinalIgnoreCase).SelectMany(selector => RowChanges(selector, RowOf(before, selector), RowOf(after, selector))),
        ];
        return changes.Count == 0 ? "; nothing changed" : $"; changed: {string.Join(", ", changes)}";
    }

    private static ErrorPolicy RowOf(ExchangeErrorHandlingOptions options, string selector) => options.Policies.TryGetValue(selector, out var row) ? row : new ErrorPolicy();

    private static IEnumerable<string> RowChanges(string selector, ErrorPolicy before, ErrorPolicy after) =>
        Columns.Select(column => Change($"{Policies}:{selector}:{column.Key}", column.Value(before), column.Value(after))).OfType<string>();

    private static string? Change(string key, object? before, object? after) => Equals(before, after) ? null : $"{key} from {Text(before)} to {Text(after)}";

    private static string Text(object? value) => value switch
    {
        null or "" => "unset",
        TimeSpan time => DurationText.Format(time),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
