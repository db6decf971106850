using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Fleet;

/// <summary>What the processes of a fleet share, in memory: a journal whose entries have holders. A lease ends when a test says so.</summary>
internal sealed class FleetStore(InMemoryOrderJournal journal)
{
    private readonly List<FleetStoreMember> _living = [];
    private readonly Dictionary<string, string> _holders = [];
    private Task _pen = Task.CompletedTask;
    private Task _meeting = Task.CompletedTask;

    /// <summary>From now on orders are written down only once what is given here is set.</summary>
    public TaskCompletionSource TakePen()
    {
        var pen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pen = pen.Task;
        return pen;
    }

    /// <summary>From now on whoever meets an order of another is told of it only once what is given here is set.</summary>
    public TaskCompletionSource DelayMeetings()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _meeting = told.Task;
        return told;
    }

    public FleetStoreMember Join(CancellationToken death)
    {
        var member = new FleetStoreMember(this, FormattableString.Invariant($"member-{_living.Count:00000000000000}"), death);
        _living.Add(member);
        return member;
    }

    /// <summary>What a member held is another's from now on.</summary>
    public async Task EndLeaseAsync(FleetStoreMember ended, FleetStoreMember heir)
    {
        _living.Remove(ended);
        heir.Tell(new FleetEvent.TakenOver(await TakeOverAsync(heir)));
    }

    public async ValueTask<JournalContents> OpenAsync(FleetStoreMember member)
    {
        var contents = await journal.OpenAsync(CancellationToken.None);
        return new(await TakeOverAsync(member), contents.Holds);
    }

    public async ValueTask<JournalEntry?> RecordAsync(FleetStoreMember member, JournalEntry entry)
    {
        await _pen;
        if (journal.Find(entry.Id) is { } own && _holders[own.Id] != member.Member)
        {
            member.Awaited.Add(own.Id);
            return own;
        }

        _holders.TryAdd(entry.Id, member.Member);
        var standing = Await(member, await journal.RecordAsync(entry, CancellationToken.None));
        await (standing is null ? Task.CompletedTask : _meeting);
        return standing;
    }

    public async ValueTask<JournalEntry?> FindAsync(FleetStoreMember member, JournalEntry entry) => Await(member, await journal.FindAsync(entry, CancellationToken.None));

    public async ValueTask<bool> SettleAsync(FleetStoreMember member, JournalEntry entry)
    {
        if (journal.Find(entry.Id) is not { } stored)
        {
            return false;
        }

        if (_holders[stored.Id] == member.Member)
        {
            var isWritten = await journal.SettleAsync(entry, CancellationToken.None);
            if (isWritten && entry.State is JournalState.Executed or JournalState.NotExecuted)
            {
                foreach (var other in _living.Where(other => other.Awaited.Remove(entry.Id)))
                {
                    other.Tell(new FleetEvent.Settled(journal.Find(entry.Id)!));
                }
            }

            return isWritten;
        }

        return stored.State == entry.State && stored.State != JournalState.Open
            && await journal.SettleAsync(stored with { Heard = stored.Heard || entry.Heard }, CancellationToken.None);
    }

    public async ValueTask HoldAsync(FleetStoreMember member, JournalHold hold)
    {
        await journal.HoldAsync(hold, CancellationToken.None);
        foreach (var other in _living.Where(other => other != member))
        {
            other.Tell(new FleetEvent.HoldTold(hold));
        }
    }

    private JournalEntry? Await(FleetStoreMember member, JournalEntry? standing)
    {
        if (standing is { State: JournalState.Open } && _holders[standing.Id] != member.Member)
        {
            member.Awaited.Add(standing.Id);
        }

        return standing;
    }

    private async Task<List<JournalEntry>> TakeOverAsync(FleetStoreMember heir)
    {
        var held = journal.Entries
            .Where(entry => !entry.IsFinished && _living.TrueForAll(member => member.Member != _holders[entry.Id]) && heir.Serves?.Invoke(entry) != false)
            .Select(entry => entry.State == JournalState.Open ? entry with { Run = heir.Member } : entry)
            .ToList();
        foreach (var entry in held)
        {
            _holders[entry.Id] = heir.Member;
            (await journal.SettleAsync(entry, CancellationToken.None)).ShouldBeTrue();
        }

        return held;
    }
}

/// <summary>One process's side of the store. Once the process is dead, nothing of it arrives there.</summary>
internal sealed class FleetStoreMember(FleetStore store, string member, CancellationToken death) : ISharedOrderJournal
{
    private readonly Channel<FleetEvent> _news = Channel.CreateUnbounded<FleetEvent>();

    public string Member { get; } = member;

    public Func<JournalEntry, bool>? Serves { get; set; }

    public HashSet<string> Awaited { get; } = [];

    public FleetStatus Fleet => new(Member, null, null, [], []);

    public void Tell(FleetEvent news) => _news.Writer.TryWrite(news);

    public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken) => WhileAliveAsync(() => store.OpenAsync(this));

    public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) => WhileAliveAsync(() => store.RecordAsync(this, entry));

    public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => WhileAliveAsync(() => store.FindAsync(this, entry));

    public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => WhileAliveAsync(() => store.SettleAsync(this, entry));

    public async ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => await WhileAliveAsync(async () =>
    {
        await store.HoldAsync(this, hold);
        return true;
    });

    public async IAsyncEnumerable<FleetEvent> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var news in _news.Reader.ReadAllAsync(cancellationToken))
        {
            yield return news;
        }
    }

    private async ValueTask<T> WhileAliveAsync<T>(Func<ValueTask<T>> act)
    {
        if (death.IsCancellationRequested)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
        }

        return await act();
    }
}
