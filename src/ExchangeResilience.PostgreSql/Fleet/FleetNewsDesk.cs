using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.PostgreSql;

/// <summary>What this process waits to hear, and what it has heard: each piece of news is told once, by whichever way it came first.</summary>
internal sealed class FleetNewsDesk(string member, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Channel<FleetNews> _news = Channel.CreateUnbounded<FleetNews>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _awaited = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _doubted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _fences = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Environment, TrafficLane Lane, string Scope), StoredHold> _holds = [];

    public string Member => member;

    /// <summary>Raised where the store may have news that nobody will announce.</summary>
    public Action? Wanted { get; set; }

    /// <summary>Entries of others that stood in this process's way, unsettled.</summary>
    public string[] Awaited => _awaited.IsEmpty ? [] : [.. _awaited.Keys];

    /// <summary>Entries whose writing failed, and which may have been written all the same.</summary>
    public string[] Doubted => _doubted.IsEmpty ? [] : [.. _doubted.Keys];

    public IAsyncEnumerable<FleetNews> ReadAsync(CancellationToken cancellationToken) => _news.Reader.ReadAllAsync(cancellationToken);

    /// <summary>How often an entry had changed hands when it came to this process; 0 for its own.</summary>
    public long FenceOf(string id) => _fences.GetValueOrDefault(id);

    /// <summary>An attempt was written, or something stood in its way.</summary>
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

    public void Doubt(string id) => _doubted[id] = true;

    public bool IsAwaited(string id) => _awaited.ContainsKey(id);

    /// <summary>The inherited entries this process knows it holds.</summary>
    public string[] Inherited => _fences.IsEmpty ? [] : [.. _fences.Keys];

    /// <summary>Entries that this process holds, and did not know it does: taken over, or written by a commit that seemed to have failed.</summary>
    /// <returns>Those that are news.</returns>
    public IReadOnlyList<JournalEntry> Learn(string[] asked, IReadOnlyList<InheritedEntry> found)
    {
        var news = new List<JournalEntry>();
        foreach (var inherited in found)
        {
            // An own one that was written once more meanwhile is in its call's hands.
            if (!(inherited.Fence > 0 ? IsNewlyInherited(inherited.Id, inherited.Fence) : _doubted.ContainsKey(inherited.Id)))
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

        foreach (var id in asked)
        {
            _doubted.TryRemove(id, out _);
        }

        return news;
    }

    public void TellTakenOver(IReadOnlyList<JournalEntry> entries)
    {
        if (entries.Count > 0)
        {
            Tell(new FleetNews.TakenOver(entries));
        }
    }

    /// <summary>Nothing remains to be done about an entry.</summary>
    public void Forget(string id) => _fences.TryRemove(id, out _);

    public void TellSettled(JournalEntry entry)
    {
        if (_awaited.TryRemove(entry.Id, out _))
        {
            Tell(new FleetNews.Settled(entry));
        }
    }

    /// <summary>Tells the holds that are new, or end later than when they were last told. Those that the exchange told this process itself it knows.</summary>
    public void TellHolds(IReadOnlyList<StoredHold> holds, bool again)
    {
        foreach (var hold in holds)
        {
            if (Learn(hold, again) && hold.Left > TimeSpan.Zero && !string.Equals(hold.ToldTo, member, StringComparison.Ordinal))
            {
                Tell(new FleetNews.HoldTold(hold.ToHold(time.GetUtcNow())));
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

    private void Tell(FleetNews news) => _news.Writer.TryWrite(news);
}
