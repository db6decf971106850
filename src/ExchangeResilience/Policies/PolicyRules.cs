using System.Globalization;

namespace ExchangeResilience;

/// <summary>What a policy may say.</summary>
internal static class PolicyRules
{
    // Taking any other error for a success, or the clock for its cause, would be false, and no setting may do it.
    private static readonly Dictionary<RecoveryAction, ErrorCategory> OnlyFor = new()
    {
        [RecoveryAction.TreatAsSuccess] = ErrorCategory.NoChangeNeeded,
        [RecoveryAction.ResyncClock] = ErrorCategory.ClockSkew,
    };

    /// <summary>Whether the action makes sense for errors of the category.</summary>
    public static bool Suits(RecoveryAction? action, ErrorCategory category) =>
        action is not { } given || !OnlyFor.TryGetValue(given, out var only) || only == category;

    /// <summary>Reads the policies into layers with distinct selectors; what is faulty is reported and left out.</summary>
    public static List<PolicyLayer> Check(IEnumerable<KeyValuePair<string, ErrorPolicy>> policies, ErrorCatalog codes, ICollection<string> faults, Predicate<string> isWhole)
    {
        var layers = new List<PolicyLayer>();
        foreach (var (key, policy) in policies)
        {
            if (!Selector.TryParse(key, out var selector, out var remedy))
            {
                faults.Add(OptionFault.Of(Path(Selector.Shown(key)), "is not a selector", remedy));
            }
            else if (layers.Find(layer => layer.Selector == selector) is { } twin)
            {
                faults.Add(OptionFault.Of(Path(key), $"selects the same errors as '{twin.Key}'", "keep one of the two"));
            }
            else if (layers.Find(layer => Ambiguous(layer.Selector, selector)) is { } rival)
            {
                faults.Add(OptionFault.Of(Path(key), $"overlaps the equally wide range '{rival.Key}', so that neither is more specific", "move the ends of one of the two"));
            }
            else if (policy is null || (isWhole(key) && policy is { Action: null, MaxAttempts: null, BaseDelay: null, MaxDelay: null, Lane: null, Execution: null }))
            {
                faults.Add(OptionFault.Of(Path(key), "says nothing", "give at least one of Action, MaxAttempts, BaseDelay, MaxDelay, Lane and Execution, or remove it"));
            }
            else
            {
                CheckColumns(key, selector, policy, codes, faults);
                layers.Add(new(selector, policy, key, isWhole(key)));
            }
        }

        return layers;
    }

    /// <summary>Checks a row of the user's after its gaps were filled, where a given column may clash with an inherited one.</summary>
    public static void CheckWhole(PolicyLayer layer, PolicyRow row, ICollection<string> faults)
    {
        // Where a part of the row could not be read, what fills the gap is not what the user meant.
        var (key, given) = (layer.Key!, layer.Columns);
        if ((layer.IsWhole || given is { Action: not null, Lane: not null }) && row is { Action: RecoveryAction.BackOff, Lane: TrafficLane.None })
        {
            Add(OptionFault.Of(Path(key, nameof(row.Lane)), nameof(TrafficLane.None), "leaves BackOff no lane to close", "set Lane to Ip, Orders or Host, or Action to Retry"));
        }

        if ((layer.IsWhole || given is { Action: not null, MaxAttempts: not null }) && row is { Action: RecoveryAction.Retry or RecoveryAction.ResyncClock, MaxAttempts: 1 })
        {
            Add(OptionFault.Of(Path(key, nameof(row.MaxAttempts)), "1", $"makes {row.Action} send nothing again, since it counts the first send", "set MaxAttempts to 2 or more, or Action to FailFast"));
        }

        if ((layer.IsWhole || given is { Action: not null, Execution: not null }) && row is { Action: RecoveryAction.TreatAsSuccess, Execution: ExecutionStatus.Unknown })
        {
            Add(OptionFault.Of(Path(key, nameof(row.Execution)), nameof(ExecutionStatus.Unknown), "contradicts TreatAsSuccess", "remove Execution, or choose another Action"));
        }

        // Rows that differ in other columns can share a fault.
        void Add(string fault)
        {
            if (!faults.Contains(fault))
            {
                faults.Add(fault);
            }
        }
    }

    private static bool Ambiguous(Selector left, Selector right) =>
        left.Kind == SelectorKind.Range && right.Kind == SelectorKind.Range
        && left.Width == right.Width && left.First <= right.Last && right.First <= left.Last;

    private static void CheckColumns(string key, Selector selector, ErrorPolicy policy, ErrorCatalog codes, ICollection<string> faults)
    {
        foreach (var fault in PolicyColumns.All.SelectMany(column => column.Faults(policy)))
        {
            faults.Add($"{Path(key)}:{fault}");
        }

        if (policy.Action is { } action && OnlyFor.TryGetValue(action, out var only) && Intruder(selector, only, codes) is { } intruder)
        {
            faults.Add(OptionFault.Of(Path(key, nameof(policy.Action)), action.ToString(), $"is only for {only}, and {intruder}", $"select only codes of {only}, or choose another Action"));
        }

        if (policy.MaxDelay < policy.BaseDelay)
        {
            faults.Add(OptionFault.Of(Path(key, nameof(policy.MaxDelay)), DurationText.Format(policy.MaxDelay.Value), $"is shorter than BaseDelay ({DurationText.Format(policy.BaseDelay.Value)})", "lengthen it, or shorten BaseDelay"));
        }

        if (policy.Execution is { } execution and (ExecutionStatus.NotExecuted or ExecutionStatus.Executed))
        {
            faults.Add(OptionFault.Of(Path(key, nameof(policy.Execution)), execution.ToString(), "cannot be set by a policy, which may make an outcome less certain but never more certain", "set Unknown, or remove Execution"));
        }
    }

    // Why the selector reaches beyond the category; null where it does not.
    private static string? Intruder(Selector selector, ErrorCategory only, ErrorCatalog codes)
    {
        if (selector.Kind is SelectorKind.Category)
        {
            return selector.Category == only ? null : $"this is {selector}";
        }

        if (selector.Kind is SelectorKind.HttpStatus or SelectorKind.Default)
        {
            return $"{selector} selects any category";
        }

        var listed = codes.All.Where(row => selector.Matches(row.Code, row.Category, status: 0)).ToList();
        return listed.Count == 0
            ? "the venue lists no such code"
            : listed.Find(row => row.Category != only) is { } other ? $"{Text(other.Code)} is {other.Category}" : null;
    }

    private static string Path(string key) => $"Policies:{key}";

    private static string Path(string key, string column) => $"{Path(key)}:{column}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
