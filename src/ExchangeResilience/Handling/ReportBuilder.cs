namespace ExchangeResilience;

/// <summary>Writes a call's story down while it happens. Made on the first failure only.</summary>
internal sealed class ReportBuilder(TimeProvider time, long started)
{
    // What a span is told by name alone: the words may hold ids. Attempts and decisions are told with their tags, where they happen.
    private static readonly string?[] Events = [null, null, "exchange.waited", "exchange.clock_measured", "exchange.evidence", "exchange.ended"];

    // A call that ends with its first failure has two.
    private readonly List<RecoveryStep> _steps = new(2);

    public string? Evidence { get; set; }

    /// <summary>The last decision's reason.</summary>
    public DecisionReason LastReason { get; set; }

    public void Add(RecoveryStepKind kind, string text)
    {
        _steps.Add(new RecoveryStep(time.GetElapsedTime(started), kind, text));
        if (Events[(int)kind] is { } name)
        {
            CallTrace.Note(name);
        }
    }

    public void AddFailure(int attempt, ExchangeError error) => _steps.Add(new RecoveryStep(time.GetElapsedTime(started), attempt, error));

    public RecoveryReport Build(Call call, ExecutionStatus execution) =>
        new(call.Operation.ToString(), call.Operation.ClientOrderId, call.Attempts, time.GetElapsedTime(started), execution, Evidence, [.. _steps]);
}
