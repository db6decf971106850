namespace ExchangeResilience;

/// <summary>
/// One call of the application, from its entry at the outermost handler until it is answered there. A send belongs to it by name and terms alone, whichever handler, thread
/// or queue brings it, so that nothing has to travel with the message. A copy inherits the age of the call that it copies, and what overtook or cancelled it.
/// </summary>
internal sealed class ApplicationCall(long number, Wish[] wishes, AccountIdentity account, ApplicationCall? copied = null)
{
    // A handler above that sends again, or a copy through another client, mostly does so within the call. This gives a copy's age, and of equal calls the one whose send it is, and
    // nothing else: a queue or a worker loop loses it.
    private static readonly AsyncLocal<ApplicationCall?> Ambient = new();

    private readonly Lock _lock = new();
    private readonly List<(object Word, Claim? Claim)> _answers = new(capacity: 1);
    private (OrderName Name, Claim? By)[] _overtaken = copied?.Overtaken ?? [];
    private readonly List<Claim> _joined = new(capacity: 1);
    private Dictionary<OrderName, long>? _cancelledBy = copied?._cancelledBy is { } inherited ? new(inherited) : null;
    private int _sends = copied?.HasLeft == true ? 1 : 0;

    /// <summary>The call in whose course the code at hand runs, as far as that shows.</summary>
    public static ApplicationCall? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Calls are numbered as they begin, a copy like what it copies: of two contrary wishes the later one holds.</summary>
    public long Number { get; } = number;

    public Wish[] Wishes { get; } = wishes;

    public AccountIdentity Account { get; } = account;

    /// <summary>What its message was read as when it began; null where the call is a send's own.</summary>
    public ReadMessage? Message { get; set; }

    /// <summary>The client order ids that its message was given here; null where it bore its own.</summary>
    public HashSet<string>? GivenIds { get; init; }

    /// <summary>No call was running for the send, so that it is one of its own.</summary>
    public bool IsSendsOwn { get; init; }

    /// <summary>Its answer is being returned to the application, so that nothing of it may leave any more. Guarded by the table's lock.</summary>
    public bool IsClosed { get; set; }

    /// <summary>What is known by now of the orders that its sends, or an equal call's, went out under, or met.</summary>
    public IReadOnlyList<Claim> Joined
    {
        get
        {
            lock (_lock)
            {
                var latest = new List<Claim>(_joined.Count);
                foreach (var claim in _joined)
                {
                    if (claim.Latest is var last && !latest.Contains(last))
                    {
                        latest.Add(last);
                    }
                }

                return latest;
            }
        }
    }

    /// <summary>What it adds, once one of its sends has.</summary>
    public AdditiveRequest? Addition { get; set; }

    /// <summary>What its last send was answered with, a response or an exception; null while none was.</summary>
    public object? LastAnswer { get; set; }

    /// <summary>A cancel or setting of it has left and may have worked.</summary>
    public bool SendMayHaveWorked { get; set; } = copied?.SendMayHaveWorked == true;

    /// <summary>A later cancel of all has left: what this call places after it, and the cancel applies to, is cancelled as soon as it is open. Guarded by the table's lock.</summary>
    public void CancelBy(in OrderName cancelOfAll, long number) => (_cancelledBy ??= [])[cancelOfAll] = number;

    /// <summary>The number of the latest cancel of all that means an order of this name, or 0. Guarded by the table's lock.</summary>
    public long CancelOf(in OrderName place)
    {
        var last = 0L;
        if (_cancelledBy is null)
        {
            return last;
        }

        foreach (var (cancel, number) in _cancelledBy)
        {
            last = cancel.Cancels(place) ? Math.Max(last, number) : last;
        }

        return last;
    }

    /// <summary>An equal call ran in parallel. A caller that got nothing from one of the two may call again. Guarded by the table's lock.</summary>
    public bool IsShared { get; set; }

    /// <summary>What it cancels; of a batch, what is left to cancel.</summary>
    public IReadOnlyList<OrderName> Cancels { get => field ?? [.. Wishes.Select(static wish => wish.Name)]; set; }

