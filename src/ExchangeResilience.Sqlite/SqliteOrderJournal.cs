using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.Sqlite;

/// <summary>
/// The journal in one SQLite file. Calls queue up; one thread carries them out, and all that arrives while it waits for the disk shares the next commit.
/// </summary>
internal sealed class SqliteOrderJournal : IOrderJournal, IDisposable, IAsyncDisposable
{
    private const int MostPerCommit = 1024;

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _arrived = new(initialState: false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly JournalFile _file;
    private readonly GroupCommit _commits;
    private readonly string _path;
    private readonly ILogger _logger;
    private List<JournalOperation> _arriving = [];
    private Thread? _writer;
    private bool _isClosed;

    public SqliteOrderJournal(SqliteOrderJournalOptions options, TimeProvider time, ILogger<SqliteOrderJournal>? logger = null, Schema? schema = null)
    {
        _path = options.Path!;
        _logger = logger ?? NullLogger<SqliteOrderJournal>.Instance;
        _file = new JournalFile(_path, options.BusyTimeout, schema ?? Schema.Current, _logger);
        _commits = new GroupCommit(_file, options.Retention, time, _logger);
    }

    /// <summary>How many transactions have been committed.</summary>
    public long Commits => _commits.Commits;

    /// <summary>The most pages the file may have; see <see cref="JournalFile.PageLimit"/>.</summary>
    public int PageLimit
    {
        get => _file.PageLimit;
        set => _file.PageLimit = value;
    }

    /// <inheritdoc/>
    public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken) => Queue(new OpenOperation(_logger, cancellationToken));

    /// <inheritdoc/>
    /// <remarks>Beside the one thread that writes: it may be waiting for what keeps the file from being written.</remarks>
    public ValueTask<IReadOnlyList<JournalHold>> ReadHoldsAsync(CancellationToken cancellationToken) => new(Task.Run(() => KeptHolds.Read(_path), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => Queue(new RecordOperation(new(entry), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => Queue(new FindOperation(entry, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => Queue(new SettleOperation(new(entry), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => await Queue(new HoldOperation(hold, cancellationToken)).ConfigureAwait(false);

    /// <summary>Writes what was accepted, and closes the file.</summary>
    public void Dispose()
    {
        Close();
        _writer?.Join();
        _arrived.Dispose();
    }

    /// <summary>Writes what was accepted, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Close())
        {
            await _ended.Task.ConfigureAwait(false);
        }

        Dispose();
    }

    private ValueTask<TResult> Queue<TResult>(JournalOperation<TResult> operation)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                operation.Fail(JournalFailures.Closed(_path));
                return operation.Answer;
            }

            _arriving.Add(operation);
            if (_writer is null)
            {
                _writer = new Thread(Write) { IsBackground = true, Name = "ExchangeResilience order journal" };
                _writer.Start();
            }

            if (_arriving.Count == 1)
            {
                _arrived.Set();
            }
        }

        return operation.Answer;
    }

    /// <summary>Whether there is a writer to wait for.</summary>
    private bool Close()
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _arrived.Set();
            }

            return _writer is not null;
        }
    }

    private void Write()
    {
        var batch = new List<JournalOperation>();
        while (Take(ref batch))
        {
            var operations = CollectionsMarshal.AsSpan(batch);
            for (var start = 0; start < operations.Length; start += MostPerCommit)
            {
                _commits.Run(operations.Slice(start, Math.Min(MostPerCommit, operations.Length - start)));
            }
        }

        _file.Dispose();
        _ended.SetResult();
    }

    private bool Take(ref List<JournalOperation> batch)
    {
        batch.Clear();
        while (true)
        {
            lock (_lock)
            {
                if (_arriving.Count > 0)
                {
                    (batch, _arriving) = (_arriving, batch);
                    return true;
                }

                if (_isClosed)
                {
                    return false;
                }
            }

            _arrived.WaitOne();
        }
    }
}
