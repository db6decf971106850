using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What is said about keys that change while the program runs; event ids with those of the settings.</summary>
internal static partial class SigningLog
{
    [LoggerMessage(1004, LogLevel.Information, "Client '{Client}': changed keys are in force; requests are signed with the key of hash {KeyHash} from now on, also the questions about orders in doubt")]
    public static partial void KeysInForce(ILogger logger, string client, string keyHash);

    [LoggerMessage(1005, LogLevel.Error, "Client '{Client}': changed keys are refused, those in force stay. {Faults}")]
    public static partial void KeysRefused(ILogger logger, string client, string faults);
}