    /// <summary>Its cancels that took effect: of which order, of which account, and at which exchange's time, 0 where that is not known. Guarded by the table's lock.</summary>
    public IReadOnlyList<(OrderName Cancel, AccountIdentity Account, long AtMs)> Cancelled { get; private set; } = [];

    public void NoteCancelled(in OrderName cancel, AccountIdentity account, long atMs) => Cancelled = [.. Cancelled, (cancel, account, atMs)];

    /// <summary>The orders that its cancel may have missed, because they were in flight as it left: of a cancel of all as one of its sends did, else as the last.</summary>
    public IReadOnlyList<Claim> UnderWay { get; set; } = [];

    /// <summary>Whether the call that it copies has met the claim too, and so answers the application for both.</summary>
    public bool IsCopyOfOneThatMet(Claim claim) => copied?.Joined.Contains(claim) == true;

    public bool HasLeft => Volatile.Read(ref _sends) > 0;

    public void Leave() => Interlocked.Increment(ref _sends);

    /// <summary>A send that was to leave has not.</summary>
    public void Stay() => Interlocked.Decrement(ref _sends);

    public bool Wants(in Wish wish) => Array.IndexOf(Wishes, wish) >= 0;

    public bool Wants(Wish[] wishes)
    {
        foreach (var wish in wishes)
        {
            if (!Wants(wish))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The claim is of an order that it wants. Where nothing shows whether it is of the same account, it is only if this call began it, through a client of another key.</summary>
    public bool Means(Claim claim) => Wants(claim.Wish) && Account.Compare(claim.Origin.Account) switch
    {
        SameAccount.Yes => true,
        SameAccount.Unclear => claim.AskedBy == Number,
        _ => false,
    };

    /// <summary>False where it had met the claim before.</summary>
    public bool Meet(Claim claim)
    {
        lock (_lock)
        {
            if (_joined.Contains(claim))
            {
                return false;
            }

            _joined.Add(claim);
            return true;
        }
    }

    /// <summary>A contrary wish has left since: what it wants under that name must not leave any more, unless the other was refused.</summary>
    public void Overtake(in OrderName name, Claim? by)
    {
        lock (_lock)
        {
            _overtaken = [.. _overtaken, (name, by)];
        }
    }

    public bool IsOvertaken(OrderName name)
    {
        lock (_lock)
        {
            foreach (var (overtaken, by) in _overtaken)
            {
                if (overtaken == name && by?.Latest.DidNothing != true)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>A response or exception is being returned: of an order, one that carries the verdict of its claim.</summary>
    public void Answer(object word, Claim? claim = null)
    {
        lock (_lock)
        {
            _answers.Add((word, claim));
        }
    }

    /// <summary>Whether a response or exception is one of its sends', or wraps it.</summary>
    public bool IsAnsweredBy(object? word)
    {
        lock (_lock)
        {
            return _answers.Exists(answer => Holds(word, answer.Word));
        }
    }

    /// <summary>The claims whose verdict the application has with a response or exception, or with one that it wraps.</summary>
    public IReadOnlyList<Claim> ToldBy(object? word)
    {
        var told = new List<Claim>(capacity: 1);
        lock (_lock)
        {
            foreach (var (answer, claim) in _answers)
            {
                if (Holds(word, answer) && claim?.Latest is { } known && !told.Contains(known))
                {
                    told.Add(known);
                }
            }
        }

        // A handler above may have put a response of its own in place of ours: a success stays one.
        return told is [] && word is HttpResponseMessage { IsSuccessStatusCode: true }
            ? [.. Joined.Where(static claim => claim.Outcome is { Execution: ExecutionStatus.Executed })]
            : told;
    }

    private (OrderName Name, Claim? By)[] Overtaken
    {
        get { lock (_lock) { return _overtaken; } }
    }

    private static bool Holds(object? word, object answer) =>
        ReferenceEquals(word, answer) || (word is Exception { InnerException: { } inner } && Holds(inner, answer));
}
