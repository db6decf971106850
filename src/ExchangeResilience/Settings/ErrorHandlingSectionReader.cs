using Microsoft.Extensions.Configuration;

namespace ExchangeResilience;

/// <summary>Reads <see cref="ExchangeErrorHandlingOptions"/> from configuration. What the section leaves out keeps its value.</summary>
internal static class ErrorHandlingSectionReader
{
    /// <summary>What is said of a section that is not there.</summary>
    public const string Missing = "the section is missing or empty";

    /// <summary>Reads the section into the options. What cannot be read is reported, with its full key path, and left as it was.</summary>
    public static void Read(IConfigurationSection section, ExchangeErrorHandlingOptions target, ICollection<string> faults)
    {
        if (string.IsNullOrEmpty(section.Value) && !section.GetChildren().Any())
        {
            faults.Add(OptionFault.Of(section.Path, Missing, "write it, or call AddExchangeErrorHandling() without a section to run on the defaults"));
            return;
        }

        var reader = new SectionReader(section, faults);
        target.Venue = reader.OneOf(nameof(target.Venue), [.. ExchangeVenue.All.Select(known => known.Name)]) is { } venue ? ExchangeVenue.Named(venue) : target.Venue;
        target.Mode = reader.Choice<HandlingMode>(nameof(target.Mode)) ?? target.Mode;
        target.TotalTimeout = reader.Duration(nameof(target.TotalTimeout)) ?? target.TotalTimeout;
        target.AttemptTimeout = reader.Duration(nameof(target.AttemptTimeout)) ?? target.AttemptTimeout;
        target.SendBefore = reader.Duration(nameof(target.SendBefore)) ?? target.SendBefore;
        target.MaxWait = reader.Duration(nameof(target.MaxWait)) ?? target.MaxWait;
        target.ThrowOnError = reader.Flag(nameof(target.ThrowOnError)) ?? target.ThrowOnError;
        target.ClientOrderIds = reader.Choice<ClientOrderIdMode>(nameof(target.ClientOrderIds)) ?? target.ClientOrderIds;
        target.ClientOrderIdPrefix = reader.Text(nameof(target.ClientOrderIdPrefix)) ?? target.ClientOrderIdPrefix;
        target.AfterProvenAbsent = reader.Choice<AfterProvenAbsent>(nameof(target.AfterProvenAbsent)) ?? target.AfterProvenAbsent;
        target.Environment = reader.Text(nameof(target.Environment)) ?? target.Environment;
        target.Account = reader.Text(nameof(target.Account)) ?? target.Account;
        target.EgressName = reader.Text(nameof(target.EgressName)) ?? target.EgressName;
        SectionReader.Replace(target.TrustedInnerHandlers, reader.Texts(nameof(target.TrustedInnerHandlers)));
        Read(reader.Section(nameof(target.Clock)), target.Clock);
        Read(reader.Section(nameof(target.Reconciliation)), target.Reconciliation);
        Read(reader.Section(nameof(target.Limits)), target.Limits);
        foreach (var (selector, columns) in reader.Section(nameof(target.Policies)).Sections())
        {
            if (!target.Policies.TryGetValue(selector, out var policy))
            {
                target.Policies.Add(selector, policy = new ErrorPolicy());
            }

            Read(columns, policy);
        }

        reader.RefuseUnknownKeys();
    }

    private static void Read(SectionReader reader, ClockOptions target)
    {
        target.ResyncInterval = reader.Duration(nameof(target.ResyncInterval)) ?? target.ResyncInterval;
        target.Samples = reader.Number(nameof(target.Samples)) ?? target.Samples;
        target.MaxResyncsPerCall = reader.Number(nameof(target.MaxResyncsPerCall)) ?? target.MaxResyncsPerCall;
    }

    private static void Read(SectionReader reader, ReconciliationOptions target)
    {
        target.SettleMargin = reader.Duration(nameof(target.SettleMargin)) ?? target.SettleMargin;
        target.MinimumAbsences = reader.Number(nameof(target.MinimumAbsences)) ?? target.MinimumAbsences;
        target.FirstPause = reader.Duration(nameof(target.FirstPause)) ?? target.FirstPause;
        target.MaxPause = reader.Duration(nameof(target.MaxPause)) ?? target.MaxPause;
        target.VerdictRetention = reader.Duration(nameof(target.VerdictRetention)) ?? target.VerdictRetention;
        target.Journal = reader.Choice<JournalMode>(nameof(target.Journal)) ?? target.Journal;
        target.RepeatsAfterRestart = reader.Duration(nameof(target.RepeatsAfterRestart)) ?? target.RepeatsAfterRestart;
        target.MaxInDoubt = reader.Number(nameof(target.MaxInDoubt)) ?? target.MaxInDoubt;
        SectionReader.Replace(target.Rechecks, reader.Durations(nameof(target.Rechecks)));
    }

    private static void Read(SectionReader reader, LimitOptions target)
    {
        target.WeightPerMinute = reader.Number(nameof(target.WeightPerMinute)) ?? target.WeightPerMinute;
        target.OrdersPer10Seconds = reader.Number(nameof(target.OrdersPer10Seconds)) ?? target.OrdersPer10Seconds;
        target.OrdersPerMinute = reader.Number(nameof(target.OrdersPerMinute)) ?? target.OrdersPerMinute;
        target.PaceBeforeLimit = reader.Flag(nameof(target.PaceBeforeLimit)) ?? target.PaceBeforeLimit;
        target.MaxWaiters = reader.Number(nameof(target.MaxWaiters)) ?? target.MaxWaiters;
    }

    private static void Read(SectionReader reader, ErrorPolicy target)
    {
        target.Action = reader.Choice<RecoveryAction>(nameof(target.Action)) ?? target.Action;
        target.MaxAttempts = reader.Number(nameof(target.MaxAttempts)) ?? target.MaxAttempts;
        target.BaseDelay = reader.Duration(nameof(target.BaseDelay)) ?? target.BaseDelay;
        target.MaxDelay = reader.Duration(nameof(target.MaxDelay)) ?? target.MaxDelay;
        target.Lane = reader.Choice<TrafficLane>(nameof(target.Lane)) ?? target.Lane;
        target.Execution = reader.Choice<ExecutionStatus>(nameof(target.Execution)) ?? target.Execution;
    }
}
