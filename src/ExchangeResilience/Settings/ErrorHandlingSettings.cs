using System.Globalization;
using static ExchangeResilience.SettingRow<ExchangeResilience.ExchangeErrorHandlingOptions>;

namespace ExchangeResilience;

/// <summary>
/// Every setting of a client, one row each, but for policy rows, which have <see cref="PolicyColumns"/>, and endpoints, which are made in code. What two settings may be to each
/// other is in <see cref="ErrorHandlingOptionsValidator"/>.
/// </summary>
internal static class ErrorHandlingSettings
{
    private const int LongestPrefix = 10;

    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static IReadOnlyList<SettingRow<ExchangeErrorHandlingOptions>> All { get; } =
    [
        new(ReadVenue, FaultsOfVenue, static (before, after) => Told("Venue", before.Venue.Name, after.Venue.Name)),
        Choice<HandlingMode>("Mode", static o => o.Mode, static (o, value) => o.Mode = value),
        Duration("TotalTimeout", static o => o.TotalTimeout, static (o, value) => o.TotalTimeout = value, TimeSpan.FromMilliseconds(100), Hour),
        Duration("AttemptTimeout", static o => o.AttemptTimeout, static (o, value) => o.AttemptTimeout = value, TimeSpan.FromMilliseconds(50), Hour),
        Duration("SendBefore", static o => o.SendBefore, static (o, value) => o.SendBefore = value, Instant, Hour),
        Duration("MaxWait", static o => o.MaxWait, static (o, value) => o.MaxWait = value, TimeSpan.Zero, Day),
        Flag("ThrowOnError", static o => o.ThrowOnError, static (o, value) => o.ThrowOnError = value),
        Choice<ClientOrderIdMode>("ClientOrderIds", static o => o.ClientOrderIds, static (o, value) => o.ClientOrderIds = value),
        Text("ClientOrderIdPrefix", static o => o.ClientOrderIdPrefix, static (o, value) => o.ClientOrderIdPrefix = value, FaultOfPrefix),
        Choice<AfterProvenAbsent>("AfterProvenAbsent", static o => o.AfterProvenAbsent, static (o, value) => o.AfterProvenAbsent = value),
        Texts("TrustedInnerHandlers", static o => o.TrustedInnerHandlers, FaultOfHandler),
        Text("Environment", static o => o.Environment, static (o, value) => o.Environment = value, static (key, name) => FaultOfName(key, name, "write a name, or leave it out so that the host decides")),
        Text("Account", static o => o.Account, static (o, value) => o.Account = value, static (key, name) => FaultOfName(key, name, "write a name, or leave it out so that the API key decides")),
        Text("EgressName", static o => o.EgressName, static (o, value) => o.EgressName = value, static (key, name) => FaultOfName(key, name ?? "", "name the address requests leave from, or leave it out to use 'default'")),
        Duration("Clock:ResyncInterval", static o => o.Clock.ResyncInterval, static (o, value) => o.Clock.ResyncInterval = value, Second, Day),
        Number("Clock:Samples", static o => o.Clock.Samples, static (o, value) => o.Clock.Samples = value, 1, 20),
        Number("Clock:MaxResyncsPerCall", static o => o.Clock.MaxResyncsPerCall, static (o, value) => o.Clock.MaxResyncsPerCall = value, 1, 5),
        Duration("Reconciliation:SettleMargin", static o => o.Reconciliation.SettleMargin, static (o, value) => o.Reconciliation.SettleMargin = value, TimeSpan.Zero, Hour),
        Number("Reconciliation:MinimumAbsences", static o => o.Reconciliation.MinimumAbsences, static (o, value) => o.Reconciliation.MinimumAbsences = value, 3, 20),
        Duration("Reconciliation:FirstPause", static o => o.Reconciliation.FirstPause, static (o, value) => o.Reconciliation.FirstPause = value, Instant, Hour),
        Duration("Reconciliation:MaxPause", static o => o.Reconciliation.MaxPause, static (o, value) => o.Reconciliation.MaxPause = value, Instant, Hour),
        Durations("Reconciliation:Rechecks", static o => o.Reconciliation.Rechecks, Second, Day),
        Duration("Reconciliation:VerdictRetention", static o => o.Reconciliation.VerdictRetention, static (o, value) => o.Reconciliation.VerdictRetention = value, Second, 90 * Day),
        Choice<JournalMode>("Reconciliation:Journal", static o => o.Reconciliation.Journal, static (o, value) => o.Reconciliation.Journal = value),
        Duration("Reconciliation:RepeatsAfterRestart", static o => o.Reconciliation.RepeatsAfterRestart, static (o, value) => o.Reconciliation.RepeatsAfterRestart = value, TimeSpan.Zero, Day),
        Number("Reconciliation:MaxInDoubt", static o => o.Reconciliation.MaxInDoubt, static (o, value) => o.Reconciliation.MaxInDoubt = value, 1, 1_000_000),
        Number("Limits:WeightPerMinute", static o => o.Limits.WeightPerMinute, static (o, value) => o.Limits.WeightPerMinute = value, 1, 10_000_000),
        Number("Limits:OrdersPer10Seconds", static o => o.Limits.OrdersPer10Seconds, static (o, value) => o.Limits.OrdersPer10Seconds = value, 1, 10_000_000),
        Number("Limits:OrdersPerMinute", static o => o.Limits.OrdersPerMinute, static (o, value) => o.Limits.OrdersPerMinute = value, 1, 10_000_000),
        Flag("Limits:PaceBeforeLimit", static o => o.Limits.PaceBeforeLimit, static (o, value) => o.Limits.PaceBeforeLimit = value),
        Number("Limits:MaxWaiters", static o => o.Limits.MaxWaiters, static (o, value) => o.Limits.MaxWaiters = value, 0, 1_000_000),
    ];

    private static void ReadVenue(SectionReader reader, ExchangeErrorHandlingOptions target)
    {
        if (reader.OneOf("Venue", [.. ExchangeVenue.All.Select(static known => known.Name)]) is { } name)
        {
            target.Venue = ExchangeVenue.Named(name);
        }
    }

    private static IEnumerable<string> FaultsOfVenue(ExchangeErrorHandlingOptions options) =>
        options.Venue is null ? [OptionFault.Of("Venue", "is null", $"choose one, such as {nameof(ExchangeVenue)}.{nameof(ExchangeVenue.BinanceUsdFutures)}")] : [];

    private static string? FaultOfPrefix(string key, string? prefix) => prefix is { Length: <= LongestPrefix } && !prefix.AsSpan().ContainsAnyExcept(ClientOrderIdRule.Characters)
        ? null
        : OptionFault.Of(key, OptionFault.Start(prefix ?? "null"), "cannot start a client order id", string.Create(CultureInfo.InvariantCulture, $"use at most {LongestPrefix} of {ClientOrderIdRule.Shown}"));

    private static string? FaultOfName(string key, string? name, string remedyOfBlank) =>
        name is null ? null
        : string.IsNullOrWhiteSpace(name) ? OptionFault.Of(key, "is blank", remedyOfBlank)
        : OptionFault.MayHoldSecret(name) ? OptionFault.Of(key, "may be a key or a secret, and would be shown in logs, metrics and on the page", "write a short name")
        : null;

    private static string? FaultOfHandler(string key, string? type) => string.IsNullOrWhiteSpace(type) ? OptionFault.Of(key, "is blank", "write the handler's full type name, or remove it") : null;
}
