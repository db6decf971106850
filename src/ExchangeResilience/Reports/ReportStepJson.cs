namespace ExchangeResilience;

/// <summary>A step of a report as JSON.</summary>
internal sealed record ReportStepJson(double AtMs, RecoveryStepKind Kind, string Text);
