using Microsoft.Extensions.Logging;

// Beside the sentence are the values that log queries filter by.
#pragma warning disable SYSLIB1015

namespace ExchangeResilience;

/// <summary>
/// Every sentence this library logs about requests, claims and evidence. Event ids are stable; 1000-1099 belong to configuration. A success says nothing. What stops many calls is
/// a warning once, and what each of them says of it is for an operator who turns the details on.
/// </summary>
internal static partial class Log
{
    /// <summary>Logged where a request has no client order id.</summary>
    public const string NoId = "-";

    [LoggerMessage(EventId = 1100, EventName = "Recovering", Message = "{Error} on {Operation}: {Trouble}, {Outcome}; {Next} [{Client}/{ClientOrderId}]")]
    public static partial void Recovering(
        ILogger logger, LogLevel level, ErrorLabel error, ExchangeOperation operation, string trouble, string outcome, string next, string client, string clientOrderId,
        ErrorCategory category, ExecutionStatus execution, DecisionAction action, DecisionReason reason, int attempt, double delayMilliseconds);

    [LoggerMessage(EventId = 1101, EventName = "GivenUp", Message = "{Error} on {Operation}: {Trouble}, {Outcome}; {Next} [{Client}/{ClientOrderId}]{More}")]
    public static partial void GivenUp(
        ILogger logger, LogLevel level, ErrorLabel error, ExchangeOperation operation, string trouble, string outcome, string next, string client, string clientOrderId, MoreAlike more,
        ErrorCategory category, ExecutionStatus execution, DecisionAction action, DecisionReason reason, int attempt);

    [LoggerMessage(EventId = 1102, EventName = "LaneClosed", Message = "{Lane} lane of {Environment}/{Scope} closed for {Seconds:0.0} s, until {Until:u}, by {Error}{Ban}")]
    public static partial void LaneClosed(ILogger logger, LogLevel level, TrafficLane lane, string environment, string scope, double seconds, DateTimeOffset until, string error, BanLabel ban);

    [LoggerMessage(EventId = 1103, EventName = "HeldBack", Message = "{Operation} is not sent: {Why}; another try may succeed in {Seconds:0.0} s [{Client}/{ClientOrderId}]")]
    public static partial void HeldBack(ILogger logger, LogLevel level, ExchangeOperation operation, string why, double seconds, string client, string clientOrderId, RefusalReason reason);

    [LoggerMessage(1104, LogLevel.Information, "{Error} on item {Item} of {Operation}: {Trouble}, {Outcome}; {Next} [{Client}/{ClientOrderId}]", EventName = "ItemDecided")]
    public static partial void ItemDecided(
        ILogger logger, ErrorLabel error, int item, ExchangeOperation operation, string trouble, string outcome, string next, string client, string clientOrderId,
        ErrorCategory category, ExecutionStatus execution, DecisionAction action, DecisionReason reason);

    [LoggerMessage(EventId = 1110, EventName = "ClockNotMeasured", Message = "The clock of {Environment} could not be measured: {Error}; the last known offset goes on to serve, and the local clock before the first")]
    public static partial void ClockNotMeasured(ILogger logger, LogLevel level, string environment, string error);

    [LoggerMessage(1111, LogLevel.Debug, "The limits of {Environment} could not be asked: {Error}; the documented ones are used for now", EventName = "LimitsNotAsked")]
    public static partial void LimitsNotAsked(ILogger logger, string environment, string error);

    [LoggerMessage(1120, LogLevel.Warning, "{Operation} {ClientOrderId} is in doubt after {Error} ({Symbol}, {Client})", EventName = "InDoubt")]
    public static partial void InDoubt(ILogger logger, ExchangeOperation operation, string clientOrderId, string symbol, string client, string error);

    [LoggerMessage(1121, LogLevel.Information, "{Operation} {ClientOrderId} is settled: {Execution}, {Evidence} ({Symbol}, {Client})", EventName = "Settled")]
    public static partial void Settled(ILogger logger, ExchangeOperation operation, string clientOrderId, string symbol, string client, ExecutionStatus execution, string evidence);

