using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ExchangeResilience;

/// <summary>The meter <c>ExchangeResilience</c>: what happens, as it happens.</summary>
internal sealed class ExchangeMetrics
{
    public const string MeterName = "ExchangeResilience";

    private static readonly InstrumentAdvice<double> Waits = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] };
    private static readonly InstrumentAdvice<double> Searches = new() { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 60, 300, 1800, 3600, 86400] };
    private static readonly InstrumentAdvice<double> Writes = new() { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] };

    private readonly Counter<long> _errors;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _holds;
    private readonly Counter<long> _verdicts;
    private readonly Counter<long> _contradictions;
    private readonly Histogram<double> _gateWaits;
    private readonly Histogram<double> _backoffs;
    private readonly Histogram<double> _timeToVerdict;
    private readonly Histogram<double> _journalWrites;

    public ExchangeMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(MeterName);
        _errors = Meter.CreateCounter<long>("exchange.errors", "{error}", "Errors, with what was decided about them.");
        _retries = Meter.CreateCounter<long>("exchange.retries", "{retry}", "Requests sent again, by the reason.");
        _holds = Meter.CreateCounter<long>("exchange.holds", "{hold}", "Holds that were begun or extended, by lane and code.");
        _verdicts = Meter.CreateCounter<long>("exchange.verdicts", "{verdict}", "Orders in doubt that were settled, by outcome.");
        _contradictions = Meter.CreateCounter<long>("exchange.contradictions", "{contradiction}", "Orders reported as not executed and seen at the exchange later.");
        _gateWaits = Meter.CreateHistogram("exchange.gate.wait.duration", "s", "How long requests that could not pass at once waited at the gate.", tags: null, Waits);
        _backoffs = Meter.CreateHistogram("exchange.backoff.duration", "s", "How long this library chose to wait before it sent again.", tags: null, Waits);
        _timeToVerdict = Meter.CreateHistogram("exchange.verdict.duration", "s", "From the moment an order was known to be in doubt to its verdict.", tags: null, Searches);
        _journalWrites = Meter.CreateHistogram("exchange.journal.write.duration", "s", "How long the order journal took to write.", tags: null, Writes);
    }

    public Meter Meter { get; }

    public void Error(ExchangeError error, DecisionAction decision)
    {
        if (_errors.Enabled)
        {
            Add(_errors, new TagList
            {
                { TagNames.ErrorCode, CodeOf(error.Code, error.Name) },
                { TagNames.ErrorType, error.Name },
                { TagNames.ErrorCategory, error.Category.ToString() },
                { TagNames.Decision, decision.ToString() },
            });
        }
    }

    public void Retry(DecisionReason reason)
    {
        if (_retries.Enabled)
        {
            Add(_retries, [new(TagNames.DecisionReason, reason.ToString())]);
        }
    }

    public void Hold(in Hold hold, ErrorDefinition told)
    {
        if (_holds.Enabled)
        {
            Add(_holds, [new(TagNames.Lane, hold.Lane.ToString()), new(TagNames.ErrorCode, CodeOf(told.Code, told.Name)), new(TagNames.ErrorType, told.Name)]);
        }
    }

    public void Waited(TrafficClass trafficClass, in Admission admission)
    {
        if (_gateWaits.Enabled)
        {
            Record(
                _gateWaits,
                admission.Waited,
                [new(TagNames.TrafficClass, trafficClass.ToString()), new(TagNames.GateOutcome, admission.Granted ? nameof(admission.Granted) : admission.Reason.ToString())]);
        }
    }

    public void BackedOff(TimeSpan delay, DecisionReason reason)
    {
        if (_backoffs.Enabled)
        {
            Record(_backoffs, delay, [new(TagNames.DecisionReason, reason.ToString())]);
        }
    }

    public void Verdict(OperationKind kind, ExecutionStatus execution, TimeSpan inDoubt)
    {
        if (_verdicts.Enabled || _timeToVerdict.Enabled)
        {
            TagList tags = [new(TagNames.Operation, kind.ToString()), new(TagNames.Execution, execution.ToString())];
            Add(_verdicts, tags);
            Record(_timeToVerdict, inDoubt, tags);
        }
    }

    public void Contradiction(OperationKind kind) => Add(_contradictions, [new(TagNames.Operation, kind.ToString())]);

    public void JournalWrite(string operation, TimeSpan took, Exception? failure)
    {
        if (!_journalWrites.Enabled)
        {
            return;
        }

        TagList tags = [new(TagNames.JournalOperation, operation)];
        if (failure is not null)
        {
            tags.Add(TagNames.ErrorType, failure.GetType().FullName);
        }

        Record(_journalWrites, took, tags);
    }

    private static void Add(Counter<long> counter, in TagList tags)
    {
        try
        {
            counter.Add(1, tags);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // A listener is called from here, and its faults are its own.
        }
    }

    private static void Record(Histogram<double> histogram, TimeSpan length, in TagList tags)
    {
        try
        {
            histogram.Record(length.TotalSeconds, tags);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // As above.
        }
    }

    // Codes that no table lists are as many as an exchange cares to send.
    private static int CodeOf(int code, string name) => name == ReplyErrors.UnlistedCode ? 0 : code;
}
