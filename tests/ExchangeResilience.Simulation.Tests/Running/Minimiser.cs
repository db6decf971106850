using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Running;

/// <summary>Leaves out orders, events and faults as long as the same promise is still broken.</summary>
internal static class Minimiser
{
    private const int MostRuns = 600;

    /// <summary>The smallest failing run found, with its log.</summary>
    public static WorldResult Minimise(WorldResult failed)
    {
        var rule = failed.Violations[0].Rule;
        var runs = 0;
        var best = failed;
        best = Reduce(best, static result => result.Plan.Scripts, static (plan, scripts) => plan with { Scripts = scripts }, Try);
        best = Reduce(best, static result => result.Plan.Actors, static (plan, actors) => plan with { Actors = actors }, Try);
        best = Reduce(best, static result => result.Plan.Events, static (plan, events) => plan with { Events = events }, Try);
        best = Reduce<string>(best, static result => [.. result.Dealt.Distinct()], static (WorldPlan plan, IReadOnlyList<string> _) => plan, Try, mutes: true);
        best = Reduce(best, static result => result.Plan.Scripts, static (plan, scripts) => plan with { Scripts = scripts }, Try);
        return World.Run(best.Plan, isLogged: true);

        WorldResult? Try(WorldPlan plan)
        {
            if (runs++ >= MostRuns)
            {
                return null;
            }

            var result = World.Run(plan);
            return result.Violations.Any(violation => violation.Rule == rule) ? result : null;
        }
    }

    /// <summary>Takes out ever smaller pieces; a piece whose absence mends the run goes back.</summary>
    private static WorldResult Reduce<T>(
        WorldResult best, Func<WorldResult, IReadOnlyList<T>> parts, Func<WorldPlan, IReadOnlyList<T>, WorldPlan> with, Func<WorldPlan, WorldResult?> attempt, bool mutes = false)
    {
        for (var size = Math.Max(1, parts(best).Count / 2); ; size /= 2)
        {
            for (var start = 0; start < parts(best).Count;)
            {
                var all = parts(best);
                var removed = all.Skip(start).Take(size).ToList();
                var plan = mutes
                    ? best.Plan with { Muted = new HashSet<string>(best.Plan.Muted.Concat(removed.Cast<string>())) }
                    : with(best.Plan, [.. all.Take(start), .. all.Skip(start + size)]);
                if (attempt(plan) is { } smaller)
                {
                    best = smaller;
                }
                else
                {
                    start += size;
                }
            }

            if (size <= 1)
            {
                return best;
            }
        }
    }
}
