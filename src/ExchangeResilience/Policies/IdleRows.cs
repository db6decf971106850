namespace ExchangeResilience;

/// <summary>
/// Finds what a user's rows say in vain: attempts and delays where nothing is sent again, and codes that the venue does not list. No fault: a row may be there for a code that the
/// exchange adds, or for requests that choose another action.
/// </summary>
internal sealed class IdleRows(IEnumerable<PolicyLayer> overrides, ErrorCatalog codes)
{
    private readonly HashSet<PolicyLayer> _heeded = [];

    /// <summary>Some error is met by a row of this action, whose attempts and delays these layers give.</summary>
    public void Note(RecoveryAction action, IEnumerable<PolicyLayer> givers)
    {
        if (action is not (RecoveryAction.FailFast or RecoveryAction.TreatAsSuccess))
        {
            _heeded.UnionWith(givers);
        }
    }

    /// <summary>One sentence for each, with key path and remedy.</summary>
    public IReadOnlyList<string> Sentences() => [.. overrides.SelectMany(SentencesOf)];

    private IEnumerable<string> SentencesOf(PolicyLayer layer)
    {
        var path = $"Policies:{layer.Key}";
        string[] given = [.. GivenIn(layer.Columns)];
        if (given.Length > 0 && !_heeded.Contains(layer))
        {
            yield return OptionFault.Of(path, $"{string.Join(", ", given)} without effect, since nothing it selects is sent again", "give Action as well, such as Retry, or remove the row");
        }

        if (layer.Selector.Kind is SelectorKind.Code or SelectorKind.Range && !codes.All.Any(row => layer.Selector.Matches(row.Code, row.Category, status: 0)))
        {
            var nearest = Names.Nearest(layer.Selector.ToString(), codes.All.Select(static row => Selector.Code(row.Code).ToString()));
            yield return OptionFault.Of(path, "selects no code that is known", nearest is null ? "keep it if the exchange has such a code by now" : $"did you mean '{nearest}'?");
        }
    }

    private static IEnumerable<string> GivenIn(ErrorPolicy columns)
    {
        if (columns.MaxAttempts is not null)
        {
            yield return nameof(columns.MaxAttempts);
        }

        if (columns.BaseDelay is not null)
        {
            yield return nameof(columns.BaseDelay);
        }

        if (columns.MaxDelay is not null)
        {
            yield return nameof(columns.MaxDelay);
        }
    }
}
