using System.Collections;

namespace ExchangeResilience;

/// <summary>A report as the scope of a log: one value for each thing it knows, and the timeline as a whole.</summary>
internal sealed class ReportScope(RecoveryReport report) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _values =
    [
        new("exchange.request", report.Operation),
        new("exchange.client_order_id", report.ClientOrderId),
        new(TagNames.Attempts, report.Attempts),
        new("exchange.elapsed", report.Elapsed.TotalSeconds),
        new(TagNames.Execution, report.Execution.ToString()),
        new("exchange.evidence", report.Evidence),
        new("exchange.timeline", report.ToString()),
    ];

    public int Count => _values.Length;

    public KeyValuePair<string, object?> this[int index] => _values[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _values.AsEnumerable().GetEnumerator();

    public override string ToString() => report.Headline;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
