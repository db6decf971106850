using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ExchangeResilience;

/// <summary>
/// What happens next, for every error: the built-in rows with the user's laid over them, compiled and immutable. The most specific
/// selector wins, built in or not: code, then narrower before wider range, then HTTP status (only for errors without a listed code), then category, then Default.
/// </summary>
internal sealed class PolicyMatrix(
    IReadOnlyDictionary<int, PolicyRow> byCode, IEnumerable<PolicyMatrix.CodeSpan> spans, IReadOnlyDictionary<int, PolicyRow[]> byStatus, PolicyRow[] byCategory, IReadOnlyList<PolicyRow> rows,
    IdleRows idle)
{
    private readonly FrozenDictionary<int, PolicyRow> _byCode = byCode.ToFrozenDictionary();
    private readonly CodeSpan[] _spans = [.. spans];
    private readonly FrozenDictionary<int, PolicyRow[]> _byStatus = byStatus.ToFrozenDictionary();

    /// <summary>The effective matrix, most specific rows first. A row that leaves columns to the category is listed once for each outcome, with its categories in brackets.</summary>
    public IReadOnlyList<PolicyRow> Rows { get; } = rows;

    /// <summary>What the user's rows say in vain.</summary>
    public IdleRows Idle { get; } = idle;

    /// <summary>
    /// Compiles a user's policies over the built-in rows. Each fault starts with its key path below the section; a matrix compiled with faults must not be used. A row that is not
    /// whole, because a part of it could not be read, is judged by its own columns alone; without <paramref name="isWhole"/> every row is.
    /// </summary>
    public static PolicyMatrix Compile(
        IEnumerable<KeyValuePair<string, ErrorPolicy>> policies, ErrorCatalog codes, IEnumerable<PolicyLayer> rows, ICollection<string> faults, Predicate<string>? isWhole = null) =>
        new PolicyMatrixCompiler(codes, rows, PolicyRules.Check(policies, codes, faults, isWhole ?? (static _ => true)), faults).Compile();

    /// <summary>The row for an error. Costs one look-up and no allocation.</summary>
    public PolicyRow Find(ErrorDefinition definition, int? httpStatus)
    {
        var category = (int)definition.Category;
        if (definition.Code != 0)
        {
            if (_byCode.TryGetValue(definition.Code, out var row))
            {
                return row;
            }

            foreach (ref readonly var span in _spans.AsSpan())
            {
                if (span.First <= definition.Code && definition.Code <= span.Last)
                {
                    return span.ByCategory[category];
                }
            }
        }

        return httpStatus is { } status && _byStatus.TryGetValue(status, out var ofStatus) ? ofStatus[category] : byCategory[category];
    }

    /// <summary>The effective matrix as a Markdown table; times as configuration writes them, an empty cell where the error's own execution status applies.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder()
            .Append("| Selector | Action | MaxAttempts | BaseDelay | MaxDelay | Lane | Execution | Overridden |\n")
            .Append("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Selector} | {row.Action} | {row.MaxAttempts} | {DurationText.Format(row.BaseDelay)} | {DurationText.Format(row.MaxDelay)} | {row.Lane} | {row.Execution} | {(row.IsOverridden ? "yes" : "")} |\n");
        }

        return text.ToString();
    }

    /// <summary>Neighbouring codes the venue does not list and that the same ranges cover.</summary>
    internal readonly record struct CodeSpan(int First, int Last, PolicyRow[] ByCategory);
}
