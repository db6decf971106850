namespace ExchangeResilience;

/// <summary>
/// Lays the user's rows over the built-in ones and fills every gap: each column comes from the most specific layer that states it,
/// and a built-in layer, being whole, ends the search. What a code or range leaves open comes from wider ranges, its category and
/// Default; HTTP statuses have no say there, since they are for errors without a row of their code.
/// </summary>
internal sealed class PolicyMatrixCompiler(ErrorCatalog codes, IEnumerable<PolicyLayer> rows, IEnumerable<PolicyLayer> overrides, ICollection<string> faults)
{
    private static readonly ErrorCategory[] Categories = Enum.GetValues<ErrorCategory>();

    // The sort is stable: an override comes before the built-in layer it refines.
    private readonly PolicyLayer[] _layers =
    [
        .. overrides
            .Concat(rows.Where(row => codes.Find(row.Selector.First) is not null))
            .Concat(BuiltInPolicies.Layers)
            .OrderBy(layer => layer.Selector, Selector.MostSpecificFirst),
    ];

    private readonly IdleRows _idle = new(overrides, codes);
    private readonly List<(Selector Selector, ErrorCategory Category, PolicyRow Row)> _outcomes = [];

    public PolicyMatrix Compile()
    {
        var byCode = Selectors(SelectorKind.Code).Select(selector => selector.First)
            .Concat(codes.All.Select(definition => definition.Code))
            .Distinct()
            .ToDictionary(code => code, code => Listed(code, codes.Find(code)?.Category ?? ErrorCategory.Unclassified));
        var spans = Spans(byCode.Keys).ToList();
        var byStatus = Selectors(SelectorKind.HttpStatus)
            .ToDictionary(selector => selector.First, selector => ForEachCategory(category => Listed(0, category, selector.First)));
        var byCategory = ForEachCategory(category => Listed(0, category));
        return new PolicyMatrix(byCode, spans, byStatus, byCategory, Rows(), _idle);
    }

    private static PolicyRow[] ForEachCategory(Func<ErrorCategory, PolicyRow> row) => Array.ConvertAll(Categories, category => row(category));

    private IEnumerable<Selector> Selectors(SelectorKind kind) =>
        _layers.Select(layer => layer.Selector).Where(selector => selector.Kind == kind).Distinct();

    // Ranges may overlap, so the number line is cut wherever one begins or ends; between two cuts the same ranges apply.
    // Codes with a row of their own need no span, nor must a range be judged by codes it does not hold.
    private IEnumerable<PolicyMatrix.CodeSpan> Spans(IReadOnlyCollection<int> withRow)
    {
        var ranges = Selectors(SelectorKind.Range).ToList();
        var cuts = ranges.SelectMany(range => new[] { range.First, range.Last + 1 }).Distinct().Order().ToList();
        foreach (var (first, next) in cuts.Zip(cuts.Skip(1)))
        {
            var isCovered = ranges.Exists(range => range.First <= first && first <= range.Last);
            if (isCovered && withRow.Count(code => first <= code && code < next) < (long)next - first)
            {
                // An unlisted code is unclassified as a rule: that is the outcome worth showing.
                _ = Listed(first, ErrorCategory.Unclassified, unlessCode: true);
                yield return new(first, next - 1, ForEachCategory(category => Resolve(first, category, status: 0, unlessCode: true).Row));
            }
        }
    }

    private PolicyRow Listed(int code, ErrorCategory category, int status = 0, bool unlessCode = false)
    {
        var (origin, row) = Resolve(code, category, status, unlessCode);
        _outcomes.Add((origin.Selector, category, row));
        if (!origin.IsBuiltIn)
        {
            PolicyRules.CheckWhole(origin, row, faults);
        }

        return row;
    }

    private (PolicyLayer Origin, PolicyRow Row) Resolve(int code, ErrorCategory category, int status, bool unlessCode)
    {
        PolicyLayer? origin = null;
        var columns = new ErrorPolicy();
        var givers = new List<PolicyLayer>();
        foreach (var layer in _layers)
        {
            if (!layer.Selector.Matches(code, category, status) || (unlessCode && layer.Selector.Kind == SelectorKind.Code))
            {
                continue;
            }

            origin ??= layer;
            if (PolicyRules.Suits(layer.Columns.Action, category))
            {
                columns.Action ??= layer.Columns.Action;
            }

            if ((columns, layer.Columns) is ({ MaxAttempts: null }, { MaxAttempts: not null }) or ({ BaseDelay: null }, { BaseDelay: not null }) or ({ MaxDelay: null }, { MaxDelay: not null }))
            {
                givers.Add(layer);
            }

            columns.MaxAttempts ??= layer.Columns.MaxAttempts;
            // An inherited delay yields to a given one that leaves it no room.
            columns.BaseDelay ??= Shorter(layer.Columns.BaseDelay, columns.MaxDelay);
            columns.MaxDelay ??= Longer(layer.Columns.MaxDelay, columns.BaseDelay);
            columns.Lane ??= layer.Columns.Lane;
            columns.Execution ??= layer.Columns.Execution;
            if (layer.IsBuiltIn)
            {
                break;
            }
        }

        _idle.Note(columns.Action!.Value, givers);
        var row = new PolicyRow
        {
            Selector = origin!.Selector.ToString(),
            Action = columns.Action!.Value,
            MaxAttempts = columns.Action is RecoveryAction.FailFast or RecoveryAction.TreatAsSuccess ? 1 : columns.MaxAttempts!.Value,
            BaseDelay = columns.BaseDelay!.Value,
            MaxDelay = columns.MaxDelay!.Value,
            Lane = columns.Lane!.Value,
            Execution = columns.Execution,
            IsOverridden = !origin.IsBuiltIn,
        };
        return (origin, row);
    }

    private static TimeSpan? Shorter(TimeSpan? own, TimeSpan? limit) => own > limit ? limit : own;

    private static TimeSpan? Longer(TimeSpan? own, TimeSpan? limit) => own < limit ? limit : own;

    private List<PolicyRow> Rows() =>
    [
        .. _outcomes
            .GroupBy(outcome => outcome.Selector)
            .OrderBy(outcomes => outcomes.Key, Selector.MostSpecificFirst)
            .SelectMany(Labelled),
    ];

    // The outcome for unclassified errors means "any other" and comes last, without brackets.
    private static IEnumerable<PolicyRow> Labelled(IEnumerable<(Selector Selector, ErrorCategory Category, PolicyRow Row)> outcomes)
    {
        var rows = outcomes.GroupBy(outcome => outcome.Row, outcome => outcome.Category).OrderBy(row => row.Contains(ErrorCategory.Unclassified)).ToList();
        return rows.Select(row => rows.Count == 1 || row.Contains(ErrorCategory.Unclassified)
            ? row.Key
            : row.Key with { Selector = $"{row.Key.Selector} ({string.Join(", ", row.Distinct().Order())})" });
    }
}
