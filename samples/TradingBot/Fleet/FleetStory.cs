using System.Globalization;

namespace TradingBot;

/// <summary>What happens to the fleet: one member is told of a ban, one is killed in the middle of its orders and started again, and all trade to the end.</summary>
/// <param name="members">The fleet.</param>
/// <param name="place">Its exchange.</param>
/// <param name="plan">To whom what happens.</param>
/// <param name="start">Starts a member.</param>
/// <param name="tell">Hears what happens.</param>
internal sealed class FleetStory(IReadOnlyList<FleetMember> members, FleetExchange place, FleetPlan plan, Action<FleetMember> start, Action<string> tell)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan OneHold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(20);

    private FleetMember BannedMember => members[plan.Banned];

    private FleetMember KilledMember => members[plan.Killed];

    /// <param name="stop">Begin nothing new.</param>
    /// <param name="abort">End what has begun.</param>
    /// <exception cref="FleetLostException">A member ended by itself, or what is to happen does not.</exception>
    public async Task PlayAsync(CancellationToken stop, CancellationToken abort)
    {
        try
        {
            foreach (var member in members)
            {
                start(member);
            }

            await UntilAsync("all members have joined", () => members.All(static member => member.Report is { Activity: MemberActivity.Ready }), stop);
            await Task.WhenAll(members.Select(static member => member.LetBeginAsync()));
            tell(string.Create(CultureInfo.InvariantCulture, $"{members.Count} members trade {members.Sum(static member => member.Orders)} orders"));
            await Task.WhenAll(BanAsync(stop), KillAsync(stop));
            await UntilAsync("all orders are traded", () => members.All(static member => member.IsDone), stop);
            tell("all orders are traded");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            tell("nothing new is begun; orders under way may finish");
        }

        await Task.WhenAll(members.Select(static member => member.LetEndAsync()));
        try
        {
            await Task.WhenAll(members.Select(member => member.EndAsync(abort))).WaitAsync(PatienceAtTheEnd, TimeProvider.System, CancellationToken.None);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            tell("some members did not end in time and are killed");
        }
    }

    /// <summary>Says what happens to a member in words of the fleet.</summary>
    public void Hear(FleetMember member, MemberEvent news)
    {
        // Every request that crossed a hold on its way tells of it once more.
        if (news.IsWordOfHold && member.Events.Any(earlier => earlier.IsWordOfHold && earlier.At < news.At && TimeProvider.System.GetElapsedTime(earlier.At, news.At) < OneHold))
        {
            return;
        }

        tell(news.Kind switch
        {
            MemberEventKind.Told => $"member {member.Number} is told by the exchange: {news.Text}",
            MemberEventKind.Heard => $"member {member.Number} hears of it: {news.Text}",
            MemberEventKind.TookOver => $"member {member.Number} takes over: {news.Text}",
            MemberEventKind.Settled => $"member {member.Number} settles {news.Text}",
            _ => $"member {member.Number}: {news.Text}",
        });
    }

    private async Task BanAsync(CancellationToken stop)
    {
        await UntilAsync("the ban is told", () => place.BannedAt is not null && FirstWord(BannedMember, place.BannedAt.Value) is not null, stop);
        var bannedAt = place.BannedAt!.Value;
        var told = FirstWord(BannedMember, bannedAt)!.Value;
        await UntilAsync("the others know of the ban", () => members.All(member => member.ProcessId is null || member.StartedAt > bannedAt || FirstWord(member, bannedAt) is not null), stop);
        var last = members.Max(member => FirstWord(member, bannedAt) ?? told);
        tell(string.Create(CultureInfo.InvariantCulture, $"all others know of the ban {TimeProvider.System.GetElapsedTime(told, last).TotalMilliseconds:0} ms after member {BannedMember.Number}"));
    }

    private static long? FirstWord(FleetMember member, long since) =>
        member.Events.FirstOrDefault(news => news.IsWordOfHold && news.At >= since)?.At;

    private async Task KillAsync(CancellationToken stop)
    {
        await UntilAsync("the orders that are never answered have left", () => place.Silent.IsCompleted, stop);
        var underWay = KilledMember.Report?.UnderWay;
        var processId = KilledMember.ProcessId;
        var killedAt = TimeProvider.System.GetTimestamp();
        await KilledMember.KillAsync();
        tell(string.Create(CultureInfo.InvariantCulture, $"member {KilledMember.Number} (process {processId}) is killed with SIGKILL, {underWay} orders under way"));

        // Of what was never answered it may have settled some itself, if a hold came between: only what it held is the others' to settle.
        await UntilAsync(
            "the others settle what it left in doubt",
            () => members.Any(member => member.Events.Any(news => news.Kind == MemberEventKind.TookOver && news.At >= killedAt)) && members.All(static member => member.ProcessId is null || member.Report is { InDoubt: 0 }),
            stop);
        start(KilledMember);
        await KilledMember.LetBeginAsync();
        tell(string.Create(CultureInfo.InvariantCulture, $"member {KilledMember.Number} is started again as {KilledMember.Run} (process {KilledMember.ProcessId})"));
    }

    private async Task UntilAsync(string what, Func<bool> holds, CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (members.FirstOrDefault(static member => member.Lost is not null) is { } gone)
            {
                throw new FleetLostException(gone.Number, gone.Lost!.Value.ExitCode, gone.Lost.Value.Errors);
            }

            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                throw new FleetLostException(what);
            }

            await Task.Delay(Look, TimeProvider.System, stop);
        }
    }
}

/// <summary>The show cannot go on.</summary>
internal sealed class FleetLostException : Exception
{
    public FleetLostException(string awaited)
        : base($"Nothing more is to be expected, but it has not happened that {awaited}.")
    {
    }

    public FleetLostException(int member, int exitCode, string why)
        : base(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Member {member} ended by itself with exit code {exitCode}. {why}")) => ExitCode = exitCode;

    /// <summary>What a member that ended by itself ended with; 0 where none did.</summary>
    public int ExitCode { get; }
}
