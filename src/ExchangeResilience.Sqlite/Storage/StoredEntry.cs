namespace ExchangeResilience.Sqlite;

/// <summary>An entry as it goes into the file. It is made on the caller's thread, so that the only writer need not write JSON.</summary>
internal sealed class StoredEntry(JournalEntry entry)
{
    public JournalEntry Entry => entry;

    public byte[] Document { get; } = entry.ToJson();
}
