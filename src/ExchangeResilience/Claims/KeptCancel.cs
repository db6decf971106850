namespace ExchangeResilience;

/// <summary>A cancel that named an order whose outcome was unknown. It is sent once the order is known to be open, until the exchange answers.</summary>
internal sealed class KeptCancel(long number)
{
    private int _fate;
    private int _isTaken;

    /// <summary>The number of the call that made it: a repeat of the order by an earlier call must not leave.</summary>
    public long Number { get; } = number;

    public KeptCancelFate Fate => (KeptCancelFate)Volatile.Read(ref _fate);

    public bool IsOpen => Fate == KeptCancelFate.Kept;

    /// <summary>True once: for the sender.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    /// <summary>False where it had ended already.</summary>
    public bool End(KeptCancelFate fate) => Interlocked.CompareExchange(ref _fate, (int)fate, (int)KeptCancelFate.Kept) == (int)KeptCancelFate.Kept;
}
