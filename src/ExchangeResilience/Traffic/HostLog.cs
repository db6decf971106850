using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What is said of a host that gives no reply; event ids 1112 and 1113.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1112, LogLevel.Warning, "No reply from {Host} since {Since:u}: {Failure}. Orders fail or stay in doubt until it answers; look at network, proxy, DNS and the exchange's status page", EventName = "HostSilent")]
    public static partial void Silent(ILogger logger, string host, DateTimeOffset since, string failure);

    [LoggerMessage(1113, LogLevel.Warning, "{Host} answers again, after {Seconds:0} s without a reply", EventName = "HostAnswers")]
    public static partial void Answers(ILogger logger, string host, double seconds);
}
