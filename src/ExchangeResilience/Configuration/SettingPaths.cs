using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>Every setting of a client, by its path under the usual names of the sections, each of which is the name of the call that reads it: where a key belongs that stands somewhere else.</summary>
internal static class SettingPaths
{
    public const string ErrorHandling = "ExchangeErrorHandling";
    public const string Signing = "ExchangeSigning";

    public static IReadOnlyList<string> All { get; } =
    [
        .. Below(
            ErrorHandling, "Venue", "Mode", "TotalTimeout", "AttemptTimeout", "SendBefore", "MaxWait", "ThrowOnError", "ClientOrderIds", "ClientOrderIdPrefix", "AfterProvenAbsent", "TrustedInnerHandlers",
            "Environment", "Account", "EgressName"),
        .. Below($"{ErrorHandling}:Policies:<selector>", "Action", "MaxAttempts", "BaseDelay", "MaxDelay", "Lane", "Execution"),
        .. Below($"{ErrorHandling}:Clock", "ResyncInterval", "Samples", "MaxResyncsPerCall"),
        .. Below(
            $"{ErrorHandling}:Reconciliation", "SettleMargin", "MinimumAbsences", "FirstPause", "MaxPause", "Rechecks", "VerdictRetention", "Journal", "RepeatsAfterRestart", "MaxInDoubt"),
        .. Below($"{ErrorHandling}:Limits", "WeightPerMinute", "OrdersPer10Seconds", "OrdersPerMinute", "PaceBeforeLimit", "MaxWaiters"),
        .. Below(Signing, "ApiKey", "Secret", "PrivateKeyPem", "PrivateKeyPath", "PrivateKeyPassphrase", "Hosts", "RecvWindow"),
    ];

    /// <summary>The section that a key belongs to; null where it is no setting's.</summary>
    /// <param name="key">The key.</param>
    /// <param name="section">The usual name of the section that is read; null where it is none of these.</param>
    /// <param name="path">The path it has.</param>
    public static string? HomeOf(string key, string? section, string path)
    {
        if (All.FirstOrDefault(known => string.Equals(ConfigurationPath.GetSectionKey(known), key, StringComparison.OrdinalIgnoreCase)) is not { } found)
        {
            return null;
        }

        var home = ConfigurationPath.GetParentPath(found)!;
        var top = home.Split(ConfigurationPath.KeyDelimiter)[0];
        return top == section ? path + home[top.Length..] : $"{home}, the section of Add{top}";
    }

    private static IEnumerable<string> Below(string section, params string[] keys) => keys.Select(key => $"{section}:{key}");
}
