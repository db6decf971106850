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
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(1);
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
        ShouldAgree(market, intents, story);
        intoKnownHold.ShouldBe(0, story);
        aftermath.WhileRestoring.ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.NotWrittenDown, LeftOver.WrittenDownNotSent).ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.SentAndExecuted).ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.SentNotExecuted).ShouldBePositive(story);
        aftermath.KillsThatLeft(LeftOver.OfAnEarlierRun).ShouldBePositive(story);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_program_killed_before_it_heard_buys_once_with_a_journal_and_twice_without(bool hasJournal)
    {
        const int RunsKilled = 5;
        await using var market = await Market.OpenAsync(hasJournal);
        for (var run = 0; run < RunsKilled; run++)
        {
            var executed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var unheard = $"i-{run * IntentsPerRun}";
            market.Exchange.Faults.Plan = FaultPlan.Custom(request =>
            {
                if (!request.IsPlace || request.ClientOrderId != unheard || request.Attempt > 1)
                {
                    return null;
                }

                executed.TrySetResult();
                return Fault.Silence;
            });
            using var worker = new WorkerProcess(market.Job, (run + 1) * IntentsPerRun, static _ => { });
            await executed.Task.WaitAsync(Patience);
            (await worker.KillAsync()).ShouldBeTrue();
        }

        using (var last = new WorkerProcess(market.Job, RunsKilled * IntentsPerRun, static _ => { }))
        {
            await last.FinishAsync(Patience);
        }

        if (hasJournal)
        {
            ShouldAgree(market, RunsKilled * IntentsPerRun, "");
        }
        else
        {
            market.Exchange.DuplicateIntents.Count.ShouldBeGreaterThanOrEqualTo(RunsKilled);
        }
    }

    [Fact]
    public async Task A_program_killed_during_a_ban_sends_nothing_into_it_when_it_starts_again()
    {
        const int Restarts = 3;
        var ban = TimeSpan.FromSeconds(6);
        await using var market = await Market.OpenAsync();
        var random = new Random(Seed);
        market.Exchange.Faults.Next(static request => request is { IsPlace: true, ClientOrderId: "i-3" }, Fault.Ban(ban));
        var signs = new Signs();
        using (var first = new WorkerProcess(market.Job, IntentsPerRun, signs.Hear))
        {
            // Told of the ban, a program has to write it down; only from then on does it outlive the program.
            while (market.Look().HeldUntil <= DateTimeOffset.UnixEpoch)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System).WaitAsync(Patience);
            }

            (await first.KillAsync()).ShouldBeTrue();
        }

        for (var restart = 0; restart < Restarts; restart++)
        {
            signs.Reset();
            var started = signs.WhenSeen(Stage.Anywhere, 1);
            using var worker = new WorkerProcess(market.Job, IntentsPerRun, signs.Hear);
            await started.WaitAsync(Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), TimeProvider.System);
            await worker.KillAsync();
        }

        using (var last = new WorkerProcess(market.Job, IntentsPerRun, signs.Hear))
        {
            await last.FinishAsync(Patience);
        }

        var banned = market.Exchange.Requests.First(static request => request.Status == 418);
        market.Exchange.SentIntoHold.ShouldBeEmpty();
        market.Exchange.Requests.Count(request => request.Elapsed > banned.Elapsed + market.Exchange.Options.HoldGrace && request.Elapsed < banned.Elapsed + ban).ShouldBe(0);
        ShouldAgree(market, IntentsPerRun, $"seed {Seed}");
    }

    /// <summary>The exchange's book, the journal and the program's ledger tell the same: each intent was executed, once.</summary>
    private static void ShouldAgree(Market market, int intents, string story)
    {
        string[] ids = [.. Enumerable.Range(0, intents).Select(static number => string.Create(CultureInfo.InvariantCulture, $"i-{number}")).Order(StringComparer.Ordinal)];
        var books = market.Look();
        Sorted(market.Exchange.Orders.Select(static order => order.ClientOrderId)).ShouldBe(ids, story);
        market.Exchange.DuplicateIntents.ShouldBeEmpty(story);
        Sorted(books.Told(nameof(ExecutionStatus.Executed))).ShouldBe(ids, story);
        books.Told("Contradicted").ShouldBeEmpty(story);
        books.Entries.Where(static entry => entry.State is JournalState.Open or JournalState.Unresolved).ShouldBeEmpty(story);
        Sorted(books.Entries.Where(static entry => entry.State == JournalState.Executed).Select(static entry => entry.Key.Id)).ShouldBe(ids, story);

        static IEnumerable<string> Sorted(IEnumerable<string> values) => values.Order(StringComparer.Ordinal);
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
