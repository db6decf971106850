using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Takes up the orders that another run of the program held: an earlier one, or a process of the fleet that is gone.</summary>
internal sealed class OrphanTakeover(ExchangeClients clients, ExchangeServices services, ILogger<OrphanTakeover> logger)
{
    // A call that is about to send the same order meets its entry in the journal within moments.
    private static readonly TimeSpan PauseWhileBlocked = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Whether a client of this program can look for an entry's order.</summary>
    public bool CanAskAbout(JournalEntry entry) => AskerOf(entry, out _) is not null;

    /// <summary>
    /// Every entry, which this run holds now, becomes a claim: searched for where it is in doubt, followed up where it has a verdict. Of one that was taken up before,
    /// nothing is done twice.
    /// </summary>
    public void Adopt(IReadOnlyList<JournalEntry> entries, CancellationToken stop = default)
    {
        var searched = new List<Claim>();
        foreach (var entry in entries)
        {
            if (entry.State is JournalState.NotExecuted or JournalState.Executed)
            {
                FollowUp(entry, stop);
            }
            else if (Inherit(entry, stop) is { } claim)
            {
                searched.Add(claim);
            }
            else
            {
                _ = TakeUpLaterAsync(entry, stop);
            }
        }

        if (searched.Count > 0)
        {
            Log.RecoveryStarted(logger, searched.Count, NamedOrders.Of(searched));
            _ = ReportProgressAsync(searched);
        }
    }

    public Claim? ClaimOf(JournalEntry entry) => services.Claims.FindEntry(OrderName.Of(HeirOf(entry).Operation), entry.Id);

    private void FollowUp(JournalEntry entry, CancellationToken stop)
    {
        var heir = HeirOf(entry);
        if (services.Claims.RestoreVerdict(heir.Operation, heir.Origin, entry) is { } claim)
        {
            services.Reconciler.FollowUpRestored(claim, entry, heir.Options);
            FindAsker(claim, entry, heir, stop);
        }
    }

    private void FindAsker(Claim claim, JournalEntry entry, RecoveredOrder heir, CancellationToken stop)
    {
        if (claim is { Origin.CanAsk: true } or { NeedsAsker: false })
        {
            return;
        }

        if (claim is { NeedsEvidence: false, CancelWanted: true })
        {
            Log.KeptCancelGivenUp(logger, claim.Operation, claim.Key.Id);
        }

        if (entry.AccountCode is not null)
        {
            _ = FindAskerAsync(claim, entry, heir, stop);
        }
    }

    /// <summary>The claim that is searched for from now on; null where a call that does not know of the entry yet blocks it.</summary>
    private Claim? Inherit(JournalEntry entry, CancellationToken stop)
    {
        var heir = HeirOf(entry);
        var name = OrderName.Of(heir.Operation);
        if (services.Claims.FindEntry(name, entry.Id) is { } standing)
        {
            return TakeOver(standing, heir.Options);
        }

        if (services.Claims.FindUnsettled(name, heir.Origin.Account) is not null)
        {
            return null;
        }

        var claim = services.Claims.Restore(heir.Operation, heir.Origin, entry, heir.Options);
        services.Reconciler.Search(claim, heir.Options);
        services.Reconciler.FollowUpRestored(claim, entry, heir.Options);
        FindAsker(claim, entry, heir, stop);
        return claim;
    }

    /// <summary>This process has met the entry before, while another held it.</summary>
    private Claim TakeOver(Claim standing, ReconciliationOptions options)
    {
        if (standing.NeedsEvidence && standing.IsHeldElsewhere)
        {
            services.Reconciler.Search(standing, options);
        }
        else if (standing.Outcome is not null)
        {
            // Evidence came to it by another way, when the entry was not yet this process's to settle.
            standing.Search = InDoubtState.Searching;
            services.Journal.Ended(standing);
        }

        return standing;
    }

    private async Task TakeUpLaterAsync(JournalEntry entry, CancellationToken stop)
    {
        try
        {
            do
            {
                await Task.Delay(PauseWhileBlocked, services.Time, stop).ConfigureAwait(false);
            }
            while (Inherit(entry, stop) is null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends; the next holder of the entry takes it up.
        }
    }

    /// <summary>The key may have been rotated: the exchange's account code shows whether one of this run is of the same account.</summary>
    private async Task FindAskerAsync(Claim claim, JournalEntry entry, RecoveredOrder heir, CancellationToken stop)
    {
        try
        {
            for (var pause = PauseWhileBlocked; claim.NeedsAsker; pause = TimeSpan.Min(pause * 2, LongestPause))
            {
                foreach (var client in clients.Names.Select(clients.For).Where(client => client.Identity.Compare(heir.Origin.Account) == SameAccount.Unclear))
                {
                    await services.Accounts.LearnAsync(heir.Origin with { ClientName = client.Name, CanAsk = true, Account = client.Identity }, LongestPause, stop).ConfigureAwait(false);
                }

                if (clients.FindAsker(heir.Origin.Account, heir.Origin.ClientName, heir.Origin.Host) is { } asker)
                {
                    services.Reconciler.AskThrough(claim, heir.Origin with { ClientName = asker.Client.Name, Host = asker.Host, CanAsk = true }, heir.Options);
                    services.Reconciler.FollowUpRestored(claim, entry, heir.Options);
                    return;
                }

                await Task.Delay(pause, services.Time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    // Under a key of the account, whichever client has it by now: keys are rotated and clients renamed, and another account's key must never be used.
    private (ExchangeClient Client, Uri Host)? AskerOf(JournalEntry entry, out AccountIdentity account)
    {
        account = AccountIdentity.Of(entry) with { Book = services.Accounts.Book };
        return clients.FindAsker(account, entry.ClientName, entry.Host);
    }

    private RecoveredOrder HeirOf(JournalEntry entry)
    {
        var asker = AskerOf(entry, out var account);
        var settings = (asker?.Client ?? clients.Find(entry.ClientName))?.Settings.Current;
        var options = settings?.Options.Reconciliation ?? new ReconciliationOptions();
        var venue = settings?.Options.Venue ?? ExchangeVenue.Named(entry.Venue);
        var endpoint = (settings?.Endpoints ?? venue.Endpoints).Find(new HttpMethod(entry.Method), entry.Path);

        // A program may have dropped the row of its own that said where to look.
        var origin = new ClaimOrigin(asker?.Client.Name ?? entry.ClientName, venue, asker?.Host ?? entry.Host, asker is not null && endpoint.EvidencePath is not null) { Environment = entry.Key.Environment, Account = account };
        return new RecoveredOrder(JournalRules.OperationOf(entry, endpoint), origin, options);
    }

    private async Task ReportProgressAsync(List<Claim> searched)
    {
        var settled = 0;
        await foreach (var ending in Task.WhenEach(searched.Select(EndAsync)).ConfigureAwait(false))
        {
            settled++;
            var (order, execution) = await ending.ConfigureAwait(false);
            Log.Recovered(logger, settled == searched.Count ? LogLevel.Warning : LogLevel.Information, settled, searched.Count, order, execution);
        }
    }

    private static async Task<(string Order, ExecutionStatus Execution)> EndAsync(Claim claim) => (NamedOrders.Of(claim), (await claim.Verdict.ConfigureAwait(false)).Execution);

    /// <summary>Who looks for an order, and how.</summary>
    private sealed record RecoveredOrder(ExchangeOperation Operation, ClaimOrigin Origin, ReconciliationOptions Options);
}
