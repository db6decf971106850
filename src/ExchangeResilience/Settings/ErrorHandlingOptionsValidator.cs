using System.Globalization;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Checks the settings of one named client and reports every fault at once: key path, value, remedy.</summary>
internal sealed class ErrorHandlingOptionsValidator(string client, string? sectionPath, TrustInUse? trust = null) : IValidateOptions<ExchangeErrorHandlingOptions>
{
    private const int LongestPrefix = 10;

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
            if (!options.TrustedInnerHandlers.Contains(type, StringComparer.Ordinal))
            {
                faults.Add(OptionFault.Of(nameof(options.TrustedInnerHandlers), type, "is missing, and stands between exchange error handling and the wire", "name it, or restart the program without that handler"));
            }
        }

        List<string> all = [.. options.ReadFaults, .. faults.Select(fault => OptionFault.Below(sectionPath, fault))];
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
    }

    private void Check(ExchangeErrorHandlingOptions options, List<string> faults)
    {
        faults.AddRange(ErrorHandlingSettings.All.SelectMany(setting => setting.Faults(options)));
        foreach (var (key, read, longerKey, readLonger) in Orders)
        {
            if (read(options) > readLonger(options) && WasRead(options, key) && WasRead(options, longerKey))
            {
                faults.Add(OptionFault.Of(key, DurationText.Format(read(options)), $"is longer than {longerKey} ({DurationText.Format(readLonger(options))})", "shorten it, or lengthen the other"));
            }
        }

        CheckTexts(options, faults);
        if (options.Venue is null)
        {
            faults.Add(OptionFault.Of(nameof(options.Venue), "is null", $"choose one, such as {nameof(ExchangeVenue)}.{nameof(ExchangeVenue.BinanceUsdFutures)}"));
        }
        else
        {
            _ = PolicyMatrix.Compile(options.Policies, options.Venue.Errors, options.Venue.Policies, faults, selector => WasRead(options, $"{nameof(options.Policies)}:{selector}"));
            _ = EndpointRules.Compile(options, faults);
        }
    }

    // What could not be read has its fault already; a default in its place is not the user's and is judged beside nothing.
    private bool WasRead(ExchangeErrorHandlingOptions options, string key) =>
        !options.ReadFaults.Any(fault => fault.StartsWith(OptionFault.Below(sectionPath, $"{key}:"), StringComparison.OrdinalIgnoreCase));

    private static void CheckTexts(ExchangeErrorHandlingOptions options, List<string> faults)
    {
        if (options.ClientOrderIdPrefix is not { Length: <= LongestPrefix } prefix || prefix.AsSpan().ContainsAnyExcept(ClientOrderIdRule.Characters))
        {
            faults.Add(OptionFault.Of(nameof(options.ClientOrderIdPrefix), options.ClientOrderIdPrefix ?? "null", "cannot start a client order id", $"use at most {Text(LongestPrefix)} of {ClientOrderIdRule.Shown}"));
        }

        if (string.IsNullOrWhiteSpace(options.EgressName))
        {
            faults.Add(OptionFault.Of(nameof(options.EgressName), "is blank", "name the address requests leave from, or leave it out to use 'default'"));
        }

        CheckOptionalName(nameof(options.Environment), options.Environment, "the host decides", faults);
        CheckOptionalName(nameof(options.Account), options.Account, "the API key decides", faults);
        foreach (var (key, name) in (ReadOnlySpan<(string, string?)>)[(nameof(options.EgressName), options.EgressName), (nameof(options.Environment), options.Environment), (nameof(options.Account), options.Account)])
        {
            if (name is not null && OptionFault.MayHoldSecret(name))
            {
                faults.Add(OptionFault.Of(key, "may be a key or a secret, and would be shown in logs, metrics and on the page", "write a short name"));
            }
        }

        for (var i = 0; i < options.TrustedInnerHandlers.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(options.TrustedInnerHandlers[i]))
            {
                faults.Add(OptionFault.Of($"{nameof(options.TrustedInnerHandlers)}:{Text(i)}", "is blank", "write the handler's full type name, or remove it"));
            }
        }
    }

    private static void CheckOptionalName(string key, string? value, string whoDecides, List<string> faults)
    {
        if (value is not null && string.IsNullOrWhiteSpace(value))
        {
            faults.Add(OptionFault.Of(key, "is blank", $"write a name, or leave it out so that {whoDecides}"));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
