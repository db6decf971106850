using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Storage;

/// <summary>What outlives not only the program but the machine: once the journal has answered, the disk has been told to keep what was written.</summary>
public sealed class DurabilityTests : IDisposable
{
    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_recorded_is_on_disk_before_the_order_may_leave()
    {
        DiskWatch.Begin();
        await using var journal = _folder.Journal();
        await journal.OpenAsync(default);
        foreach (var number in Enumerable.Range(1, 3))
        {
            var before = DiskWatch.LogSyncsOf(_folder.File);

            (await journal.RecordAsync(Order(number), default)).ShouldBeNull();

            DiskWatch.LogSyncsOf(_folder.File).ShouldBeGreaterThan(before, "a loss of power would take the entry with it");
        }
    }
}
