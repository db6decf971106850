using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite;

/// <summary>What is said about the journal's file; event ids 1400 to 1499.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(1400, LogLevel.Error, "{Failure} Orders are refused until the journal works", EventName = "JournalFailed")]
    public static partial void Failed(ILogger logger, string failure);

    [LoggerMessage(1401, LogLevel.Information, "The order journal works again", EventName = "JournalWorksAgain")]
    public static partial void WorksAgain(ILogger logger);
}
