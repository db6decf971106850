using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Every sentence this library logs about requests, claims and evidence. Event ids are stable; 1000-1099 belong to configuration.</summary>
internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Information, "{Error} on {Operation}: {Action} ({Reason}); attempt {Attempt}, next in {DelayMilliseconds} ms", EventName = "Recovering")]
    public static partial void Recovering(ILogger logger, string error, ExchangeOperation operation, DecisionAction action, DecisionReason reason, int attempt, long delayMilliseconds);

    [LoggerMessage(1101, LogLevel.Information, "{Error} on {Operation}: given to the caller ({Reason}) after attempt {Attempts}", EventName = "GivenUp")]
    public static partial void GivenUp(ILogger logger, string error, ExchangeOperation operation, DecisionReason reason, int attempts);

    [LoggerMessage(1102, LogLevel.Warning, "{Lane} lane closed for {Seconds:0.0} s by {Error}", EventName = "LaneClosed")]
    public static partial void LaneClosed(ILogger logger, TrafficLane lane, double seconds, string error);

    [LoggerMessage(1110, LogLevel.Warning, "The clock of {Environment} could not be measured: {Error}; the last known offset is used", EventName = "ClockNotMeasured")]
    public static partial void ClockNotMeasured(ILogger logger, string environment, string error);

    [LoggerMessage(1111, LogLevel.Debug, "The limits of {Environment} could not be asked: {Error}; the documented ones are used for now", EventName = "LimitsNotAsked")]
    public static partial void LimitsNotAsked(ILogger logger, string environment, string error);

    [LoggerMessage(1120, LogLevel.Warning, "{Operation} {ClientOrderId} is in doubt after {Error}", EventName = "InDoubt")]
    public static partial void InDoubt(ILogger logger, ExchangeOperation operation, string clientOrderId, string error);

    [LoggerMessage(1121, LogLevel.Information, "{Operation} {ClientOrderId} is settled: {Execution}, {Evidence}", EventName = "Settled")]
    public static partial void Settled(ILogger logger, ExchangeOperation operation, string clientOrderId, ExecutionStatus execution, string evidence);

    [LoggerMessage(1122, LogLevel.Debug, "No evidence about {ClientOrderId} yet: {Error}", EventName = "NoEvidence")]
    public static partial void NoEvidence(ILogger logger, string clientOrderId, string error);

    [LoggerMessage(1123, LogLevel.Error, "{Operation} {ClientOrderId} was reported as not executed and is {Status} at the exchange now", EventName = "AbsenceContradicted")]
    public static partial void AbsenceContradicted(ILogger logger, ExchangeOperation operation, string clientOrderId, string status);

    [LoggerMessage(1124, LogLevel.Warning, "The cancel kept for {ClientOrderId} was applied when the order appeared: {Result}", EventName = "KeptCancelApplied")]
    public static partial void KeptCancelApplied(ILogger logger, string clientOrderId, string result);

    [LoggerMessage(1125, LogLevel.Warning, "A question about {ClientOrderId} failed; it is asked again", EventName = "QuestionFailed")]
    public static partial void QuestionFailed(ILogger logger, string clientOrderId, Exception error);

    [LoggerMessage(1126, LogLevel.Error, "The cancel kept for {ClientOrderId} could not be applied in {Tries} tries; cancel the order by hand", EventName = "KeptCancelGivenUp")]
    public static partial void KeptCancelGivenUp(ILogger logger, string clientOrderId, int tries);

    [LoggerMessage(1127, LogLevel.Error, "A subscriber to the events of orders in doubt threw", EventName = "SubscriberFailed")]
    public static partial void SubscriberFailed(ILogger logger, Exception error);

    [LoggerMessage(1130, LogLevel.Warning, "{Client}: no API key is configured, so outcomes that are unknown stay so until evidence arrives from the application", EventName = "NoCredentials")]
    public static partial void NoCredentials(ILogger logger, string client);

    [LoggerMessage(1131, LogLevel.Warning, "{Client}: HttpClient.Timeout of {Timeout} is shorter than TotalTimeout of {TotalTimeout} and will cut recovery short; leave it unset", EventName = "TimeoutTooShort")]
    public static partial void TimeoutTooShort(ILogger logger, string client, TimeSpan timeout, TimeSpan totalTimeout);
}
