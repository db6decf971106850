using System.Globalization;
using ExchangeResilience.Simulation.Tests.Running;

namespace ExchangeResilience.Simulation.Tests;

/// <summary>A few hundred seeds of each plan, the same ones each time. See README.md.</summary>
public sealed class SimulationTests
{
    private const int Processes = 2;

    [Theory]
    [InlineData("within-a1", 100)]
    [InlineData("beyond-a1", 30)]
    [InlineData("larger", 200)]
    public async Task No_promise_is_broken(string plan, int worldsEach)
    {
        var runs = await Task.WhenAll(Enumerable.Range(1, Processes).Select(first => ChildProcess.RunAsync(
            "--plan", plan, "--first", Text(first), "--stride", Text(Processes), "--worlds", Text(worldsEach))));

        foreach (var (exitCode, output) in runs)
        {
            exitCode.ShouldBe(0, output);
            Console.WriteLine(output.TrimEnd());
        }
    }

    [Theory]
    [InlineData("within-a1", 7)]
    [InlineData("within-a1", 21)]
    [InlineData("beyond-a1", 13)]
    [InlineData("larger", 3)]
    [InlineData("larger-beyond-a1", 5)]
    public async Task The_same_seed_takes_the_same_course_byte_for_byte(string plan, int seed)
    {
        var (first, second) = (await ChildProcess.RunAsync("--plan", plan, "--seed", Text(seed)), await ChildProcess.RunAsync("--plan", plan, "--seed", Text(seed)));

        first.Output.Split('\n').Length.ShouldBeGreaterThan(200);
        second.ShouldBe(first);
    }

    [Fact]
    public async Task A_broken_promise_is_told_with_its_seed_and_the_smallest_run_that_breaks_it()
    {
        // Queries lag beyond A1 here, and nobody makes allowance for it.
        var (exitCode, output) = await ChildProcess.RunAsync("--plan", "a1-broken", "--worlds", "50");

        exitCode.ShouldBe(1, output);
        output.ShouldContain("failed:");
        output.ShouldMatch("The smallest run that still breaks this promise, of [1-9] orders, 0 actors and 0 events", "a whole run has at least 24 orders");
        output.ShouldContain("VIOLATED");
        output.ShouldContain("Replay: build/simulate.sh --seed ");
    }

    [Fact]
    public async Task Wrong_arguments_are_answered_with_the_right_ones()
    {
        var (exitCode, output) = await ChildProcess.RunAsync("--sed", "7");

        exitCode.ShouldBe(2);
        output.ShouldContain("--seed SEED");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
