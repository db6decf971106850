using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>What can be judged of an answer the moment it is given.</summary>
internal static class AnswerChecks
{
    // The longest TotalTimeout and AttemptTimeout of any plan, and what latency adds.
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30 + 8 + 1);

    public static void Check(World world, Operation operation, Road road, bool isCancelled, CallAnswer told)
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

        // A journal that fails does not tell what an earlier run sent; and what could not be written down in time may stand there all the same. Of a batch's item it is said in
        // the exchange's words.
        var mayBeUnknown = told.Code is 0 or -1007 && world.Plan.Events.Any(static happening => happening is JournalHang or JournalFailure);

        // A journal with much to write answers late.
        mayBeUnknown |= told.Code is 0 or -1007 && operation.Order.Id is { } asked && world.Wire.IsLookedUp(asked);

        // What an earlier run left under the same name may be this order, as far as a new key tells.
        mayBeUnknown |= told.Name is "ACCOUNT_UNCLEAR" or "ANSWERED_ABOVE" && world.Plan.Events.Any(static happening => happening is Death { RotatesKey: true });

        // Of two copies that a hedge sends at once, one whose time is up does not know how far the other has come.
        mayBeUnknown |= told.Name == "TIME_SPENT" && road == Road.Hedge;

        // Nor does a copy that is refused while the journal still holds what the other wrote down and did not send.
        mayBeUnknown |= told.Name == "TOO_MANY_IN_DOUBT" && road == Road.Failover;

        // Nor whether what a process beside has written down has left.
        mayBeUnknown |= (told.Name is "LEFT_BY_EARLIER_RUN" or "ANSWERED_ABOVE" || told.Code == -1007) && world.HasBeside;

        // One exception for a whole batch is unknown if any of its items is.
        mayBeUnknown |= told.Batch.Any(item => item.NameOnTheWire is { } name && world.Wire.MayHaveLeft(name, told.At));

        // Nothing shows whether what its caller has signed was held back below.
        var mayBeBelow = operation.Account != Operation.MainAccount;
        if (told.Execution == ExecutionStatus.Unknown && !mayBeUnknown && !mayBeBelow && !isCancelled && told.Name is not ("cancelled" or "cancelled outside") && operation.NameOnTheWire is { } id && operation.Answers.All(static other => !other.IsOfADeath) && operation.Begun.Count == operation.Answers.Count && !world.Wire.MayHaveLeft(id, told.At))
        {
            world.Findings.Violate("what provably never left is told as not executed", $"{operation} was told {told}");
        }
    }
}
