namespace ExchangeResilience.Sqlite.Tests;

/// <summary>What a journal says that does not take an order.</summary>
internal static class Refusals
{
    /// <summary>Null where the order was written, else what the exception said.</summary>
    public static async Task<string?> RefusalAsync(SqliteOrderJournal journal, JournalEntry entry)
    {
        try
        {
            (await journal.RecordAsync(entry, default)).ShouldBeNull();
            return null;
        }
        catch (JournalException refused)
        {
            return refused.Message;
        }
    }
}
