using System.Globalization;
using System.Security.Cryptography;

namespace TradingBot;

/// <summary>Bots in processes of their own, at one exchange and with one database: what one is told all know, and what one leaves behind another settles.</summary>
internal sealed class FleetShow(Options options, int count, IScreen screen, StopSignal signal)
{
    private const int UsualOrders = 240;
    private const int UsualParallel = 4;

    private readonly int _orders = options.Orders ?? UsualOrders;

    /// <summary>The exit code.</summary>
    /// <exception cref="UsageException">There is no database, or no member can use it.</exception>
    public async Task<int> RunAsync()
    {
        screen.Open(
            "ExchangeResilience: a fleet of bots with one truth",
            $"The exchange is simulated, on a loopback port; seed {options.Seed}, profile {options.Profile}. Ctrl-C ends it.");
        await using var server = options.State is null ? await ThrowAwayPostgreSql.StartAsync(signal.Stop) : null;
        return await RunAsync(options.State ?? server!.ConnectionString);
    }

    private async Task<int> RunAsync(string state)
    {
        var began = TimeProvider.System.GetTimestamp();
        FleetStory? story = null;
        var members = MakeMembers((member, news) => story?.Hear(member, news));
        try
        {
            var plan = FleetPlan.For(members);
            await using var place = await FleetExchange.OpenAsync(plan.Faults, Profiles.Plan(options.Profile, options.Seed));
            string? failure = null;
            await screen.ShowFleetAsync(
                string.Create(CultureInfo.InvariantCulture, $"{count} members, {_orders} orders, faults: {options.Profile}"),
                () => FleetRows.Of(members),
                async tell =>
                {
                    story = new FleetStory(members, place, plan, member => member.Start(place.Address, state, options, options.Parallel ?? UsualParallel), tell);
                    try
                    {
                        await story.PlayAsync(signal.Stop, signal.Abort);
                    }
                    catch (FleetLostException lost) when (lost.ExitCode != 2)
                    {
                        failure = lost.Message;
                        tell(lost.Message);
                    }
                });
            return ShowResult(members, FleetAudit.Of(place, members), failure is null, TimeProvider.System.GetElapsedTime(began));
        }
        catch (FleetLostException unusable)
        {
            throw new UsageException(unusable.Message);
        }
        finally
        {
            foreach (var member in members)
            {
                member.Dispose();
            }
        }
    }

    private List<FleetMember> MakeMembers(Action<FleetMember, MemberEvent> happened)
    {
        // A database that is used again knows the orders of earlier fleets by their ids.
        var name = "fleet-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
        var members = new List<FleetMember>();
        var next = 1;
        for (var number = 1; number <= count; number++)
        {
            var share = (_orders / count) + (number <= _orders % count ? 1 : 0);
            members.Add(new FleetMember(number, string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"), next, share, happened));
            next += share;
        }

        return members;
    }

    private int ShowResult(IReadOnlyList<FleetMember> members, FleetAudit audit, bool wasPlayed, TimeSpan took)
    {
        var results = members.Select(FleetMemberResult.Of).ToList();
        var total = new FleetResult(
            _orders,
            results.Sum(static member => member.Executed),
            results.Sum(static member => member.Rejected),
            results.Sum(static member => member.NotExecuted),
            results.Sum(static member => member.Unknown),
            audit.Requests,
            Math.Round(took.TotalSeconds, 3),
            results);
        Score[] scores =
        [
            new("intended", total.Intended),
            new("executed", total.Executed, total.Executed + total.Rejected == total.Intended),
            new("rejected", total.Rejected),
            new("not executed", total.NotExecuted, total.NotExecuted == 0),
            new("unknown", total.Unknown, total.Unknown == 0),
            new("in the exchange's book exactly once", audit.ExecutedOnce, audit.ExecutedOnce == total.Executed),
            new("in the book although not executed", Math.Max(0, total.Rejected + total.NotExecuted - audit.Missing), audit.Missing == total.Rejected + total.NotExecuted),
            new("duplicates", audit.Duplicates, audit.Duplicates == 0),
            new("sent into a hold though told of it", audit.SentThoughTold, audit.SentThoughTold == 0),
            new("sent while word of it was under way", audit.SentBeforeTold),
            new("requests sent", total.Requests),
        ];
        screen.ShowScores("Scoreboard", scores);
        if (options.Json)
        {
            Console.WriteLine(total.ToJson());
        }

        signal.Stop.ThrowIfCancellationRequested();
        return wasPlayed && scores.All(static score => score.IsGood != false) ? 0 : 1;
    }
}
