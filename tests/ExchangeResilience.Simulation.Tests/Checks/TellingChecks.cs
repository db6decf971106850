using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>What can be judged of an answer the moment it is given.</summary>
internal static class TellingChecks
{
    // The longest TotalTimeout and AttemptTimeout of any plan, and what latency adds.
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30 + 8 + 1);

    public static void Check(World world, Operation operation, Road road, bool isCancelled, Telling told)
    {
        if (told.Execution == ExecutionStatus.NotExecuted && told.Status is >= 200 and < 300 && !operation.Path.EndsWith("batchOrders", StringComparison.Ordinal))
        {
            world.Findings.Violate("an absence is never told under a success status", $"{operation}: {told.Status} {told}");
        }

        if (road == Road.Plain && told.Name == "cancelled outside")
        {
            world.Findings.Violate("a caller is given only what it was promised", $"{operation} was cancelled without a word on what became of it");
        }

        if (road == Road.Plain && told.At - told.CalledAt > LongestCall)
        {
            world.Findings.Violate("no call outlasts its times", $"{operation} was told {told} after {told.At - told.CalledAt}");
        }

        // What could not be written down in time may stand in the journal all the same, and is looked for when it is sent again.
        var mayBeWritten = told.Name == "LEFT_BY_EARLIER_RUN" && world.Plan.Events.Any(static happening => happening is JournalHang or JournalFailure);

        // Nothing shows whether what its caller has signed was held back below.
        var mayBeBelow = operation.Account != Operation.MainAccount;
        if (told.Execution == ExecutionStatus.Unknown && !mayBeWritten && !mayBeBelow && !isCancelled && told.Name is not ("cancelled" or "cancelled outside") && operation.NameOnTheWire is { } id && operation.Tellings.All(static other => !other.IsOfADeath) && operation.Begun.Count == operation.Tellings.Count && !world.Wire.MayHaveLeft(id, told.At))
        {
            world.Findings.Violate("what provably never left is told as not executed", $"{operation} was told {told}");
        }
    }
}
