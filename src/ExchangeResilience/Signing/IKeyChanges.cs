namespace ExchangeResilience;

/// <summary>What a change of one client's keys means to the rest of the program.</summary>
internal interface IKeyChanges
{
    /// <summary>Whether the settings name the account: then each key is of it.</summary>
    bool AccountIsNamed { get; }

    /// <summary>Whether the exchange shows two keys to be of one account; it is queried with either.</summary>
    Task<SameAccount> CompareAsync(SigningCredentials inForce, SigningCredentials next);

    /// <summary>One key is about to take the place of another of its account.</summary>
    void Replacing(SigningCredentials before, SigningCredentials next);

    /// <summary>Another key is in force.</summary>
    void Replaced();
}
