namespace ExchangeResilience;

/// <summary>Writes a call's story down while it happens. Made on the first failure only.</summary>
internal sealed class ReportBuilder(TimeProvider time, long started)
{
    // A call that ends with its first failure has two.
    private readonly List<RecoveryStep> _steps = new(2);

    public string? Evidence { get; set; }

    public void Add(RecoveryStepKind kind, string text) => _steps.Add(new RecoveryStep(time.GetElapsedTime(started), kind, text));

    public void AddFailure(int attempt, ExchangeError error) => _steps.Add(new RecoveryStep(time.GetElapsedTime(started), attempt, error));

    public RecoveryReport Build(Call call, ExecutionStatus execution) =>
        new(call.Operation.ToString(), call.Operation.ClientOrderId, call.Attempts, time.GetElapsedTime(started), execution, Evidence, [.. _steps]);
}
