using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What is said about limits that a fleet shares; event ids 1152 and 1153.</summary>
internal static partial class BudgetLog
{
    [LoggerMessage(1152, LogLevel.Error, "The shared budget cannot be reached; from the next window on this process uses at most an equal share of the limits, as one of {Members}", EventName = "SharedBudgetAway")]
    public static partial void Away(ILogger logger, int members, Exception error);

    [LoggerMessage(1153, LogLevel.Warning, "The shared budget is back; the limits are shared by {Members} again", EventName = "SharedBudgetBack")]
    public static partial void Back(ILogger logger, int members);
}
