namespace ExchangeResilience;

/// <summary>What the table says to a request that wants to leave.</summary>
internal enum ClaimAnswer
{
    /// <summary>No other call has it: send.</summary>
    Go,

    /// <summary>The same request is in flight, in doubt, or has a verdict that answers this one too: wait for it.</summary>
    Join,

    /// <summary>The id is taken by a request with other parameters.</summary>
    OtherRequest,

    /// <summary>An equal order without an id of its own is in doubt under a generated one.</summary>
    TwinInDoubt,

    /// <summary>Too many orders are in doubt.</summary>
    TooManyInDoubt,

    /// <summary>Another amendment that may be of the same order is in flight, or an equal order is in doubt whose cancel was confirmed to the caller: wait for it, then claim again.</summary>
    Serialise,

    /// <summary>An order of this name is unfinished, and nothing shows whether it is of the same account.</summary>
    AccountUnclear,

    /// <summary>A later call has sent what contradicts this one.</summary>
    Overtaken,

    /// <summary>The application's call is over, and it has its answer.</summary>
    TooLate,
}
