namespace ExchangeResilience;

/// <summary>
/// The program's journal as this library meets it: its calls are timed, every exception of it is a <see cref="JournalException"/>, and what it returns is whole. One that hangs is
/// not given ever more to keep in memory.
/// </summary>
internal sealed class MeasuredJournal(IOrderJournal journal, TimeProvider time, ExchangeMetrics metrics) : IOrderJournal
{
    private const string Record = "Record";

    // Several times what the orders of all accounts of a busy program can have in flight; each keeps its entry and its claim.
    private const int MostUnderWay = 16 * 1024;

    private int _underWay;
    private string? _fault;

    /// <summary>Why a call failed since an order was last written down; null where none did.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>It answers nothing in the time in which an order could leave.</summary>
    public void NoteFault(string fault) => Volatile.Write(ref _fault, fault);

    public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var contents = await journal.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (contents is not { Entries: { } entries, Holds: { } holds } || !entries.All(IsWhole) || !holds.All(IsWhole))
            {
                throw Incomplete();
            }

            _fault = null;
            return contents;
        }
        catch (Exception fault) when (IsUnexpected(fault, cancellationToken))
        {
            _fault = fault.Message;
            throw Failed(fault);
        }
        catch (JournalException fault)
        {
            _fault = fault.Message;
            throw;
        }
    }

    public async ValueTask<IReadOnlyList<JournalHold>> ReadHoldsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await journal.ReadHoldsAsync(cancellationToken).ConfigureAwait(false) is { } holds && holds.All(IsWhole) ? holds : throw Incomplete();
        }
        catch (Exception fault) when (IsUnexpected(fault, cancellationToken))
        {
            throw Failed(fault);
        }
    }

    public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => CallAsync<JournalEntry, JournalEntry?>(
        Record,
        static async (journal, entry, cancellation) => Whole(await journal.RecordAsync(entry, cancellation).ConfigureAwait(false)),
        entry,
        cancellationToken);

    public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => CallAsync<JournalEntry, JournalEntry?>(
        "Find",
        static async (journal, entry, cancellation) => Whole(await journal.FindAsync(entry, cancellation).ConfigureAwait(false)),
        entry,
        cancellationToken);

    public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) =>
        CallAsync("Settle", static (journal, entry, cancellation) => journal.SettleAsync(entry, cancellation), entry, cancellationToken);

    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) =>
        await CallAsync(
            "Hold",
            static async (journal, hold, cancellation) =>
            {
                await journal.HoldAsync(hold, cancellation).ConfigureAwait(false);
                return true;
            },
            hold,
            cancellationToken).ConfigureAwait(false);

    private async ValueTask<TResult> CallAsync<TItem, TResult>(
        string operation, Func<IOrderJournal, TItem, CancellationToken, ValueTask<TResult>> call, TItem item, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        Exception? failure = null;
        try
        {
            return Interlocked.Increment(ref _underWay) <= MostUnderWay
                ? await call(journal, item, cancellationToken).ConfigureAwait(false)
                : throw new JournalException($"The order journal has not ended {MostUnderWay} writes, so it is given no more. Find out what its store waits for.");
        }
        catch (Exception fault) when (IsUnexpected(fault, cancellationToken))
        {
            failure = fault;
            throw Failed(fault);
        }
        catch (JournalException fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
            if (!cancellationToken.IsCancellationRequested)
            {
                // What reads or settles may still take no order; an entry that cannot be read blocks orders of its own name alone.
                _fault = failure is JournalException { ConcernsOneEntry: true } ? _fault : failure?.Message ?? (operation == Record ? null : _fault);
                metrics.JournalWrite(operation, time.GetElapsedTime(started), failure);
            }
        }
    }

    // Only the call that cancels may see that it was cancelled.
    private static bool IsUnexpected(Exception fault, CancellationToken cancellationToken) =>
        fault is not (JournalException or OutOfMemoryException) && !(fault is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private static JournalEntry? Whole(JournalEntry? standing) => standing is null || IsWhole(standing) ? standing : throw Incomplete();

    private static bool IsWhole(JournalHold hold) => hold is { Environment: not null, Scope: not null };

    private static bool IsWhole(JournalEntry entry) => entry is
    {
        Id: not null, Run: not null, Key: { Environment: not null, Account: not null, Symbol: not null, Id: not null }, ClientName: not null, Host: not null, Venue: not null, Method: not null,
        Path: not null, Fingerprint: not null, Attempts: not null, Trail: not null, ReplyStatus: 0 or (>= 200 and <= 599),
    } && Enum.IsDefined(entry.State) && Enum.IsDefined(entry.Key.Kind);

    private static JournalException Failed(Exception fault) => new($"The order journal failed with {fault.GetType().Name}. The inner exception says why.", fault);

    private static JournalException Incomplete() =>
        new("The order journal returned something that is not a whole entry. Correct the journal; until then it is not known what it holds.");
}
