using System.Diagnostics;
using System.Globalization;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Running;

/// <summary>The simulation as a program: one process, one thread, one run after the other.</summary>
internal static class CommandLine
{
    private const int MostPrinted = 20;

    private const string Usage = """
        simulate [--plan within-a1|beyond-a1|a1-broken|larger|larger-beyond-a1] [--first SEED] [--stride N] (--worlds N | --lifecycles N) [--keep-going] [--progress SECONDS]
        simulate [--plan ...] --seed SEED [--minimise]
        Both take --only NAMES: of actors, events and scripts those alone whose names contain one of these, parted by commas;
        and --without NAMES: leave out those, and faults whose names contain one.
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
        var only = given.TryGetValue("--only", out var names) ? names.Split(',') : [""];
        var without = given.TryGetValue("--without", out var others) ? others.Split(',') : [];
        return given.TryGetValue("--seed", out var seed)
            ? Replay(Make(int.Parse(seed, CultureInfo.InvariantCulture)), given.ContainsKey("--minimise"))
            : RunMany(Make, NameOf(kind), Number("--first", 1), Number("--stride", 1), Number("--worlds", int.MaxValue), Number("--lifecycles", int.MaxValue), given.ContainsKey("--keep-going"), Number("--progress", 0));

        WorldPlan Make(int number) => LeaveOut(PlanMaker.Make(number, kind), only, without);

        int Number(string name, int otherwise) => given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    private static WorldPlan LeaveOut(WorldPlan plan, IReadOnlyList<string> only, IReadOnlyList<string> without)
    {
        return plan with { Scripts = [.. plan.Scripts.Where(Stays)], Actors = [.. plan.Actors.Where(Stays)], Events = [.. plan.Events.Where(Stays)], MutedKinds = without, Settings = plan.Settings with { Clients = [.. plan.Settings.Clients.Where(client => !IsNamed(client.Road, without) && !IsNamed(client.Name, without))] } };

        bool Stays(object part) => IsNamed(part, only) && !IsNamed(part, without);

        static bool IsNamed(object part, IReadOnlyList<string> names) => names.Any(name => part.ToString()!.Contains(name, StringComparison.OrdinalIgnoreCase));
    }

    private static PlanKind KindOf(string name) => name switch
    {
        "within-a1" => PlanKind.WithinA1,
        "beyond-a1" => PlanKind.BeyondA1,
        "a1-broken" => PlanKind.A1Broken,
        "larger" => PlanKind.Larger,
        "larger-beyond-a1" => PlanKind.LargerBeyondA1,
        _ => throw new ArgumentException($"There is no plan '{name}'.", nameof(name)),
    };

    private static string NameOf(PlanKind kind) => kind switch
    {
        PlanKind.WithinA1 => "within-a1",
        PlanKind.BeyondA1 => "beyond-a1",
        PlanKind.Larger => "larger",
        PlanKind.LargerBeyondA1 => "larger-beyond-a1",
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
                case "--plan" or "--only" or "--without" or "--first" or "--stride" or "--worlds" or "--lifecycles" or "--progress" or "--seed" when index + 1 < arguments.Count:
                    given[arguments[index]] = arguments[++index];
                    break;
                default:
                    return null;
            }
        }

        return given.ContainsKey("--seed") || given.ContainsKey("--worlds") || given.ContainsKey("--lifecycles") ? given : null;
    }

    private static int Replay(WorldPlan plan, bool minimised)
    {
        var result = World.Run(plan, isLogged: true);
        if (minimised && result.Violations.Count > 0)
        {
            result = Minimiser.Minimise(result);
        }

        Console.WriteLine(result.Log);
        Console.WriteLine($"seed {plan.Seed}: {result.Counts}");
        Print(result);
        return result.Violations.Count == 0 ? 0 : 1;
    }

    private static int RunMany(Func<int, WorldPlan> make, string name, int first, int stride, int worlds, int lifecycles, bool keepsGoing, int progressSeconds)
    {
        var sum = WorldCounts.None;
        var failed = 0;
        var seed = first;
        var run = 0;
        var watch = Stopwatch.StartNew();
        var nextProgress = TimeSpan.FromSeconds(progressSeconds);
        for (; run < worlds && sum.Lifecycles < lifecycles; run++, seed += stride)
        {
            var plan = make(seed);
            if (plan.Lifecycles == 0)
            {
                continue;
            }

            var result = World.Run(plan);
            sum = sum.Plus(result.Counts);
            if (result.Violations.Count > 0)
            {
                failed++;
                Console.WriteLine($"seed {seed} ({name}) failed:");
                Print(result);
                if (!keepsGoing)
                {
                    var smallest = Minimiser.Minimise(result);
                    Console.WriteLine($"The smallest run that still breaks this promise, of {smallest.Plan.Scripts.Count} orders, {smallest.Plan.Actors.Count} actors and {smallest.Plan.Events.Count} events:");
                    Console.WriteLine(smallest.Log);
                    Print(smallest);
                    Console.WriteLine($"Replay: build/simulate.sh --seed {seed} --plan {name}");
                    break;
                }
            }

            if (progressSeconds > 0 && watch.Elapsed > nextProgress)
            {
                nextProgress = watch.Elapsed + TimeSpan.FromSeconds(progressSeconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"progress: {sum.Lifecycles} lifecycles, {run + 1} worlds, {failed} failed, {sum.Lifecycles / watch.Elapsed.TotalSeconds:0} a second"));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, seeds {first} to {seed - stride} by {stride}: {run} worlds, {failed} failed; {sum}; {watch.Elapsed.TotalSeconds:0.0} s"));
        return failed == 0 ? 0 : 1;
    }

    private static void Print(WorldResult result)
    {
        foreach (var violation in result.Violations.Take(MostPrinted))
        {
            Console.WriteLine($"  {violation.Rule}: {violation.Story}");
        }

        if (result.Violations.Count > MostPrinted)
        {
            Console.WriteLine($"  and {result.Violations.Count - MostPrinted} more");
        }
    }
}
