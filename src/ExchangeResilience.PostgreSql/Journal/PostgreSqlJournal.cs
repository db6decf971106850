using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>The journal that a fleet shares, in a PostgreSQL database.</summary>
internal sealed class PostgreSqlJournal : ISharedOrderJournal, IDisposable, IAsyncDisposable
{
    private readonly PostgreSqlExchangeStateOptions _options;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly Store _store;
    private readonly StoreHealth _health;
    private readonly FleetInbox _inbox;
    private readonly StoreWriter _writer;
    private readonly Membership _membership;
    private readonly Listener? _listener;
    private readonly Lock _lock = new();
    private Task? _closing;

    public PostgreSqlJournal(
        PostgreSqlExchangeStateOptions options,
        NpgsqlDataSource? dataSource,
        TimeProvider time,
        RandomSource random,
        ILogger<PostgreSqlJournal>? logger = null,
        string? member = null,
        bool listens = true,
        Schema? schema = null)
    {
        ILogger log = logger ?? NullLogger<PostgreSqlJournal>.Instance;
        (_options, _time) = (options, time);
        _name = options.MemberName ?? FormattableString.Invariant($"{Environment.MachineName}:{Environment.ProcessId}");
        _store = new(options, dataSource, schema);
        _health = new(time, random, log);
        _inbox = new(member ?? random.NextId(), time, log);
        var statements = new StoreStatements(options.Schema);
        _writer = new(_store, statements, _health, _inbox);
        _membership = new(_store, statements, _health, _inbox, _name, time, log);
        Budget = new(_store, statements, _health, _inbox, _membership);
        _listener = listens ? new(_store, statements, _health, _inbox, _membership) : null;
    }

    /// <inheritdoc/>
    public string Member => _inbox.Member;

    /// <summary>What the fleet shares of the exchange's limits.</summary>
    public PostgreSqlBudget Budget { get; }

    /// <inheritdoc/>
    public Func<JournalEntry, bool>? Serves
    {
        get => _membership.Serves;
        set => _membership.Serves = value;
    }

    /// <inheritdoc/>
    public FleetStatus Fleet => _membership.Status;

    /// <inheritdoc/>
    public CancellationToken WhileThere => _health.WhileThere;

    /// <summary>How many transactions have been committed for calls.</summary>
    public long Commits => _writer.Commits;

    /// <inheritdoc/>
    public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var contents = await _membership.JoinAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (_closing is null)
                {
                    _membership.Start();
                    _listener?.Start();
                }
            }

            return contents;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !(failure is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            var worded = StoreFailures.Of(failure, _options);
            _health.MarkUnavailable(StorePart.Heartbeat, worded.Message);
            throw worded;
        }
    }

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var call = new RecordCall(new(entry, _options.Schema), _inbox.FenceOf(entry.Id), _inbox, cancellationToken);
        _writer.Add(call);
        return call.Answer;
    }

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var call = new FindCall(new(entry, _options.Schema), _inbox, cancellationToken);
        _writer.Add(call);
        return call.Answer;
    }

    /// <inheritdoc/>
    public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var call = new SettleCall(new(entry, _options.Schema), _inbox.FenceOf(entry.Id), _inbox, cancellationToken);
        _writer.Add(call);
        return call.Answer;
    }

    /// <inheritdoc/>
    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken)
    {
        var key = StoredEntry.LockOf(_options.Schema, "hold", hold.Environment, hold.Lane.ToString(), hold.Scope);
        var call = new HoldCall(hold, hold.Until - _time.GetUtcNow(), key, Member, _name, _time, cancellationToken);
        _writer.Add(call);
        await call.Answer.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<FleetEvent> ListenAsync(CancellationToken cancellationToken) => _inbox.ReadAsync(cancellationToken);

    /// <summary>Writes what was accepted, and leaves the fleet.</summary>
    public async ValueTask DisposeAsync()
    {
        Task closing;
        lock (_lock)
        {
            closing = _closing ??= CloseAsync();
        }

        await closing.ConfigureAwait(false);
    }

    /// <summary>Writes what was accepted, and leaves the fleet.</summary>
    public void Dispose() => Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();

    private async Task CloseAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await Budget.DisposeAsync().ConfigureAwait(false);
        if (_listener is { } listener)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        await _membership.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
    }
}
