namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>Who makes the requests of a program, and who signs them.</summary>
public enum KindOfClient
{
    /// <summary>A typed client that this library signs for.</summary>
    Typed,

    /// <summary>Refit, which this library signs for.</summary>
    Refit,

    /// <summary>A library that signs for itself, with a key that this library has too.</summary>
    SelfSigningKeyHere,

    /// <summary>A library that signs for itself, with a key that this library knows nothing of.</summary>
    SelfSigningNoKeyHere,
}

/// <summary>What stands above the middleware.</summary>
public enum Above
{
    Nothing,
    Standard,
    Hedging,
    Pipeline,
}
