using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite;

/// <summary>What is said about the journal's file; event ids 1400 to 1499.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(1400, LogLevel.Error, "{Failure} Orders that cannot be written are refused", EventName = "JournalFailed")]
    public static partial void Failed(ILogger logger, string failure);

    [LoggerMessage(1401, LogLevel.Warning, "The order journal works again: no write has failed for a minute", EventName = "JournalWorksAgain")]
    public static partial void WorksAgain(ILogger logger);

    [LoggerMessage(1402, LogLevel.Error, "The order journal's entry {Id} of {ClientOrderId} on {Symbol} cannot be read: new orders with that id are refused. Look the order up at the exchange, then delete the entry", EventName = "JournalEntryUnreadable")]
    public static partial void Unreadable(ILogger logger, string id, string clientOrderId, string symbol);

    [LoggerMessage(1403, LogLevel.Error, "The order journal has a hold of a lane this library does not know ('{Lane}' of {Scope}): until it ends at {Until} the whole address is held. Update the library", EventName = "JournalHoldUnclear")]
    public static partial void UnknownLane(ILogger logger, string lane, string scope, DateTimeOffset until);

    [LoggerMessage(1404, LogLevel.Warning, "The order journal {Path} is new, and knows of no order that was sent before. If there is an earlier one elsewhere, stop the program and let Path name that: a relative path starts at the current directory", EventName = "JournalMade")]
    public static partial void Made(ILogger logger, string path);
}
