using System.Diagnostics.Metrics;

namespace ExchangeResilience;

/// <summary>The meter <c>ExchangeResilience</c>.</summary>
internal sealed class ExchangeMetrics
{
    public const string MeterName = "ExchangeResilience";

    private readonly Counter<long> _errors;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _verdicts;
    private readonly Counter<long> _contradictions;

    public ExchangeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _errors = meter.CreateCounter<long>("exchange.errors", "{error}", "Errors by code, category and decision.");
        _retries = meter.CreateCounter<long>("exchange.retries", "{retry}", "Requests sent again, by reason.");
        _verdicts = meter.CreateCounter<long>("exchange.verdicts", "{verdict}", "Orders in doubt that evidence settled, by outcome.");
        _contradictions = meter.CreateCounter<long>("exchange.contradictions", "{contradiction}", "Orders reported as not executed and seen at the exchange later.");
    }

    public void Error(ExchangeError error, DecisionAction decision)
    {
        if (_errors.Enabled)
        {
            _errors.Add(1, new("exchange.error.code", error.Code), new("exchange.error.category", error.Category.ToString()), new("exchange.decision", decision.ToString()));
        }
    }

    public void Retry(DecisionReason reason)
    {
        if (_retries.Enabled)
        {
            _retries.Add(1, new KeyValuePair<string, object?>("exchange.decision.reason", reason.ToString()));
        }
    }

    public void Verdict(OperationKind kind, ExecutionStatus execution) =>
        _verdicts.Add(1, new("exchange.operation", kind.ToString()), new("exchange.execution", execution.ToString()));

    public void Contradiction(OperationKind kind) => _contradictions.Add(1, new KeyValuePair<string, object?>("exchange.operation", kind.ToString()));
}
