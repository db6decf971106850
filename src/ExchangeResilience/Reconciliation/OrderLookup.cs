using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>How an order in doubt is looked for: by itself; where many of one symbol are in doubt, in one list that serves them all.</summary>
internal sealed class OrderLookup(ExchangeQueries ask, ExchangeClocks clocks, TimeProvider time, ILogger logger)
{
    private const string ShownByHistory = "the order's history shows the amendment";

    // A list weighs as much as five look-ups (all orders page), and needs a time of its own.
    private const int WorthAList = 8;

    // Orders of one id within the seconds in which an amendment can take effect.
    private const int MostAskedAbout = 4;

    // Of an order that has been in doubt for longer, a list would show too much else.
    private static readonly long ReachMs = (long)TimeSpan.FromMinutes(10).TotalMilliseconds;

    private readonly SharedAnswers<Uri, long?> _times = new(time);
    private readonly SharedAnswers<ListName, OrderList> _lists = new(time);
    private readonly Lock _lock = new();
    private readonly Dictionary<ListName, HashSet<OrderSearch>> _searches = [];

    /// <summary>Begins a search; disposing of it ends it.</summary>
    public OrderSearch Begin(Claim claim)
    {
        var search = new OrderSearch(claim, End);
        if (search.List is { } list)
        {
            lock (_lock)
            {
                if (!_searches.TryGetValue(list, out var searches))
                {
                    _searches[list] = searches = [];
                }

                searches.Add(search);
            }
        }

        return search;
    }

    /// <summary>One look for what a search is about. Without a proof no answer of absence counts.</summary>
    /// <returns>The exchange's time before the look-up, 0 where it was not queried; and what it showed.</returns>
    public Task<(long AskedAtMs, LookupResult Look)> TryLookAsync(OrderSearch search, AbsenceProof? proof, CancellationToken stop) =>
        ExchangeQueries.TryAsync(search.Claim, () => LookAsync(search, proof, stop), logger, stop);

    /// <summary>One look for the order alone.</summary>
    public Task<LookupResult> TryLookAloneAsync(Claim claim, CancellationToken stop) => ExchangeQueries.TryAsync(claim, () => LookAsync(claim, stop), logger, stop);

    private async Task<(long AskedAtMs, LookupResult Look)> LookAsync(OrderSearch search, AbsenceProof? proof, CancellationToken stop)
    {
        var claim = search.Claim;
        if (!search.AsksAlone && SinceMsOf(search) is { } sinceMs)
        {
            var list = await ListAsync(search, sinceMs, stop).ConfigureAwait(false);
            var look = LookInto(list, claim);
            search.AsksAlone = look is null or { Verdict: null, Sight: not Sight.NotListed };
            if (look is { } seen)
            {
                return (list.AskedAtMs, seen);
            }
        }

        search.AsksAlone = false;

        // The exchange's time is queried before the order, so that an answer of absence is at least as late as that time. Before our own clock
        // considers the windows closed, no answer of absence can count and the query would be wasted.
        var askedAt = proof?.MayCount(NowMs(claim)) == true ? await TimeAsync(search, stop).ConfigureAwait(false) : null;
        return (askedAt ?? 0, await LookAsync(claim, stop).ConfigureAwait(false));
    }

    private long NowMs(Claim claim) => clocks.Of(claim.Origin.Environment).NowMs;

    private void End(OrderSearch search)
    {
        if (search.List is { } list)
        {
            lock (_lock)
            {
                if (_searches.TryGetValue(list, out var searches) && searches.Remove(search) && searches.Count == 0)
                {
                    _searches.Remove(list);
                }
            }
        }
    }

    /// <summary>From when on a list must show orders to serve a search and those beside it; null where the order is better looked up by itself.</summary>
    private long? SinceMsOf(OrderSearch search)
    {
        var reachesTo = NowMs(search.Claim) - ReachMs;
        if (search.List is not { } list || search.OpensMs < reachesTo)
        {
            return null;
        }

        lock (_lock)
        {
            return _searches[list] is { Count: >= WorthAList } searches ? searches.Where(each => each.OpensMs >= reachesTo).Min(static each => each.OpensMs) : null;
        }
    }

    private async Task<long?> TimeAsync(OrderSearch search, CancellationToken stop)
    {
        search.UsedTime = _times.Ask(search.Claim.Origin.Host, search.UsedTime, () => ask.TimeAsync(search.Claim.Origin, stop));
        return await search.UsedTime.ConfigureAwait(false);
    }

    private async Task<OrderList> ListAsync(OrderSearch search, long sinceMs, CancellationToken stop)
    {
        // Else each search that hurries would query a list of its own.
        await Task.Delay(_lists.ServesStill(search.List!.Value, search.UsedList), time, stop).ConfigureAwait(false);
        search.UsedList = _lists.Ask(search.List.Value, search.UsedList, () => AskListAsync(search.Claim, sinceMs, stop));
        return await search.UsedList.ConfigureAwait(false);
    }

