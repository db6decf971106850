using ExchangeResilience.Journal;

namespace ExchangeResilience.Testing.Tests.Journal;

/// <summary>Everything a journal must do, in memory: what outlives a provider there is the journal itself.</summary>
public sealed class InMemoryJournalContractTests : OrderJournalContract
{
    private readonly InMemoryOrderJournal _journal = new(new ManualTimeProvider());

    protected override IOrderJournal Create() => _journal;
}
