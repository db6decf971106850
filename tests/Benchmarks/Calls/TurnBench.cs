using System.Diagnostics;
using Benchmarks.Measuring;
using Spectre.Console;

namespace Benchmarks.Calls;

/// <summary>
/// One kind of work through each stack, the stacks taking turns of some hundredths of a second: the speed of a machine that wanders meanwhile is alike for all. What a stack's turn leaves to be
/// collected is collected before the next one's, so that nobody pays for another.
/// </summary>
internal static class TurnBench
{
    public const string Note = """
        Turns of 20 ms, back and forth 101 times, in one process. Medians; what one takes over another is the median of the differences within each round.
        A call is a fresh message through a typed client of the client factory, its reply buffered; a failed one ends in the exchange's code in the application's hand. All stacks stand over the
        same in-memory primary handler; "suspended" means that it yields, as a socket does. ExchangeResilience has gate, limits, metrics and logging on, and no journal.
        """;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(Work work, Report report, RunOptions options)
    {
        foreach (var suspends in new[] { false, true })
        {
            await MeasureAsync(
                $"{work.Name}, {(suspends ? CallBenchmarks.Suspends : CallBenchmarks.AtOnce)}",
                work.Stacks.Select(name => (name, Stacks.Build(name, new InMemoryExchange(work.Fails, suspends), work))), report, options, work.Fails ? InMemoryExchange.ErrorCode : 0);
        }
    }

    /// <summary>Lets contenders take turns, each of which says that code every time, and disposes of them.</summary>
    public static async Task MeasureAsync(string title, IEnumerable<(string Name, IStack Stack)> contenders, Report report, RunOptions options, int code = 0)
    {
        var stacks = contenders.Select(contender => new Turns(contender.Name, contender.Stack, code)).ToArray();
        await MeasureAsync(stacks, options);
        Tell(report, title, stacks);
        foreach (var stack in stacks)
        {
            stack.Dispose();
        }
    }

    private static async Task MeasureAsync(Turns[] stacks, RunOptions options)
    {
        var turn = TimeSpan.FromMilliseconds(options.Quick ? 5 : 20);
        foreach (var stack in stacks)
        {
            await stack.WarmUpAsync(options.Quick ? turn : WarmUp, turn);
        }

        for (var round = 0; round < (options.Quick ? 5 : 101); round++)
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
        var first = stacks[0];
        var table = Report.NewTable("", "ns", "ratio", "+ns", "B", "+B");
        foreach (var stack in stacks)
        {
            table.AddRow(
                stack.Name,
                Comparison.Text(stack.Nanoseconds, "#,0"),
                Comparison.Text(stack.Beside(first), "0.00"),
                stack == first ? "" : Comparison.Text(stack.Over(first), "+#,0;-#,0;0"),
                Comparison.Text(stack.Bytes, "#,0"),
                stack == first ? "" : Comparison.Text(stack.Bytes - first.Bytes, "+#,0;-#,0;0"));
        }

        report.Add(title, table);
    }

    /// <summary>One stack, and what its turns took.</summary>
    private sealed class Turns(string name, IStack stack, int expected) : IDisposable
    {
        private readonly List<double> _nanoseconds = [];
        private readonly List<double> _bytes = [];
        private int _calls = 1;

        public string Name { get; } = name;

        public double Nanoseconds => Comparison.Median(_nanoseconds);

        public double Bytes => Comparison.Median(_bytes);

        /// <summary>How much more a call took than another's of the same round, as a median.</summary>
        public double Over(Turns other) => Comparison.Median(_nanoseconds.Zip(other._nanoseconds, static (own, others) => own - others));

        /// <summary>How many times as long as another's of the same round, as a median.</summary>
        public double Beside(Turns other) => Comparison.Median(_nanoseconds.Zip(other._nanoseconds, static (own, others) => own / others));

        /// <summary>Calls until everything is compiled as it will be, and learns how many calls make a turn.</summary>
        public async Task WarmUpAsync(TimeSpan warmUp, TimeSpan turn)
        {
            var code = await stack.CallAsync();
            if (code != expected)
            {
                throw new InvalidOperationException($"{Name} says {code}.");
            }

            var began = Stopwatch.GetTimestamp();
            var calls = 0;
            for (; Stopwatch.GetElapsedTime(began) < warmUp; calls++)
            {
                await stack.CallAsync();
            }

            _calls = (int)Math.Max(1, calls * (turn / Stopwatch.GetElapsedTime(began)));
        }

        public async Task TakeAsync()
        {
            GC.Collect();
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var began = Stopwatch.GetTimestamp();
            for (var call = 0; call < _calls; call++)
            {
                await stack.CallAsync();
            }

            _nanoseconds.Add(Stopwatch.GetElapsedTime(began).TotalNanoseconds / _calls);
            _bytes.Add((double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / _calls);
        }

        public void Dispose() => stack.Dispose();
    }
}
