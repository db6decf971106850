using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What one call did: each attempt, wait, look-up and reply, with its reason.</summary>
public sealed class RecoveryReport
{
    /// <summary>A report; public so that a program's own tests can make one.</summary>
    /// <param name="operation">Method and path, as in <c>POST /fapi/v1/order</c>.</param>
    /// <param name="execution">Whether the request took effect, as far as is known.</param>
    public RecoveryReport(string operation, ExecutionStatus execution)
    {
        ArgumentNullException.ThrowIfNull(operation);
        Operation = operation;
        Execution = execution;
    }

    /// <summary>The named client it was sent through; empty where that is not known.</summary>
    public string ClientName { get; init; } = "";

    /// <summary>Method and path.</summary>
    public string Operation { get; }

    /// <summary>The client order id the request bore; null where it has none.</summary>
    public string? ClientOrderId { get; init; }

    /// <summary>How often the request was sent.</summary>
    public int Attempts { get; init; }

    /// <summary>How long the call took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Whether the request took effect, as far as is known.</summary>
    public ExecutionStatus Execution { get; }

    /// <summary>What proved it; null where no evidence was needed or found.</summary>
    public string? Evidence { get; init; }

    /// <summary>Every step, in order.</summary>
    public IReadOnlyList<RecoveryStep> Steps { get; init; } = [];

    /// <summary>The same story with another end.</summary>
    internal RecoveryReport After(ExecutionStatus execution, string? evidence, string end) =>
        new(Operation, execution)
        {
            ClientName = ClientName,
            ClientOrderId = ClientOrderId,
            Attempts = Attempts,
            Elapsed = Elapsed,
            Evidence = evidence,
            Next = execution == ExecutionStatus.Unknown ? Next : null,
            Steps = [.. Steps, new RecoveryStep(Elapsed, RecoveryStepKind.Ended, end)],
        };

    /// <summary>What the report is about: client, method, path and client order id.</summary>
    internal string Subject => $"{(ClientName.Length == 0 ? "" : $"{ClientName}: ")}{Operation}{ShownId}";

    /// <summary>What happens after the call; null where nothing does.</summary>
    internal string? Next { get; init; }

    /// <summary>
    /// The report as one JSON object, of stable names: <c>operation</c>, <c>clientOrderId</c>, <c>client</c>, <c>attempts</c>, <c>elapsedMs</c>, <c>execution</c>, <c>evidence</c>, and
    /// <c>steps</c> with <c>atMs</c>, <c>kind</c> and <c>text</c>. Times are milliseconds; what is not known is null.
    /// </summary>
    public string ToJson() => JsonSerializer.Serialize(
        new ReportJson(
            Operation, ClientOrderId, ClientName, Attempts, Elapsed.TotalMilliseconds, Execution, Evidence,
            [.. Steps.Select(static step => new ReportStepJson(step.At.TotalMilliseconds, step.Kind, step.Text))]),
        ReportJsonContext.Default.ReportJson);

    /// <summary>Begins a scope of a log in which every line has the report, as <c>exchange.request</c>, <c>exchange.client_order_id</c> and so on.</summary>
    /// <param name="logger">The log.</param>
    /// <returns>What ends the scope; null where the log has no scopes.</returns>
    public IDisposable? BeginScope(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return logger.BeginScope(new ReportScope(this));
    }

    /// <summary>The first line: what was sent, how it ended, after how many attempts and how long.</summary>
    internal string Headline => string.Create(
        CultureInfo.InvariantCulture,
        $"{Operation}{ShownId}: {Execution} after {Attempts} {(Attempts == 1 ? "attempt" : "attempts")} in {Elapsed.TotalMilliseconds:0} ms");

    // An id that comes from outside begins no line of its own.
    private string ShownId => ClientOrderId is null ? "" : $" {OneLine.Of(ClientOrderId)}";

    /// <summary>A timeline, one line per step.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Headline);
        foreach (var step in Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {step.At.TotalMilliseconds,7:0} ms  {OneLine.Of(step.Text)}");
        }

        return text.ToString();
    }
}
