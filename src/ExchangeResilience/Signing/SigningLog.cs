using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What is said about keys: of those that change while the program runs, with event ids beside those of the settings; and of those that sign nothing the exchange takes.</summary>
internal static partial class SigningLog
{
    [LoggerMessage(1004, LogLevel.Information, "Client '{Client}': changed keys are in force; requests are signed with the key of hash {KeyHash} from now on, also the questions about orders in doubt")]
    public static partial void KeysInForce(ILogger logger, string client, string keyHash);

    [LoggerMessage(1005, LogLevel.Error, "Client '{Client}': changed keys are refused, those in force stay. {Faults}")]
    public static partial void KeysRefused(ILogger logger, string client, string faults);

    [LoggerMessage(1114, LogLevel.Warning, "Client '{Client}': a signed request has failed with {Failure}, and others will until that is corrected. {Advice}", EventName = "SignedRequestsFail")]
    public static partial void SignedRequestsFail(ILogger logger, string client, string failure, string advice);

    [LoggerMessage(1115, LogLevel.Information, "Client '{Client}': signed requests succeed again, after {Seconds:0} s", EventName = "SignedRequestsSucceed")]
    public static partial void SignedRequestsSucceed(ILogger logger, string client, double seconds);
}