    [LoggerMessage(1122, LogLevel.Debug, "No evidence about {ClientOrderId} yet: {Error}", EventName = "NoEvidence")]
    public static partial void NoEvidence(ILogger logger, string clientOrderId, string error);

    [LoggerMessage(1123, LogLevel.Error, "{Operation} {ClientOrderId} was reported as not executed and is {Status} at the exchange now ({Symbol}, {Client})", EventName = "AbsenceContradicted")]
    public static partial void AbsenceContradicted(ILogger logger, ExchangeOperation operation, string clientOrderId, string symbol, string client, string status);

    [LoggerMessage(1124, LogLevel.Warning, "{Operation} of {ClientOrderId}: the cancel kept for it has ended: {Fate}", EventName = "KeptCancelEnded")]
    public static partial void KeptCancelEnded(ILogger logger, ExchangeOperation operation, string clientOrderId, string fate);

    [LoggerMessage(1125, LogLevel.Warning, "A query about {ClientOrderId} failed; it is repeated", EventName = "QuestionFailed")]
    public static partial void QuestionFailed(ILogger logger, string clientOrderId, Exception error);

    [LoggerMessage(1126, LogLevel.Error, "{Operation} of {ClientOrderId}: the cancel kept for it has expired without an answer, or no client of this run has the order's key; the order may be open: cancel it yourself", EventName = "KeptCancelGivenUp")]
    public static partial void KeptCancelGivenUp(ILogger logger, ExchangeOperation operation, string clientOrderId);

    [LoggerMessage(1132, LogLevel.Warning, "{Operation} of {ClientOrderId}: a cancel is kept for it and applied when the order appears", EventName = "CancelKept")]
    public static partial void CancelKept(ILogger logger, ExchangeOperation operation, string clientOrderId);

    [LoggerMessage(1127, LogLevel.Error, "A subscriber to the events of orders in doubt threw", EventName = "SubscriberFailed")]
    public static partial void SubscriberFailed(ILogger logger, Exception error);

    [LoggerMessage(1128, LogLevel.Error, "{Operation} {ClientOrderId} stays in doubt: {State}. The search has ended; look it up at the exchange and settle it through IInDoubtOrders ({Symbol}, {Client})", EventName = "Unresolved")]
    public static partial void Unresolved(ILogger logger, ExchangeOperation operation, string clientOrderId, string symbol, string client, string state);

    [LoggerMessage(1129, LogLevel.Warning, "{Operation} {ClientOrderId} was settled by {By} as {Execution}: {Reason}", EventName = "SettledByHand")]
    public static partial void SettledByHand(ILogger logger, ExchangeOperation operation, string clientOrderId, string by, ExecutionStatus execution, string reason);

    [LoggerMessage(1140, LogLevel.Warning, "Orders left in doubt by an earlier run, or a process that is gone, are being looked up ({Count}): {Orders}", EventName = "RecoveryStarted")]
    public static partial void RecoveryStarted(ILogger logger, int count, string orders);

    [LoggerMessage(EventId = 1141, EventName = "RecoveryProgress", Message = "Orders left in doubt by an earlier run, or a process that is gone: {Settled} of {Count} settled, now {Order}: {Execution}")]
    public static partial void Recovered(ILogger logger, LogLevel level, int settled, int count, string order, ExecutionStatus execution);

    [LoggerMessage(1142, LogLevel.Warning, "{Lane} lane of {Environment}/{Scope} closed for another {Seconds:0.0} s, until {Until:u}: the exchange answered an earlier run with {Error}", EventName = "HoldRestored")]
    public static partial void HoldRestored(ILogger logger, TrafficLane lane, string environment, string scope, double seconds, DateTimeOffset until, HoldCause error);

    [LoggerMessage(1143, LogLevel.Error, "The order journal is not open: a program that is starting does not start, and one that runs refuses orders until it is", EventName = "JournalNotOpened")]
    public static partial void JournalNotOpened(ILogger logger, Exception error);

