namespace ExchangeResilience;

/// <summary>Verdicts of other processes that came before the call that waits for them had its claim. Each is kept until that call fetches it, or many more have come.</summary>
internal sealed class EarlyVerdicts
{
    private const int Most = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JournalEntry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<string> _inOrder = new();

    public void Keep(JournalEntry entry)
    {
        lock (_lock)
        {
            _entries[entry.Id] = entry;
            _inOrder.Enqueue(entry.Id);
            if (_inOrder.Count > Most)
            {
                _entries.Remove(_inOrder.Dequeue());
            }
        }
    }

    /// <summary>The verdict that came for an entry; null where none has.</summary>
    public JournalEntry? Take(string id)
    {
        lock (_lock)
        {
            return _entries.Remove(id, out var entry) ? entry : null;
        }
    }
}