    private async Task<OrderList> AskListAsync(Claim claim, long sinceMs, CancellationToken stop)
    {
        var askedAtMs = await ask.TimeAsync(claim.Origin, stop).ConfigureAwait(false) ?? 0;
        var answer = await ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, sinceMs, stop).ConfigureAwait(false);
        return OrderList.Read(answer, askedAtMs, sinceMs, claim);
    }

    /// <summary>What a list shows of an order; null where the order must be looked up by itself.</summary>
    private LookupResult? LookInto(OrderList list, Claim claim)
    {
        if (list.Error is { } error)
        {
            claim.Trail.Add(time.GetUtcNow(), $"asked for the symbol's orders: {error.AsReply}");
            Log.NoEvidence(logger, claim.Key.Id, error.AsReply);
            return new LookupResult(error.Category == ErrorCategory.Authentication ? Sight.Refused : Sight.None);
        }

        var named = list.Orders.Where(order => EvidenceRules.Names(claim.Operation, order)).ToList();

        // Of two, one that was believed absent and one sent again, the newest: the order's own look-up would show that.
        if (named.FindLast(order => EvidenceRules.JudgePlace(claim, order) == Finding.Ours) is { } ours)
        {
            return new LookupResult(VerdictOn(claim, ours, "the order was found among the symbol's orders"));
        }

        // What has its id may be the order itself, amended since.
        if (named.Count > 0 || !list.IsWhole || claim.Attempts.Traces?.Any(window => window.OpensMs < list.SinceMs) != false)
        {
            return null;
        }

        claim.Trail.Add(time.GetUtcNow(), "asked for the symbol's orders: it is not among them");
        return new LookupResult(Sight.NotListed);
    }

    private static Verdict VerdictOn(Claim claim, OrderEvidence order, string evidence) =>
        order.IsRejected ? claim.ProvenAbsent("the exchange shows that it rejected the order") : Verdict.OfOrder(order, evidence);

    private async Task<LookupResult> LookAsync(Claim claim, CancellationToken stop)
    {
        var answer = await ask.OrderAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
        if (answer.Error is null)
        {
            // An answer about another order, out of a cache perhaps, shows neither that ours is there nor that it is not.
            return answer.Order is { } order && EvidenceRules.IsAbout(claim.Operation, order)
                ? await (claim.Key.Kind == OperationKind.Amend ? LookIntoAmendmentsAsync(claim, order, stop) : LookIntoPlaceAsync(claim, order, stop)).ConfigureAwait(false)
                : default;
        }

        claim.Trail.Add(time.GetUtcNow(), $"asked for the order: {answer.Error.AsReply}");
        if (ExchangeQueries.SaysAbsent(answer, claim.Origin.Venue))
        {
            return new LookupResult(Sight.Absent);
        }

        Log.NoEvidence(logger, claim.Key.Id, answer.Error.AsReply);
        return new LookupResult(answer.Error.Category == ErrorCategory.Authentication ? Sight.Refused : Sight.None) { AskedToWait = answer.AskedToWait };
    }

    private async Task<LookupResult> LookIntoAmendmentsAsync(Claim claim, OrderEvidence order, CancellationToken stop)
    {
        if (claim.AmendedOrder is { } amended && order.OrderId is not null && !string.Equals(amended, order.OrderId, StringComparison.Ordinal))
        {
            // An order of the same id hides the one that it amends.
            claim.Trail.Add(time.GetUtcNow(), "an order of that id is another than the one it amends");
            return await LookIntoEachAsync(claim, amended, order, stop).ConfigureAwait(false);
        }

        if (await AmendmentsAsync(claim, stop).ConfigureAwait(false) is not { } history)
        {
            return default;
        }

        if (history.FirstOrDefault(entry => entry.IsOfAnotherThan(order)).OrderId is { } changed)
        {
            // Queries lag behind the history, and show an order that had the id before.
            return EvidenceRules.ShowsAmendment(claim, claim.Attempts.Traces ?? [], history)
                ? new LookupResult(await OfChangedAsync(claim, changed, stop).ConfigureAwait(false))
                : new LookupResult(Sight.OnlyNamesake);
        }

        return EvidenceRules.JudgeAmend(claim, order, history) == Finding.Ours ? new LookupResult(Verdict.OfOrder(order, "the order shows the amendment"))
            : claim is { AmendedOrder: null, Operation.OrderId: null, OvertakenBy.By.Key.Kind: OperationKind.Place } ? new LookupResult(Sight.OnlyNamesake)
            : new LookupResult(Sight.Absent);
    }

    /// <summary>
    /// The amendment may have reached the order that it means, or a later one that had the id by then. Where each of them can be looked up, and none shows it, it is absent.
    /// </summary>
    private async Task<LookupResult> LookIntoEachAsync(Claim claim, string amended, OrderEvidence newest, CancellationToken stop)
    {
        var answer = await ask.OrderAsync(claim.Origin, claim.Operation.Naming(amended), stop).ConfigureAwait(false);
        var own = answer.Order;
        if (own is not null && EvidenceRules.JudgeAmend(claim, own, []) == Finding.Ours)
        {
            return new LookupResult(Verdict.OfOrder(own, "the order shows the amendment"));
        }

        if (claim.Attempts.Traces is not { Count: > 0 } windows || newest.OrderId is null)
        {
            return new LookupResult(Sight.OnlyNamesake);
        }

        var list = await ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, windows.Min(static window => window.OpensMs), stop).ConfigureAwait(false);
        if (list.Orders is not { } since)
        {
            return default;
        }

        var later = since.Where(each => string.Equals(each.ClientOrderId, claim.Operation.ClientOrderId, StringComparison.Ordinal)).Append(newest).DistinctBy(static each => each.OrderId, StringComparer.Ordinal).ToList();
        if (since.Count >= claim.Origin.Venue.MostListed || later.Count > MostAskedAbout)
        {
            return new LookupResult(Sight.OnlyNamesake);
        }

        foreach (var order in (OrderEvidence?[])[own, .. later])
        {
            // What is not shown at all is no more than a name.
            var history = await ask.AmendmentsAsync(claim.Origin, claim.Operation.Naming(order?.OrderId ?? amended), stop).ConfigureAwait(false);
            if (history.Amendments is not { } amendments)
            {
                return default;
            }

            if (EvidenceRules.ShowsAmendment(claim, claim.Attempts.Traces ?? [], amendments, order))
            {
                return new LookupResult(order is not null ? Verdict.OfOrder(order, ShownByHistory) : Verdict.OfNamedOrder(claim, amended, ShownByHistory));
            }
        }

        return new LookupResult(Sight.Absent);
    }

    private async Task<Verdict> OfChangedAsync(Claim claim, string orderId, CancellationToken stop)
    {
        var answer = await ask.OrderAsync(claim.Origin, claim.Operation.Naming(orderId), stop).ConfigureAwait(false);
        return answer.Order is { } order && string.Equals(order.OrderId, orderId, StringComparison.Ordinal)
            ? Verdict.OfOrder(order, ShownByHistory)
            : Verdict.OfNamedOrder(claim, orderId, ShownByHistory);
    }

    private async Task<LookupResult> LookIntoPlaceAsync(Claim claim, OrderEvidence order, CancellationToken stop)
    {
        if (EvidenceRules.JudgePlace(claim, order) == Finding.Ours)
        {
            return new LookupResult(VerdictOn(claim, order, "the order was found by its client order id"));
        }

        // Found late, after a restart for instance, it may have been amended by then.
        if (EvidenceRules.MayHaveBeenAmended(claim, order)
            && await AmendmentsAsync(claim, stop).ConfigureAwait(false) is { } amendments
            && EvidenceRules.BeganAsClaimed(claim, order, [.. amendments.Where(entry => !entry.IsOfAnotherThan(order))]))
        {
            return new LookupResult(Verdict.OfOrder(order, "the order was found by its client order id, amended since"));
        }

        claim.Trail.Add(time.GetUtcNow(), $"an order of that id is {order.Status}, and not this one");

        // An older order of the same id hides any other; the history from the first stamp on may still show ours, but never its absence.
        if (claim.Attempts.Traces is not { Count: > 0 } windows)
        {
            return default;
        }

        var all = await ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, windows.Min(window => window.OpensMs), stop).ConfigureAwait(false);
        if (all.Orders is not { } orders)
        {
            return default;
        }

        var ours = orders.FirstOrDefault(candidate =>
            string.Equals(candidate.ClientOrderId, claim.Operation.ClientOrderId, StringComparison.Ordinal)
            && EvidenceRules.JudgePlace(claim, candidate) == Finding.Ours);
        return ours is not null ? new LookupResult(VerdictOn(claim, ours, "the order was found in the order history, beside an older namesake"))
            : EvidenceRules.HoldsId(claim, order) ? new LookupResult(claim.ProvenAbsent("an older order of the same id was open before the first attempt and is open still, and the exchange takes no second one"))
            : new LookupResult(Sight.OnlyNamesake);
    }

    private async Task<IReadOnlyList<AmendmentEvidence>?> AmendmentsAsync(Claim claim, CancellationToken stop) =>
        (await ask.AmendmentsAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false)).Amendments;
}
