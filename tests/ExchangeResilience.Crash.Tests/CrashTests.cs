using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Crash.Tests;

/// <summary>
/// A program that is killed again and again in the middle of its work, held against the exchange's book. The seed deals faults and moments; time is the machine's, so that no two
/// runs are the same. CRASH_SEED and CRASH_KILLS change the seed and the number of kills.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int IntentsPerRun = 6;
    private static readonly int Seed = Setting("CRASH_SEED", 1);
    private static readonly int Kills = Setting("CRASH_KILLS", 100);
    private static readonly TimeSpan LongestRun = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task No_order_is_lost_or_doubled_by_a_hundred_kills()
    {
        await using var market = await Market.OpenAsync();
        var (signs, plan, aftermath) = (new Signs(), new KillPlan(Seed), new Aftermath());
        var faults = FaultsOf(Seed);
        market.Exchange.Faults.Plan = FaultPlan.Custom(request =>
        {
            signs.See(request);
            return faults.Choose(request);
        });

        // The list grows with the runs, so that every kill has something to hit.
        var (intents, intoKnownHold) = (0, 0);
        var heldUntil = default(DateTimeOffset);
        while (aftermath.Kills < Kills)
        {
            signs.Reset();
            intents += IntentsPerRun;
            var earlier = market.Exchange.Requests.Count;
            if (await RunAndKillAsync(market.Job, intents, plan.Next(), signs) is { } stage)
            {
                await market.AllArrivedAsync();
                var books = market.Look();
                aftermath.Add(stage, signs.IsStarted, books, market.Exchange);
                intoKnownHold += market.Exchange.Requests.Skip(earlier).Count(request => request.IntoHold is not null && request.Time < heldUntil);
                heldUntil = books.HeldUntil;
            }
        }

        using (var last = new WorkerProcess(market.Job, intents, signs.Hear))
        {
            await last.FinishAsync(Patience);
        }

        var story = $"seed {Seed}: {intents} intents, {market.Exchange.Scoreboard}\n{aftermath}";
        output.WriteLine(story);
        market.ShouldAgree(intents, story);
        intoKnownHold.ShouldBe(0, story);
        aftermath.WhileRestoring.ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.NotWrittenDown, LeftOver.WrittenDownNotSent).ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.SentAndExecuted).ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.SentNotExecuted).ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.OfAnEarlierRun).ShouldBePositive(story);
    }

    /// <summary>The stage the run was in when it was killed; null where it came to its end before that.</summary>
    private static async Task<Stage?> RunAndKillAsync(Job job, int intents, KillMoment moment, Signs signs)
    {
        var (started, sign) = (signs.WhenSeen(Stage.Anywhere, 1), signs.WhenSeen(moment.Stage, moment.Signs));
        using var worker = new WorkerProcess(job, intents, signs.Hear);
        await Task.WhenAny(sign, started, worker.Ended);
        await Task.WhenAny(sign, worker.Ended, Task.Delay(LongestRun, TimeProvider.System));
        await Task.WhenAny(Task.Delay(moment.Delay, TimeProvider.System), worker.Ended);
        var stage = sign.IsCompleted ? moment.Stage : Stage.Anywhere;
        return await worker.KillAsync() ? stage : null;
    }

    // A bad day, with few refusals that keep everybody waiting, and with orders that go on while nobody listens any more.
    private static FaultPlan FaultsOf(int seed) => FaultPlan.Weighted(
        seed,
        static request => request.IsPlace,
        (0.10, Fault.ExecutedTimeout503),
        (0.05, Fault.ExecuteThenDrop),
        (0.05, Fault.ExecutedUnknown),
        (0.03, Fault.Unavailable),
        (0.003, Fault.TooManyRequests(TimeSpan.FromSeconds(1))),
        (0.02, Fault.DropBeforeExecute),
        (0.02, Fault.FinBeforeExecute),
        (0.02, Fault.Silence),
        (0.01, Fault.SilenceBeforeExecute),
        (0.03, Fault.LateAccept(TimeSpan.FromMilliseconds(300))));

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
