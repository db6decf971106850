using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.PostgreSql;

/// <summary>What this process waits for, and what it has learned: each event is published once, by whichever way it came first.</summary>
internal sealed class FleetInbox(string member, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Channel<FleetEvent> _news = Channel.CreateUnbounded<FleetEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _awaited = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _doubted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _fences = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Environment, TrafficLane Lane, string Scope), StoredHold> _holds = [];
    private readonly ConcurrentDictionary<(string Lane, string Scope), bool> _unreadable = new();

    public string Member => member;

    /// <summary>Raised where the store may have events that no notification will announce.</summary>
    public Action? Wanted { get; set; }

    /// <summary>Entries of others that blocked this process, unsettled.</summary>
    public string[] Awaited => _awaited.IsEmpty ? [] : [.. _awaited.Keys];

    /// <summary>Entries whose writing failed, and which may have been written all the same; and whether that can no longer happen.</summary>
    public KeyValuePair<string, bool>[] Doubted => _doubted.IsEmpty ? [] : [.. _doubted];

    public IAsyncEnumerable<FleetEvent> ReadAsync(CancellationToken cancellationToken) => _news.Reader.ReadAllAsync(cancellationToken);

    /// <summary>How often an entry had changed hands when it came to this process; 0 for its own.</summary>
    public long FenceOf(string id) => _fences.GetValueOrDefault(id);

    /// <summary>An attempt was written, or was blocked.</summary>
    public void Recorded(string id, JournalEntry? standing)
    {
        _doubted.TryRemove(id, out _);
        if (standing is { State: JournalState.Open or JournalState.Unresolved } && !string.Equals(standing.Run, member, StringComparison.Ordinal))
        {
            // It may have been settled between its being read and this line.
            _awaited[standing.Id] = true;
            Wanted?.Invoke();
        }
    }

    public void Doubt(string id) => _doubted[id] = false;

    /// <summary>A commit has succeeded: what failed before it is either there or never will be.</summary>
    public void NothingIsUnderWay()
    {
        if (!_doubted.IsEmpty)
        {
            foreach (var id in _doubted.Keys)
            {
                _doubted.TryUpdate(id, true, false);
            }

            Wanted?.Invoke();
        }
    }

    public bool IsAwaited(string id) => _awaited.ContainsKey(id);

    /// <summary>The inherited entries this process knows it holds, and how often each had changed hands when it came here.</summary>
    public KeyValuePair<string, long>[] Inherited => _fences.IsEmpty ? [] : [.. _fences];

    /// <summary>Entries that this process holds, and did not know it does: taken over, or written by a commit that seemed to have failed.</summary>
    /// <returns>Those that are new.</returns>
    public IReadOnlyList<JournalEntry> Learn(KeyValuePair<string, bool>[] asked, IReadOnlyList<InheritedEntry> found)
    {
        var news = new List<JournalEntry>();
        foreach (var inherited in found)
        {
            // An own one that was written once more meanwhile is in its call's hands.
            if (!(inherited.Fence > 0 ? IsNewlyInherited(inherited.Id, inherited.Fence) : _doubted.TryRemove(inherited.Id, out _)))
            {
                continue;
            }

            _awaited.TryRemove(inherited.Id, out _);
            if (inherited.Entry is { } entry)
            {
                news.Add(entry);
            }
            else
            {
                PostgreSqlLog.Unreadable(logger, inherited.Id, inherited.Name, inherited.Symbol);
            }
        }

        // One that may still be written is read again.
        foreach (var sure in asked.Where(static doubt => doubt.Value))
        {
            _doubted.TryRemove(sure);
        }

        return news;
    }

    public void PublishTakenOver(IReadOnlyList<JournalEntry> entries)
    {
        if (entries.Count > 0)
        {
            Publish(new FleetEvent.TakenOver(entries));
        }
    }

    /// <summary>Nothing remains to be done about an entry.</summary>
    public void Forget(string id) => _fences.TryRemove(id, out _);

    public void PublishSettled(JournalEntry entry)
    {
        if (_awaited.TryRemove(entry.Id, out _))
        {
            Publish(new FleetEvent.Settled(entry));
        }
    }

    /// <summary>Publishes the holds that are new, or end later than when they were last published. Those of its own replies this process knows.</summary>
    public void PublishHolds(IReadOnlyList<StoredHold> holds, bool again)
    {
        foreach (var hold in holds)
        {
            if (Learn(hold, again) && hold.LeftOn(time) > TimeSpan.Zero && !string.Equals(hold.ToldTo, member, StringComparison.Ordinal))
            {
                Publish(new FleetEvent.HoldTold(hold.ToHold(time)));
            }
        }
    }

    /// <summary>Holds that the core was given when the journal was opened.</summary>
    public void Learn(IReadOnlyList<StoredHold> holds)
    {
        foreach (var hold in holds)
        {
            Learn(hold, again: false);
        }
    }

    /// <summary>A hold of a lane that this library does not know binds this process to nothing, which is logged once.</summary>
    public void Unreadable(string lane, string scope)
    {
        if (_unreadable.TryAdd((lane, scope), true))
        {
            PostgreSqlLog.HoldUnreadable(logger, lane, scope);
        }
    }

    private bool IsNewlyInherited(string id, long fence)
    {
        var isNew = !_fences.TryGetValue(id, out var known) || known < fence;
        _fences[id] = fence;
        return isNew;
    }

    private bool Learn(StoredHold hold, bool again)
    {
        lock (_lock)
        {
            var key = (hold.Environment, hold.Lane, hold.Scope);
            var isNews = again || !_holds.TryGetValue(key, out var known) || hold.UntilExchangeMs > known.UntilExchangeMs || hold.EndsAt > known.EndsAt;
            _holds[key] = hold;
            return isNews;
        }
    }

    private void Publish(FleetEvent news) => _news.Writer.TryWrite(news);
}