    [LoggerMessage(1144, LogLevel.Error, "The journal could not be updated for {ClientOrderId} ({Symbol}, {Client}); a later run will query the exchange about it again", EventName = "JournalBehind")]
    public static partial void JournalBehind(ILogger logger, string clientOrderId, string symbol, string client, Exception error);

    [LoggerMessage(1145, LogLevel.Warning, "The journal knows more of {ClientOrderId} than this process, and kept what it knows", EventName = "JournalDisagrees")]
    public static partial void JournalDisagrees(ILogger logger, string clientOrderId);

    [LoggerMessage(1146, LogLevel.Error, "The hold of the {Lane} lane of {Environment}/{Scope} could not be written to the journal; the write is repeated until it succeeds, and a restart before that loses the hold", EventName = "HoldNotKept")]
    public static partial void HoldNotKept(ILogger logger, TrafficLane lane, string environment, string scope, Exception error);

    [LoggerMessage(1147, LogLevel.Error, "{Fault} Orders are refused until it writes again", EventName = "JournalSilent")]
    public static partial void JournalSilent(ILogger logger, string fault);

    [LoggerMessage(1148, LogLevel.Warning, "The order journal works again; orders leave", EventName = "JournalBack")]
    public static partial void JournalBack(ILogger logger);

    [LoggerMessage(EventId = 1150, EventName = "HoldTold", Message = "{Lane} lane of {Environment}/{Scope} closed for {Seconds:0.0} s, until {Until:u}: the exchange answered another process with {Error}")]
    public static partial void HoldTold(ILogger logger, LogLevel level, TrafficLane lane, string environment, string scope, double seconds, DateTimeOffset until, HoldCause error);

    [LoggerMessage(1151, LogLevel.Error, "An event from another process could not be applied", EventName = "FleetNewsNotHeeded")]
    public static partial void FleetNewsNotHeeded(ILogger logger, Exception error);

    [LoggerMessage(1130, LogLevel.Warning, "{Client}: no key signs here. Requests that arrive signed leave unchanged and within their own window, and none that may have taken effect is sent again; but their timestamp is not renewed, and the exchange cannot be queried about an order. An order with a client order id stays unknown until the application reports evidence, and is written to the journal if there is one. An order without one is identified by its signature alone: it stays unknown until the application settles it, an equal one is refused meanwhile, and it is not in the journal, so a restart loses it. Unless another library signs, add AddExchangeSigning() with ApiKey and Secret or PrivateKeyPem", EventName = "NoCredentials")]
    public static partial void NoCredentials(ILogger logger, string client);

    [LoggerMessage(1133, LogLevel.Warning, "{Client}: the caller or an outer handler ended a call after {Seconds:0.0} s, while its outcome was being determined, which may take TotalTimeout of {TotalTimeout}. If that was a timeout (HttpClient.Timeout, which a library may set, or an outer handler's), make it {Longest} or more; the outcome of the order is determined all the same", EventName = "RecoveryCut")]
    public static partial void RecoveryCut(ILogger logger, string client, double seconds, string totalTimeout, string longest);

    [LoggerMessage(1131, LogLevel.Warning, "{Client}: HttpClient.Timeout of {Timeout} is shorter than TotalTimeout of {TotalTimeout} and will cut recovery short; leave it unset", EventName = "TimeoutTooShort")]
    public static partial void TimeoutTooShort(ILogger logger, string client, TimeSpan timeout, TimeSpan totalTimeout);

    [LoggerMessage(1134, LogLevel.Warning, "Orders in doubt as this program ends ({Count}): {Orders}. The journal has them: the next start, or another process of the fleet, looks them up", EventName = "LeftInDoubt")]
    public static partial void LeftInDoubt(ILogger logger, int count, string orders);

    [LoggerMessage(1135, LogLevel.Error, "Orders in doubt as this program ends ({Count}): {Orders}. No journal has them, so the next start does not know of them: look each up at the exchange before it is sent again", EventName = "LeftWithoutJournal")]
    public static partial void LeftWithoutJournal(ILogger logger, int count, string orders);
}
