namespace ExchangeResilience;

/// <summary>What one selector says, before the gaps are filled from less specific layers.</summary>
/// <param name="Selector">Which errors it is for.</param>
/// <param name="Columns">What it says; null columns are gaps. Built-in layers have none but <see cref="ErrorPolicy.Execution"/>.</param>
/// <param name="Key">The selector as the user wrote it; null for a built-in layer.</param>
/// <param name="IsWhole">Whether every column that the user wrote was read.</param>
internal sealed record PolicyLayer(Selector Selector, ErrorPolicy Columns, string? Key, bool IsWhole = true)
{
    public bool IsBuiltIn => Key is null;
}
