using ExchangeResilience.Testing;

namespace ExchangeResilience.Crash.Tests;

/// <summary>Kills at one certain moment each, beside what happens without a journal.</summary>
public sealed class RestartTests
{
    private const int IntentsPerRun = 6;
    private const int Seed = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

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
            market.ShouldAgree(RunsKilled * IntentsPerRun, "");
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
        market.ShouldAgree(IntentsPerRun, $"seed {Seed}");
    }
}
