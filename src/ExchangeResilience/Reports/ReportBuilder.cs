namespace ExchangeResilience;

/// <summary>Writes a call's story down while it happens. Made on the first failure only.</summary>
internal sealed class ReportBuilder(TimeProvider time, long started)
{
    // What a span records by name alone: the text may hold ids. Attempts and decisions are recorded with their tags, where they happen.
    private static readonly string?[] Events = [null, null, "exchange.waited", "exchange.clock_measured", "exchange.evidence", "exchange.ended"];

    // A call that ends with its first failure has two.
    private readonly List<RecoveryStep> _steps = new(2);
    private readonly Lock _writing = new();

    public string? Evidence { get; set; }

    /// <summary>The last decision's reason.</summary>
    public DecisionReason LastReason { get; set; }

    public void Add(RecoveryStepKind kind, string text)
    {
        Add(new RecoveryStep(time.GetElapsedTime(started), kind, text));
        if (Events[(int)kind] is { } name)
        {
            CallTrace.Note(name);
        }
    }

    public void AddFailure(int attempt, ExchangeError error) => Add(new RecoveryStep(time.GetElapsedTime(started), attempt, error));

    /// <summary>The report so far; it may be read while it is written.</summary>
    public IReadOnlyList<RecoveryStep> Read()
    {
        lock (_writing)
        {
            return [.. _steps];
        }
    }

    public RecoveryReport Build(string client, ExchangeOperation operation, int attempts, ExecutionStatus execution, string? next) => new(operation.ToString(), execution)
    {
        ClientName = client,
        ClientOrderId = operation.ClientOrderId,
        Attempts = attempts,
        Elapsed = time.GetElapsedTime(started),
        Evidence = Evidence,
        Steps = Read(),
        Next = next,
    };

    private void Add(RecoveryStep step)
    {
        lock (_writing)
        {
            _steps.Add(step);
        }
    }
}
