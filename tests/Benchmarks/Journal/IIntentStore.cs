using ExchangeResilience;

namespace Benchmarks.Journal;

/// <summary>Somewhere to write orders down.</summary>
internal interface IIntentStore : IAsyncDisposable
{
    /// <summary>Completes once the order is on the disk and may leave.</summary>
    Task RecordAsync(JournalEntry order);

    /// <summary>Writes what became of it; nobody waits.</summary>
    void Settle(JournalEntry order);

    /// <summary>Completes once all that was settled is written.</summary>
    Task DrainAsync();
}
