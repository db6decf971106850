namespace ExchangeResilience;

/// <summary>A report as JSON. The names are stable.</summary>
internal sealed record ReportJson(
    string Operation, string? ClientOrderId, string Client, int Attempts, double ElapsedMs, ExecutionStatus Execution, string? Evidence, IReadOnlyList<ReportStepJson> Steps);
