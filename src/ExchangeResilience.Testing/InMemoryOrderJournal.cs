namespace ExchangeResilience.Testing;

/// <summary>
/// An order journal in memory. It outlives the service providers it is given to, so that a test can let one die and start the next on what it left behind.
/// </summary>
/// <remarks>
/// <para>Register it with <c>services.AddSingleton&lt;IOrderJournal&gt;(journal)</c>. It keeps entries as the bytes any store would keep, so that what is lost on the way there is
/// missed here too.</para>
/// <para>It writes in the order of the calls. A write whose caller stops waiting is carried out all the same. Thread-safe.</para>
/// </remarks>
public sealed class InMemoryOrderJournal : IOrderJournal
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<string, JournalEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Symbol, OperationKind Kind, string Id), List<string>> _idsOfName = [];
    private readonly List<string> _order = [];
    private readonly Dictionary<(string Environment, TrafficLane Lane, string Scope), JournalHold> _holds = [];
    private readonly Queue<Write> _pending = [];
    private long _delayTicks;
    private long _writes;
    private int _failures;
    private string _failure = "";

    /// <summary>Creates a journal that holds nothing.</summary>
    /// <param name="time">What <see cref="WriteDelay"/> is measured on; the system's time unless given.</param>
    public InMemoryOrderJournal(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>How long a write takes. It is on storage after half of that; a process that dies in the second half has written without knowing it. Defaults to zero.</summary>
    public TimeSpan WriteDelay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            Interlocked.Exchange(ref _delayTicks, value.Ticks);
        }
    }

    /// <summary>Every entry, finished ones included, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Entries
    {
        get { lock (_gate) { return [.. _order.Select(id => _entries[id])]; } }
    }

    /// <summary>Every hold.</summary>
    public IReadOnlyList<JournalHold> Holds
    {
        get { lock (_gate) { return [.. _holds.Values]; } }
    }

    /// <summary>How many writes were carried out; those refused and those that failed are not counted.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Lets the next writes fail with a <see cref="JournalException"/>; nothing of them is kept.</summary>
    /// <param name="writes">How many; zero ends a failure that was set before.</param>
    /// <param name="message">The exception's message.</param>
    public void FailNext(int writes, string message = "The journal cannot be written: no space is left. Free some, then send the order again.")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(writes);
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        lock (_gate)
        {
            _failures = writes;
            _failure = message;
        }
    }

    /// <summary>The entry of that id; null where there is none.</summary>
    /// <param name="id">The entry's own id.</param>
    public JournalEntry? Find(string id)
    {
        lock (_gate)
        {
            return _entries.GetValueOrDefault(id);
        }
    }

    /// <summary>The entries of a client order id, oldest first.</summary>
    /// <param name="clientOrderId">The client's id.</param>
    public IReadOnlyList<JournalEntry> EntriesOf(string clientOrderId)
    {
        lock (_gate)
        {
            return [.. _order.Select(id => _entries[id]).Where(entry => entry.ClientOrderId == clientOrderId)];
        }
    }

    /// <summary>Forgets the entries about which nothing remains to be done, so that a long run stays in bounded memory. Later runs then know nothing of those orders.</summary>
    public void ForgetFinished()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values.Where(static entry => entry.IsFinished).ToList())
            {
                _entries.Remove(entry.Id);
                _idsOfName[NameOf(entry)].Remove(entry.Id);
                if (_idsOfName[NameOf(entry)].Count == 0)
                {
                    _idsOfName.Remove(NameOf(entry));
                }
            }

            _order.RemoveAll(id => !_entries.ContainsKey(id));
        }
    }

    /// <inheritdoc />
    public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(new JournalContents(
                [.. _order.Select(id => _entries[id]).Where(static entry => !entry.IsFinished).Select(static entry => JournalEntry.FromJson(entry.ToJson()))],
                [.. _holds.Values]));
        }
    }

    /// <inheritdoc />
    public async ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return await WriteAsync(() => Record(entry), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return await WriteAsync(() => Find(entry), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return await WriteAsync(() => Settle(entry), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hold);
        await WriteAsync(() => Hold(hold), cancellationToken).ConfigureAwait(false);
    }

    private static (string Symbol, OperationKind Kind, string Id) NameOf(JournalEntry entry) => (entry.Key.Symbol, entry.Key.Kind, entry.Key.Id);

    private JournalEntry? Record(JournalEntry entry)
    {
        if (Find(entry) is { } standing)
        {
            return standing;
        }

        if (!_entries.ContainsKey(entry.Id))
        {
            _order.Add(entry.Id);
            if (!_idsOfName.TryGetValue(NameOf(entry), out var ids))
            {
                _idsOfName[NameOf(entry)] = ids = [];
            }

            ids.Add(entry.Id);
        }

        Keep(entry);
        return null;
    }

    private JournalEntry? Find(JournalEntry entry) =>
        _entries.TryGetValue(entry.Id, out var own) && own.State != JournalState.Open ? own
        : _idsOfName.TryGetValue(NameOf(entry), out var ids) ? entry.FindInTheWay(Enumerable.Reverse(ids).Select(id => _entries[id]))
        : null;

    private bool Settle(JournalEntry entry)
    {
        if (!_entries.TryGetValue(entry.Id, out var kept) || entry.SettledOver(kept) is not { } settled)
        {
            return false;
        }

        Keep(settled);
        return true;
    }

    private bool Hold(JournalHold hold)
    {
        var lane = (hold.Environment, hold.Lane, hold.Scope);
        if (_holds.TryGetValue(lane, out var kept))
        {
            var isOfOneBoot = hold.Boot == kept.Boot;
            if (hold.UntilExchangeMs <= kept.UntilExchangeMs && hold.Until <= kept.Until && !(isOfOneBoot ? hold.UntilUptime > kept.UntilUptime : hold.Boot is not null))
            {
                return false;
            }

            // Of each of its ends the later one is kept; uptimes of two boots cannot be compared.
            hold = hold with
            {
                UntilUptime = isOfOneBoot && kept.UntilUptime > hold.UntilUptime ? kept.UntilUptime : hold.UntilUptime,
                UntilExchangeMs = Math.Max(kept.UntilExchangeMs, hold.UntilExchangeMs),
                Until = hold.Until > kept.Until ? hold.Until : kept.Until,
            };
        }

        _holds[lane] = hold;
        Interlocked.Increment(ref _writes);
        return true;
    }

    private void Keep(JournalEntry entry)
    {
        _entries[entry.Id] = JournalEntry.FromJson(entry.ToJson());
        Interlocked.Increment(ref _writes);
    }

    /// <summary>Writes after half the delay, in the order of the calls, and answers after the whole of it.</summary>
    private async Task<T> WriteAsync<T>(Func<T> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = new Write(() => Carry(write, done));
        var delay = WriteDelay;
        lock (_gate)
        {
            _pending.Enqueue(mine);
        }

        if (delay > TimeSpan.Zero)
        {
            _ = CarryOutLaterAsync(mine, delay / 2);
        }
        else
        {
            CarryOutUpTo(mine);
        }

        var result = await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay / 2, _time, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    private async Task CarryOutLaterAsync(Write mine, TimeSpan delay)
    {
        await Task.Delay(delay, _time, CancellationToken.None).ConfigureAwait(false);
        CarryOutUpTo(mine);
    }

    private void CarryOutUpTo(Write mine)
    {
        lock (_gate)
        {
            while (!mine.IsDone && _pending.TryDequeue(out var next))
            {
                next.Run();
            }
        }
    }

    private void Carry<T>(Func<T> write, TaskCompletionSource<T> done)
    {
        if (_failures > 0)
        {
            _failures--;
            done.SetException(new JournalException(_failure));
        }
        else
        {
            done.SetResult(write());
        }
    }

    private sealed class Write(Action carryOut)
    {
        public bool IsDone { get; private set; }

        public void Run()
        {
            IsDone = true;
            carryOut();
        }
    }
}
