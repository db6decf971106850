namespace ExchangeResilience.Fuzz.Tests;

/// <summary>As many inputs as a build has time for, the same ones in every build; build/fuzz.sh tries more.</summary>
public sealed class FuzzTests
{
    private const long Seed = 1;

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    // On a thread of its own: manual time waits until the pool is at rest, which a thread of the pool that waits for it would prevent.
    [Theory]
    [MemberData(nameof(Targets))]
    public Task No_input_breaks_an_invariant(string name) =>
        Task.Factory.StartNew(() => Run(name), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Run(string name)
    {
        var target = FuzzTargets.Make(name);
        using var run = new FuzzRun(target, Seed);

        run.Run(0, target.Inputs);

        run.Finds.ShouldBeEmpty(string.Join("\n\n", run.Finds));
        target.Milestones.Except(target.Reached).ShouldBeEmpty("inputs that never come there prove nothing of it");
    }
}
