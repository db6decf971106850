namespace ExchangeResilience;

/// <summary>A journal whose writes are timed.</summary>
internal sealed class MeasuredJournal(IOrderJournal journal, TimeProvider time, ExchangeMetrics metrics) : IOrderJournal
{
    public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken) => journal.OpenAsync(cancellationToken);

    public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) =>
        TimeAsync("Record", static (journal, entry, cancellation) => journal.RecordAsync(entry, cancellation), entry, cancellationToken);

    public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) =>
        TimeAsync("Settle", static (journal, entry, cancellation) => journal.SettleAsync(entry, cancellation), entry, cancellationToken);

    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) =>
        await TimeAsync(
            "Hold",
            static async (journal, hold, cancellation) =>
            {
                await journal.HoldAsync(hold, cancellation).ConfigureAwait(false);
                return true;
            },
            hold,
            cancellationToken).ConfigureAwait(false);

    private async ValueTask<TResult> TimeAsync<TItem, TResult>(
        string operation, Func<IOrderJournal, TItem, CancellationToken, ValueTask<TResult>> write, TItem item, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var result = await write(journal, item, cancellationToken).ConfigureAwait(false);
            metrics.JournalWrite(operation, time.GetElapsedTime(started), failure: null);
            return result;
        }
        catch (JournalException failure)
        {
            metrics.JournalWrite(operation, time.GetElapsedTime(started), failure);
            throw;
        }
    }
}
