using System.Globalization;

namespace TradingBot;

/// <summary>One member of the fleet as the table shows it.</summary>
internal sealed record FleetRow(int Member, int? ProcessId, int Executed, int UnderWay, int InDoubt, int Rejected, string Address, long Requests, string Lease, string Doing);

/// <summary>Makes rows of what members report.</summary>
internal static class FleetRows
{
    public static IReadOnlyList<FleetRow> Of(IReadOnlyList<FleetMember> members) => [.. members.Select(member => Of(member, members))];

    private static FleetRow Of(FleetMember member, IReadOnlyList<FleetMember> members)
    {
        var report = member.Report;
        var held = report?.HeldSeconds ?? 0;
        return new FleetRow(
            member.Number,
            member.ProcessId,
            member.Result?.Executed ?? report?.Executed ?? 0,
            report?.UnderWay ?? 0,
            report?.InDoubt ?? 0,
            member.Result?.Rejected ?? report?.Rejected ?? 0,
            member.ProcessId is null ? "-" : held > 0 ? string.Create(CultureInfo.InvariantCulture, $"held {held:0.0} s, {HeldBy(member, members)}") : "open",
            member.Requests,
            member.ProcessId is not null && report?.LeaseSeconds is { } lease ? string.Create(CultureInfo.InvariantCulture, $"{lease:0.0} s") : "-",
            Doing(member, report, held));
    }

    private static string HeldBy(FleetMember member, IReadOnlyList<FleetMember> members)
    {
        if (member.Events.LastOrDefault(static news => news.IsWordOfHold) is { Kind: MemberEventKind.Told })
        {
            return "told itself";
        }

        var told = members.MaxBy(static other => other.Events.LastOrDefault(static news => news.Kind == MemberEventKind.Told)?.At ?? 0)!;
        return string.Create(CultureInfo.InvariantCulture, $"told to {told.Number}");
    }

    private static string Doing(FleetMember member, MemberReport? report, double held) => (member, report) switch
    {
        ({ Result: not null }, _) => "ended",
        ({ ProcessId: null }, _) => "killed",
        (_, null or { Activity: MemberActivity.Starting }) => "joining",
        (_, { Activity: MemberActivity.Ready }) => "ready",
        (_, { StoreFault: not null }) => "without database",
        (_, { Activity: MemberActivity.Done, InDoubt: > 0 }) => "settling what others left",
        (_, { Activity: MemberActivity.Done }) => "done",
        _ when held > 0 => "waiting",
        _ => "trading",
    };
}
