using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Checks the settings of one named client and reports every fault at once: key path, value, remedy.</summary>
internal sealed class ErrorHandlingOptionsValidator(string client, TrustInUse? trust = null, SettingsInUse? inUse = null) : IValidateOptions<ExchangeErrorHandlingOptions>
{
    private static readonly (string Key, Func<ExchangeErrorHandlingOptions, TimeSpan> Value, string LongerKey, Func<ExchangeErrorHandlingOptions, TimeSpan> LongerValue)[] Orders =
    [
        ("AttemptTimeout", o => o.AttemptTimeout, "TotalTimeout", o => o.TotalTimeout),
        ("SendBefore", o => o.SendBefore, "TotalTimeout", o => o.TotalTimeout),
        ("Reconciliation:FirstPause", o => o.Reconciliation.FirstPause, "Reconciliation:MaxPause", o => o.Reconciliation.MaxPause),
    ];

    public ValidateOptionsResult Validate(string? name, ExchangeErrorHandlingOptions options)
    {
        if (!string.Equals(name, client, StringComparison.Ordinal))
        {
            return ValidateOptionsResult.Skip;
        }

        var faults = new List<string>();
        Check(options, faults);
        foreach (var type in trust?.Of(client) ?? [])
        {
            if (!options.TrustedInnerHandlers.Contains(type, StringComparer.Ordinal) && options.WasRead(nameof(options.TrustedInnerHandlers)))
            {
                faults.Add(OptionFault.Of(nameof(options.TrustedInnerHandlers), type, "is missing, and stands between exchange error handling and the wire", "name it, or restart the program without that handler"));
            }
        }

        faults.AddRange(inUse?.Faults(client, options) ?? []);
        List<string> all = [.. options.ReadFaults, .. faults.Select(fault => OptionFault.Below(client, options.ReadSections, fault))];
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
    }

    private static void Check(ExchangeErrorHandlingOptions options, List<string> faults)
    {
        faults.AddRange(ErrorHandlingSettings.All.SelectMany(setting => setting.Faults(options)));
        foreach (var (key, read, longerKey, readLonger) in Orders)
        {
            if (read(options) > readLonger(options) && options.WasRead(key) && options.WasRead(longerKey))
            {
                faults.Add(OptionFault.Of(key, DurationText.Format(read(options)), $"is longer than {longerKey} ({DurationText.Format(readLonger(options))})", "shorten it, or lengthen the other"));
            }
        }

        if (options.Venue is not null)
        {
            _ = PolicyMatrix.Compile(options.Policies, options.Venue.Errors, options.Venue.Policies, faults, selector => options.WasReadWhole($"{nameof(options.Policies)}:{selector}"));
            _ = EndpointRules.Compile(options, faults);
        }
    }
}
