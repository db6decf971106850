using System.Globalization;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>Checks the settings of one named client and reports every fault at once: key path, value, remedy.</summary>
internal sealed class ErrorHandlingOptionsValidator(string client, string? sectionPath, TrustInUse? trust = null) : IValidateOptions<ExchangeErrorHandlingOptions>
{
    private const int LongestPrefix = 10;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private static readonly (string Key, Func<ExchangeErrorHandlingOptions, TimeSpan> Value, TimeSpan Least, TimeSpan Most)[] Durations =
    [
        ("TotalTimeout", o => o.TotalTimeout, TimeSpan.FromMilliseconds(100), Hour),
        ("AttemptTimeout", o => o.AttemptTimeout, TimeSpan.FromMilliseconds(50), Hour),
        ("SendBefore", o => o.SendBefore, Instant, Hour),
        ("MaxWait", o => o.MaxWait, TimeSpan.Zero, Day),
        ("Clock:ResyncInterval", o => o.Clock.ResyncInterval, TimeSpan.FromSeconds(1), Day),
        ("Reconciliation:SettleMargin", o => o.Reconciliation.SettleMargin, TimeSpan.Zero, Hour),
        ("Reconciliation:FirstPause", o => o.Reconciliation.FirstPause, Instant, Hour),
        ("Reconciliation:MaxPause", o => o.Reconciliation.MaxPause, Instant, Hour),
        ("Reconciliation:VerdictRetention", o => o.Reconciliation.VerdictRetention, TimeSpan.FromSeconds(1), 90 * Day),
        ("Reconciliation:RepeatsAfterRestart", o => o.Reconciliation.RepeatsAfterRestart, TimeSpan.Zero, Day),
    ];

    private static readonly (string Key, Func<ExchangeErrorHandlingOptions, int?> Value, int Least, int Most)[] Numbers =
    [
        ("Clock:Samples", o => o.Clock.Samples, 1, 20),
        ("Clock:MaxResyncsPerCall", o => o.Clock.MaxResyncsPerCall, 1, 5),
        ("Reconciliation:MinimumAbsences", o => o.Reconciliation.MinimumAbsences, 3, 20),
        ("Reconciliation:MaxInDoubt", o => o.Reconciliation.MaxInDoubt, 1, 1_000_000),
        ("Limits:WeightPerMinute", o => o.Limits.WeightPerMinute, 1, 10_000_000),
        ("Limits:OrdersPer10Seconds", o => o.Limits.OrdersPer10Seconds, 1, 10_000_000),
        ("Limits:OrdersPerMinute", o => o.Limits.OrdersPerMinute, 1, 10_000_000),
        ("Limits:MaxWaiters", o => o.Limits.MaxWaiters, 0, 1_000_000),
    ];

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

        List<string> all = [.. options.ReadFaults, .. faults.Select(fault => OptionFault.Below(client, sectionPath, fault))];
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
    }

    private void Check(ExchangeErrorHandlingOptions options, List<string> faults)
    {
        CheckDefined(nameof(options.Mode), options.Mode, faults);
        CheckDefined(nameof(options.ClientOrderIds), options.ClientOrderIds, faults);
        CheckDefined(nameof(options.AfterProvenAbsent), options.AfterProvenAbsent, faults);

        foreach (var (key, read, least, most) in Durations)
        {
            CheckDuration(key, read(options), least, most, faults);
        }

        foreach (var (key, read, least, most) in Numbers)
        {
            if (read(options) is { } value && (value < least || value > most))
            {
                faults.Add(OptionFault.OutOfRange(key, Text(value), Text(least), Text(most)));
            }
        }

        foreach (var (key, read, longerKey, readLonger) in Orders)
        {
            if (read(options) > readLonger(options) && WasRead(options, key) && WasRead(options, longerKey))
            {
                faults.Add(OptionFault.Of(key, DurationText.Format(read(options)), $"is longer than {longerKey} ({DurationText.Format(readLonger(options))})", "shorten it, or lengthen the other"));
            }
        }

        for (var i = 0; i < options.Reconciliation.Rechecks.Count; i++)
        {
            CheckDuration($"Reconciliation:Rechecks:{Text(i)}", options.Reconciliation.Rechecks[i], TimeSpan.FromSeconds(1), Day, faults);
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
        !options.ReadFaults.Any(fault => fault.StartsWith(OptionFault.Below(client, sectionPath, $"{key}:"), StringComparison.OrdinalIgnoreCase));

    private static void CheckTexts(ExchangeErrorHandlingOptions options, List<string> faults)
    {
        if (options.ClientOrderIdPrefix is not { Length: <= LongestPrefix } prefix || prefix.AsSpan().ContainsAnyExcept(ClientOrderIdRule.Characters))
        {
            faults.Add(OptionFault.Of(nameof(options.ClientOrderIdPrefix), OptionFault.Start(options.ClientOrderIdPrefix ?? "null"), "cannot start a client order id", $"use at most {Text(LongestPrefix)} of {ClientOrderIdRule.Shown}"));
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

    private static void CheckDuration(string key, TimeSpan value, TimeSpan least, TimeSpan most, List<string> faults)
    {
        if (value < least || value > most)
        {
            faults.Add(OptionFault.OutOfRange(key, value, least, most));
        }
    }

    private static void CheckDefined<T>(string key, T value, List<string> faults) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            faults.Add(OptionFault.Undefined(key, value));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
