using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What is said of a lane that is open again; event id 1105.</summary>
internal static partial class LaneLog
{
    [LoggerMessage(1105, LogLevel.Information, "{Lane} lane of {Environment}/{Scope} is open again: it was closed for {Seconds:0.0} s, {Waited} requests waited for it and {Refused} were refused", EventName = "LaneOpened")]
    public static partial void Opened(ILogger logger, TrafficLane lane, string environment, string scope, double seconds, int waited, int refused);
}
