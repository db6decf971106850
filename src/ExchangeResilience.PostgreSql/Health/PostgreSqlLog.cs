using Microsoft.Extensions.Logging;

namespace ExchangeResilience.PostgreSql;

/// <summary>Log messages about the shared store; event ids 1500 to 1599.</summary>
internal static partial class PostgreSqlLog
{
    [LoggerMessage(1500, LogLevel.Error, "{Failure} Orders are refused until the store works; known holds stay, and queries go on", EventName = "StoreAway")]
    public static partial void Away(ILogger logger, string failure);

    [LoggerMessage(1501, LogLevel.Warning, "The shared store works again, after {Seconds:0.0} s", EventName = "StoreWorksAgain")]
    public static partial void WorksAgain(ILogger logger, double seconds);

    [LoggerMessage(1502, LogLevel.Information, "Joined the fleet as {Name} ({Member}), with {Entries} unfinished orders taken over and {Holds} holds", EventName = "FleetJoined")]
    public static partial void Joined(ILogger logger, string name, string member, int entries, int holds);

    [LoggerMessage(1503, LogLevel.Warning, "Took over {Entries} unfinished orders of processes that have ended", EventName = "OrdersTakenOver")]
    public static partial void TookOver(ILogger logger, int entries);

    [LoggerMessage(1504, LogLevel.Warning, "The lease could not be ended: other processes take over the unfinished orders once it has expired. {Failure}", EventName = "LeaseNotEnded")]
    public static partial void LeaseNotEnded(ILogger logger, string failure);

    [LoggerMessage(1505, LogLevel.Error, "The shared store's entry {Id} of {ClientOrderId} on {Symbol} cannot be read: new orders with that id are refused. Look the order up at the exchange, then delete the entry", EventName = "StoreEntryUnreadable")]
    public static partial void Unreadable(ILogger logger, string id, string clientOrderId, string symbol);

    [LoggerMessage(1506, LogLevel.Warning, "Finished entries could not be deleted; fewer at a time are tried with the next heartbeat", EventName = "EntriesNotDeleted")]
    public static partial void NotSwept(ILogger logger, Exception failure);

    [LoggerMessage(1507, LogLevel.Warning, "The shared store has a hold of lane {Lane}, scope {Scope}, which this library does not know: it holds nothing here. Update the library", EventName = "StoreHoldUnreadable")]
    public static partial void HoldUnreadable(ILogger logger, string lane, string scope);
}
