namespace ExchangeResilience;

/// <summary>Where a request goes, whose it is and under which settings, with the state it shares with every other request of that kind.</summary>
internal sealed record Route(ExchangeClient Client, ClientSettings Settings, string Environment, Uri Host, Gate Gate, ExchangeClock Clock, ObservedLimits Limits)
{
    /// <summary>Scheme and authority, as the request has written them.</summary>
    public required string Origin { get; init; }

    /// <summary>Whether its host answers.</summary>
    public required HostSilence Silence { get; init; }

    /// <summary>What is known of whose request it is.</summary>
    public required AccountIdentity Identity { get; init; }

    /// <summary>The key this library signs with is the key the request goes out under.</summary>
    public bool CanSign { get; init; }

    /// <summary>It leads to a host that the client trades on, so that its key may go there. What was true once stays so.</summary>
    public bool MayHaveKey => _mayHaveKey || (_mayHaveKey = Client.TradesOn(Host));

    private bool _mayHaveKey;

    /// <summary>The gate was opened for this one call.</summary>
    public bool IsForOneCall { get; init; }

    public void Leave()
    {
        if (IsForOneCall)
        {
            Gate.Release();
        }
    }
}
