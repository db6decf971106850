using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>The calls of the application that are running, by the names of what they want. Guarded by the table's lock, but for the ids.</summary>
internal sealed class RunningCalls
{
    private static readonly List<ApplicationCall> None = [];

    private readonly Dictionary<OrderName, List<ApplicationCall>> _calls = [];
    private readonly HashSet<UnreadCall> _unread = [];
    private readonly ConcurrentDictionary<string, bool> _givenIds = new(StringComparer.Ordinal);

    public long LastNumber { get; private set; }

    public IEnumerable<OrderName> Names => _calls.Keys;

    public IEnumerable<KeyValuePair<OrderName, List<ApplicationCall>>> ByName => _calls;

    public bool IsGiven(string id) => _givenIds.ContainsKey(id);

    public long NextNumber() => ++LastNumber;

    /// <summary>Those that have been made, and of which nothing is known yet but that.</summary>
    public IReadOnlyCollection<UnreadCall> Unread => _unread;

    /// <summary>Whether one of those had been made when the call of that number had.</summary>
    public bool AreUnread(long upTo)
    {
        foreach (var unread in _unread)
        {
            if (unread.Number <= upTo)
            {
                return true;
            }
        }

        return false;
    }

    public UnreadCall Announce(Lock @lock)
    {
        var unread = new UnreadCall(NextNumber(), this, @lock);
        _unread.Add(unread);
        return unread;
    }

    /// <summary>It is read, or never will be.</summary>
    public void Forget(UnreadCall unread) => _unread.Remove(unread);

    public List<ApplicationCall> Of(in OrderName name) => _calls.GetValueOrDefault(name, None);

    /// <summary>Whether a call is running that means the claim, or may.</summary>
    public bool MayHold(Claim claim) => _unread.Count > 0 || Hold(claim);

    /// <summary>Whether a call is running that means the claim.</summary>
    public bool Hold(Claim claim)
    {
        foreach (var call in Of(claim.Key))
        {
            if (call.Means(claim))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The newest open call that wants all of the wishes, else the newest that wants one of them; null where none does.</summary>
    public ApplicationCall? Find(Wish[] wishes, AccountIdentity account)
    {
        ApplicationCall? partly = null;
        foreach (var wish in wishes)
        {
            ApplicationCall? last = null;
            ApplicationCall? whole = null;
            foreach (var call in Of(wish.Name))
            {
                if (!call.IsClosed && call.Wants(wish) && call.Account.Compare(account) != SameAccount.No)
                {
                    last = call;
                    whole = call.Wants(wishes) ? call : whole;
                }
            }

            if (whole is not null)
            {
                return whole;
            }

            partly ??= last;
        }

        return partly;
    }

    public void Add(ApplicationCall call)
    {
        if (call.GivenIds is { } given)
        {
            foreach (var id in given)
            {
                _givenIds[id] = true;
            }
        }

        foreach (var wish in call.Wishes)
        {
            if (!_calls.TryGetValue(wish.Name, out var running))
            {
                _calls[wish.Name] = running = new List<ApplicationCall>(1);
            }

            foreach (var other in running)
            {
                if (other.Wants(wish) && other.Account.Compare(call.Account) != SameAccount.No)
                {
                    Share(other, call);
                }
            }

            running.Add(call);
        }
    }

    private static void Share(ApplicationCall equal, ApplicationCall call)
    {
        equal.IsShared = call.IsShared = true;
        foreach (var claim in equal.Joined)
        {
            claim.Delivery.MarkTroubled();
        }
    }

    public void Remove(ApplicationCall call)
    {
        call.IsClosed = true;
        if (call.GivenIds is { } given)
        {
            foreach (var id in given)
            {
                _givenIds.TryRemove(id, out _);
            }
        }

        foreach (var wish in call.Wishes)
        {
            if (_calls.TryGetValue(wish.Name, out var running) && running.Remove(call) && running.Count == 0)
            {
                _calls.Remove(wish.Name);
            }
        }
    }
}
