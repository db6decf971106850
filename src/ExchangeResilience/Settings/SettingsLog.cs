using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What is said about settings; event ids 1000 to 1099.</summary>
internal static partial class SettingsLog
{
    /// <summary>The one event of many lines, all of them made of this program's settings.</summary>
    public const int Matrix = 1002;

    [LoggerMessage(1000, LogLevel.Information, "Client '{Client}': error handling settings {Version} are in force, {Overridden} of {Rows} policy rows overridden{Changes}")]
    public static partial void SettingsInForce(ILogger logger, string client, int version, int overridden, int rows, string changes);

    [LoggerMessage(1001, LogLevel.Error, "Client '{Client}': changed error handling settings are refused, settings {Version} stay in force. {Faults}")]
    public static partial void SettingsRefused(ILogger logger, string client, int version, string faults);

    [LoggerMessage(Matrix, LogLevel.Debug, "Client '{Client}': the policy matrix in force\n{Matrix}", SkipEnabledCheck = true)]
    public static partial void MatrixInForce(ILogger logger, string client, string matrix);

    [LoggerMessage(1006, LogLevel.Warning, "Client '{Client}': policies without effect. {Policies}")]
    public static partial void PoliciesWithoutEffect(ILogger logger, string client, string policies);

    [LoggerMessage(1003, LogLevel.Warning, "Client '{Client}': AfterProvenAbsent is Resend, but SendBefore ({SendBefore}) is over before an absence can be proven, which takes RecvWindow ({RecvWindow}) and Reconciliation:SettleMargin ({SettleMargin}), so no order is sent again unless its request has a longer SendBefore of its own; lengthen SendBefore, or set AfterProvenAbsent to Report")]
    public static partial void ResendNeverLeaves(ILogger logger, string client, string sendBefore, string recvWindow, string settleMargin);
}
