namespace ExchangeResilience;

/// <summary>The verdicts on their way up to one call of the application, through whatever stands above the middleware and may send again, time out or throw.</summary>
internal sealed class Hearing(ClaimTable claims)
{
    private readonly Lock _lock = new();
    private readonly List<Claim> _claims = [];
    private bool _isOver;

    /// <summary>The client order ids the application's message was given here; null where it bore its own.</summary>
    public HashSet<string>? GivenIds { get; init; }

    /// <summary>
    /// The application's message is a cancel, and one of its sends may have worked. Cancels are not claimed, so a repeat from above would else know nothing of the
    /// one before, and take a refusal of its own for the whole truth.
    /// </summary>
    public bool CancelMayHaveWorked { get; set; }

    /// <summary>A verdict has left the middleware. Until the call is over its claim stands, so that a repeat from above is given the same.</summary>
    public void Add(Claim claim)
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _claims.Add(claim);
                return;
            }
        }

        claims.KeepUnheard(claim);
    }

    /// <summary>The application is being told, or has gone. What has not left by now must not leave any more: nobody would be told of it.</summary>
    public bool IsOver
    {
        get { lock (_lock) { return _isOver; } }
    }

    /// <summary>Ends the listening. Gives the claim under which another send of the message has left after one that did nothing; null where none has, or it did nothing either.</summary>
    public Claim? Close()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        return _claims.Select(claims.SuccessorOf).FirstOrDefault(static successor => successor is not null);
    }

    /// <summary>The call is over. A verdict counts as heard if the application was told what is known.</summary>
    public void End(bool heard)
    {
        lock (_lock)
        {
            _isOver = true;
        }

        foreach (var claim in _claims)
        {
            if (heard)
            {
                claims.End(claim);
            }
            else
            {
                claims.KeepUnheard(claim);
            }
        }
    }
}
