using System.Diagnostics;
using Benchmarks.Measuring;
using Spectre.Console;

namespace Benchmarks.Calls;

/// <summary>
/// The calls of <see cref="CallBenchmarks"/> that succeed, the stacks taking turns of a few hundredths of a second: the speed of a machine that wanders meanwhile is alike for all.
/// Calls that fail are not among them: what one stack throws and leaves to be collected, all of one process would pay for.
/// </summary>
internal static class TurnBench
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        foreach (var suspends in new[] { false, true })
        {
            var stacks = Stacks.Names.Select(name => new Turns(name, suspends)).ToArray();
            await MeasureAsync(stacks, options);
            Tell(report, $"{CallBenchmarks.Success}, {(suspends ? CallBenchmarks.Suspends : CallBenchmarks.AtOnce)}", stacks);
            foreach (var stack in stacks)
            {
                stack.Dispose();
            }
        }
    }

    private static async Task MeasureAsync(Turns[] stacks, RunOptions options)
    {
        var turn = TimeSpan.FromMilliseconds(options.Quick ? 5 : 50);
        foreach (var stack in stacks)
        {
            await stack.WarmUpAsync(options.Quick ? turn : WarmUp, turn);
        }

        for (var round = 0; round < (options.Quick ? 5 : 41); round++)
        {
            // Back and forth, so that nobody always comes after the same one.
            foreach (var stack in round % 2 == 0 ? stacks : stacks.Reverse())
            {
                await stack.TakeAsync();
            }
        }
    }

    private static void Tell(Report report, string title, Turns[] stacks)
    {
        var (bare, empty, polly) = (Of(Stacks.Bare), Of(Stacks.Empty), Of(Stacks.Polly));
        var table = Report.NewTable("", "ns", "over HttpClient", "over the empty handler", "beside Polly's");
        foreach (var stack in stacks)
        {
            table.AddRow(
                stack.Name,
                Comparison.Text(Comparison.Median(stack.Nanoseconds), "#,0"),
                stack == bare ? "" : Comparison.Text(stack.Over(bare), "+#,0;-#,0;0"),
                stack == bare || stack == empty ? "" : Comparison.Text(stack.Over(empty), "+#,0;-#,0;0"),
                stack == bare || stack == empty ? "" : Comparison.Text(stack.Over(empty) / polly.Over(empty), "0.00"));
        }

        report.Add(title, table);

        Turns Of(string name) => Array.Find(stacks, stack => stack.Name == name)!;
    }

    /// <summary>One stack, and what its turns took.</summary>
    private sealed class Turns(string name, bool suspends) : IDisposable
    {
        private readonly IStack _stack = Stacks.Build(name, new InMemoryExchange(fails: false, suspends));
        private readonly List<double> _nanoseconds = [];
        private int _calls = 1;

        public string Name { get; } = name;

        public IReadOnlyList<double> Nanoseconds => _nanoseconds;

        /// <summary>How much more a call took than another's of the same round, as a median.</summary>
        public double Over(Turns other) => Comparison.Median(_nanoseconds.Zip(other._nanoseconds, static (own, others) => own - others));

        /// <summary>Calls until everything is compiled as it will be, and learns how many calls make a turn.</summary>
        public async Task WarmUpAsync(TimeSpan warmUp, TimeSpan turn)
        {
            var began = Stopwatch.GetTimestamp();
            var calls = 0;
            for (; Stopwatch.GetElapsedTime(began) < warmUp; calls++)
            {
                await _stack.GetOrderAsync();
            }

            _calls = (int)Math.Max(1, calls * (turn / Stopwatch.GetElapsedTime(began)));
        }

        public async Task TakeAsync()
        {
            var began = Stopwatch.GetTimestamp();
            for (var call = 0; call < _calls; call++)
            {
                await _stack.GetOrderAsync();
            }

            _nanoseconds.Add(Stopwatch.GetElapsedTime(began).TotalNanoseconds / _calls);
        }

        public void Dispose() => _stack.Dispose();
    }
}
