using static ExchangeResilience.SettingRow<ExchangeResilience.ErrorPolicy>;

namespace ExchangeResilience;

/// <summary>The columns of a policy row, each a setting below its selector. What they may say together is in <see cref="PolicyRules"/>.</summary>
internal static class PolicyColumns
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    public static IReadOnlyList<SettingRow<ErrorPolicy>> All { get; } =
    [
        Choice<RecoveryAction>("Action", static row => row.Action, static (row, value) => row.Action = value),
        Number("MaxAttempts", static row => row.MaxAttempts, static (row, value) => row.MaxAttempts = value, 1, 20),
        Duration("BaseDelay", static row => row.BaseDelay, static (row, value) => row.BaseDelay = value, Instant, TimeSpan.FromHours(1)),
        Duration("MaxDelay", static row => row.MaxDelay, static (row, value) => row.MaxDelay = value, Instant, TimeSpan.FromDays(1)),
        Choice<TrafficLane>("Lane", static row => row.Lane, static (row, value) => row.Lane = value),
        Choice<ExecutionStatus>("Execution", static row => row.Execution, static (row, value) => row.Execution = value),
    ];
}
