using System.Diagnostics;
using System.Globalization;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Running;

/// <summary>The simulation as a program: one process, one thread, one run after the other.</summary>
internal static class CommandLine
{
    private const string Usage = """
        simulate [--plan within-a1|beyond-a1|a1-broken] [--first SEED] [--stride N] (--worlds N | --lifecycles N) [--keep-going] [--progress SECONDS]
        simulate [--plan within-a1|beyond-a1|a1-broken] --seed SEED [--minimise]
        """;

    public static int Run(IReadOnlyList<string> arguments)
    {
        var given = Read(arguments);
        if (given is null)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        if (!OneThread.Prepare())
        {
            Console.Error.WriteLine("A simulation needs a process of its own with DOTNET_PROCESSOR_COUNT=1.");
            return 2;
        }

        var kind = KindOf(given.GetValueOrDefault("--plan", "within-a1"));
        return given.TryGetValue("--seed", out var seed)
            ? Replay(int.Parse(seed, CultureInfo.InvariantCulture), kind, given.ContainsKey("--minimise"))
            : RunMany(kind, Number("--first", 1), Number("--stride", 1), Number("--worlds", int.MaxValue), Number("--lifecycles", int.MaxValue), given.ContainsKey("--keep-going"), Number("--progress", 0));

        int Number(string name, int otherwise) => given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    private static PlanKind KindOf(string name) => name switch
    {
        "within-a1" => PlanKind.WithinA1,
        "beyond-a1" => PlanKind.BeyondA1,
        "a1-broken" => PlanKind.A1Broken,
        _ => throw new ArgumentException($"There is no plan '{name}'.", nameof(name)),
    };

    private static string NameOf(PlanKind kind) => kind switch
    {
        PlanKind.WithinA1 => "within-a1",
        PlanKind.BeyondA1 => "beyond-a1",
        _ => "a1-broken",
    };

    private static Dictionary<string, string>? Read(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, string>();
        for (var index = 0; index < arguments.Count; index++)
        {
            switch (arguments[index])
            {
                case "--keep-going" or "--minimise":
                    given[arguments[index]] = "";
                    break;
                case "--plan" or "--first" or "--stride" or "--worlds" or "--lifecycles" or "--progress" or "--seed" when index + 1 < arguments.Count:
                    given[arguments[index]] = arguments[++index];
                    break;
                default:
                    return null;
            }
        }

        return given.ContainsKey("--seed") || given.ContainsKey("--worlds") || given.ContainsKey("--lifecycles") ? given : null;
    }

    private static int Replay(int seed, PlanKind kind, bool minimised)
    {
        var plan = PlanMaker.Make(seed, kind);
        var result = World.Run(plan, isLogged: true);
        if (minimised && result.Violations.Count > 0)
        {
            result = Minimiser.Minimise(result);
        }

        Console.WriteLine(result.Log);
        Console.WriteLine($"seed {seed}: {result.Counts}");
        Print(result);
        return result.Violations.Count == 0 ? 0 : 1;
    }

    private static int RunMany(PlanKind kind, int first, int stride, int worlds, int lifecycles, bool keepsGoing, int progressSeconds)
    {
        var sum = WorldCounts.None;
        var failed = 0;
        var seed = first;
        var run = 0;
        var watch = Stopwatch.StartNew();
        var nextProgress = TimeSpan.FromSeconds(progressSeconds);
        for (; run < worlds && sum.Lifecycles < lifecycles; run++, seed += stride)
        {
            var result = World.Run(PlanMaker.Make(seed, kind));
            sum = sum.Plus(result.Counts);
            if (result.Violations.Count > 0)
            {
                failed++;
                Console.WriteLine($"seed {seed} ({NameOf(kind)}) failed:");
                Print(result);
                if (!keepsGoing)
                {
                    var smallest = Minimiser.Minimise(result);
                    Console.WriteLine($"The smallest run that still breaks this promise, of {smallest.Plan.Scripts.Count} orders and {smallest.Plan.Events.Count} events:");
                    Console.WriteLine(smallest.Log);
                    Print(smallest);
                    Console.WriteLine($"Replay: build/simulate.sh --seed {seed} --plan {NameOf(kind)}");
                    break;
                }
            }

            if (progressSeconds > 0 && watch.Elapsed > nextProgress)
            {
                nextProgress = watch.Elapsed + TimeSpan.FromSeconds(progressSeconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"progress: {sum.Lifecycles} lifecycles, {run + 1} worlds, {failed} failed, {sum.Lifecycles / watch.Elapsed.TotalSeconds:0} a second"));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{NameOf(kind)}, seeds {first} to {seed - stride} by {stride}: {run} worlds, {failed} failed; {sum}; {watch.Elapsed.TotalSeconds:0.0} s"));
        return failed == 0 ? 0 : 1;
    }

    private static void Print(WorldResult result)
    {
        foreach (var violation in result.Violations)
        {
            Console.WriteLine($"  {violation.Rule}: {violation.Story}");
        }
    }
}
