namespace ExchangeResilience;

/// <summary>One row of a venue's error table.</summary>
/// <param name="Code">The exchange's code, negative; 0 for errors that come without one.</param>
/// <param name="Name">The official name, or a name of this library's where the exchange gives none.</param>
/// <param name="Category">What kind of trouble it is.</param>
/// <param name="Execution">Whether a mutation answered with this code took effect.</param>
/// <param name="Advice">What it means and what to do about it.</param>
public sealed record ErrorDefinition(int Code, string Name, ErrorCategory Category, ExecutionStatus Execution, string Advice)
{
    /// <summary>The row's anchor in the code reference: <c>code-1021</c>, or the name of a row without a code, as in <c>connection-lost</c>.</summary>
    public string HelpAnchor => CodeReference.AnchorOf(Code, Name);

    /// <summary>The one path on which the code means something else, and what to do there; null where there is none.</summary>
    internal (string Path, string Advice)? Elsewhere { get; init; }
}
