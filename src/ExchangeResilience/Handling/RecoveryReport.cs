using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What a step of a recovery was.</summary>
public enum RecoveryStepKind
{
    /// <summary>An attempt ended in an error.</summary>
    Failed,

    /// <summary>A decision was taken.</summary>
    Decided,

    /// <summary>A hold or limit delayed the call.</summary>
    Waited,

    /// <summary>The clock was measured.</summary>
    ClockMeasured,

    /// <summary>Evidence settled the outcome, or failed to.</summary>
    Evidence,

    /// <summary>The call ended.</summary>
    Ended,
}

/// <summary>One step of a recovery.</summary>
public readonly struct RecoveryStep
{
    // A string, or the error that is put into words when somebody asks.
    private readonly object _said;
    private readonly int _attempt;

    internal RecoveryStep(TimeSpan at, RecoveryStepKind kind, string text)
    {
        At = at;
        Kind = kind;
        _said = text;
    }

    internal RecoveryStep(TimeSpan at, int attempt, ExchangeError error)
    {
        At = at;
        Kind = RecoveryStepKind.Failed;
        _attempt = attempt;
        _said = error;
    }

    /// <summary>When, counted from the start of the call.</summary>
    public TimeSpan At { get; }

    /// <summary>What it was.</summary>
    public RecoveryStepKind Kind { get; }

    /// <summary>A sentence about it, without URL, key or signature.</summary>
    public string Text => _said as string ?? string.Create(CultureInfo.InvariantCulture, $"attempt {_attempt}: {_said}");

    /// <summary>When, and the sentence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.TotalMilliseconds:0} ms: {Text}");
}

/// <summary>What one call went through: each attempt, wait, question and answer, with its reason.</summary>
public sealed class RecoveryReport
{
    internal RecoveryReport(string operation, string? clientOrderId, int attempts, TimeSpan elapsed, ExecutionStatus execution, string? evidence, IReadOnlyList<RecoveryStep> steps)
    {
        Operation = operation;
        ClientOrderId = clientOrderId;
        Attempts = attempts;
        Elapsed = elapsed;
        Execution = execution;
        Evidence = evidence;
        Steps = steps;
    }

    /// <summary>Method and path.</summary>
    public string Operation { get; }

    /// <summary>The client order id the request bore; null where it has none.</summary>
    public string? ClientOrderId { get; }

    /// <summary>How often the request was sent.</summary>
    public int Attempts { get; }

    /// <summary>How long the call took.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Whether the request took effect, as far as is known.</summary>
    public ExecutionStatus Execution { get; }

    /// <summary>What proved it; null where no evidence was needed or found.</summary>
    public string? Evidence { get; }

    /// <summary>Every step, in order.</summary>
    public IReadOnlyList<RecoveryStep> Steps { get; }

    /// <summary>The same story with another end.</summary>
    internal RecoveryReport After(ExecutionStatus execution, string? evidence, string end) =>
        new(Operation, ClientOrderId, Attempts, Elapsed, execution, evidence, [.. Steps, new RecoveryStep(Elapsed, RecoveryStepKind.Ended, end)]);

    /// <summary>
    /// The report as one JSON object, of stable names: <c>operation</c>, <c>clientOrderId</c>, <c>attempts</c>, <c>elapsedMs</c>, <c>execution</c>, <c>evidence</c>, and
    /// <c>steps</c> with <c>atMs</c>, <c>kind</c> and <c>text</c>. Times are milliseconds; what is not known is null.
    /// </summary>
    public string ToJson() => JsonSerializer.Serialize(ReportJson.Of(this), ReportJsonContext.Default.ReportJson);

    /// <summary>Begins a scope of a log in which every line bears the report, as <c>exchange.request</c>, <c>exchange.client_order_id</c> and so on.</summary>
    /// <param name="logger">The log.</param>
    /// <returns>What ends the scope; null where the log has no scopes.</returns>
    public IDisposable? BeginScope(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return logger.BeginScope(new ReportScope(this));
    }

    /// <summary>The first line: what was asked, how it ended, after how many attempts and how long.</summary>
    internal string Headline => string.Create(
        CultureInfo.InvariantCulture,
        $"{Operation}{(ClientOrderId is null ? "" : $" {ClientOrderId}")}: {Execution} after {Attempts} {(Attempts == 1 ? "attempt" : "attempts")} in {Elapsed.TotalMilliseconds:0} ms");

    /// <summary>A timeline, one line per step.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Headline);
        foreach (var step in Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {step.At.TotalMilliseconds,7:0} ms  {step.Text}");
        }

        return text.ToString();
    }
}
