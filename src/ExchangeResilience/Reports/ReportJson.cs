namespace ExchangeResilience;

/// <summary>A report as JSON tells it. The names are a promise.</summary>
internal sealed record ReportJson(
    string Operation, string? ClientOrderId, string Client, int Attempts, double ElapsedMs, ExecutionStatus Execution, string? Evidence, IReadOnlyList<ReportStepJson> Steps)
{
    public static ReportJson Of(RecoveryReport report) => new(
        report.Operation,
        report.ClientOrderId,
        report.ClientName,
        report.Attempts,
        report.Elapsed.TotalMilliseconds,
        report.Execution,
        report.Evidence,
        [.. report.Steps.Select(static step => new ReportStepJson(step.At.TotalMilliseconds, step.Kind, step.Text))]);
}

/// <summary>One of its steps.</summary>
internal sealed record ReportStepJson(double AtMs, RecoveryStepKind Kind, string Text);
