namespace ExchangeResilience;

/// <summary>An order that did nothing and is sent again by its own call: the last sending has the outcome.</summary>
internal static class Resends
{
    /// <summary>The claim that has the order's outcome, waited for as long as the caller may.</summary>
    public static async Task<Claim> LastAsync(Claim claim, Func<Task, Task> wait)
    {
        while (true)
        {
            await wait(claim.Verdict).ConfigureAwait(false);
            if (!claim.DidNothing || claim.Resender is not { } resender)
            {
                return claim;
            }

            await wait(resender).ConfigureAwait(false);
            if (claim.Successor is not { } next)
            {
                return claim;
            }

            claim = next;
        }
    }
}
