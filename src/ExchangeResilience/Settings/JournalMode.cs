namespace ExchangeResilience;

/// <summary>When an order is written into the journal, where there is one.</summary>
public enum JournalMode
{
    /// <summary>Before it leaves, each attempt on stable storage first. A crash at any moment loses nothing.</summary>
    WriteAhead = 0,

    /// <summary>Once its outcome is unknown. Costs nothing while all is well; a crash forgets the orders that were in flight. The journal is not read before an order leaves, so one
    /// that an earlier run settled without a caller that got the verdict is sent again if it is meant again.</summary>
    OnUnknown,
}
