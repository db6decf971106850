namespace ExchangeResilience;

/// <summary>A report as JSON tells it. The names are a promise.</summary>
internal sealed record ReportJson(
    string Operation, string? ClientOrderId, string Client, int Attempts, double ElapsedMs, ExecutionStatus Execution, string? Evidence, IReadOnlyList<ReportStepJson> Steps);
