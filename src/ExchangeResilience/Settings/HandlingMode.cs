namespace ExchangeResilience;

/// <summary>What the middleware does with what it learns.</summary>
public enum HandlingMode
{
    /// <summary>Classify, wait, heal, reconcile.</summary>
    Enforce = 0,

    /// <summary>Classify and report only: every request is sent once, at once, and nothing is protected. A running program does not change to it.</summary>
    Observe,
}
