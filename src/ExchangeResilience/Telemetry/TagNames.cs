namespace ExchangeResilience;

/// <summary>The tags of measurements and spans. Their values come from a small, closed set: never an id, an address or a text of the exchange's.</summary>
internal static class TagNames
{
    public const string Attempt = "exchange.attempt";
    public const string Attempts = "exchange.attempts";
    public const string Client = "exchange.client";
    public const string Decision = "exchange.decision";
    public const string DecisionReason = "exchange.decision.reason";
    public const string Delay = "exchange.delay";
    public const string Environment = "exchange.environment";
    public const string ErrorCategory = "exchange.error.category";
    public const string ErrorCode = "exchange.error.code";
    public const string Execution = "exchange.execution";
    public const string GateOutcome = "exchange.gate.outcome";
    public const string InDoubtState = "exchange.in_doubt.state";
    public const string Interval = "exchange.limit.interval";
    public const string JournalOperation = "exchange.journal.operation";
    public const string Lane = "exchange.lane";
    public const string LaneState = "exchange.lane.state";
    public const string Operation = "exchange.operation";
    public const string OwnQuestion = "exchange.own_question";
    public const string Scope = "exchange.scope";
    public const string TrafficClass = "exchange.traffic.class";

    // Of the semantic conventions.
    public const string ErrorType = "error.type";
    public const string StatusCode = "http.response.status_code";
}
