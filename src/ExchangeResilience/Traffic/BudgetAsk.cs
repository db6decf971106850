namespace ExchangeResilience;

/// <summary>A request for room.</summary>
/// <param name="Key">The counter.</param>
/// <param name="Window">The window's number on the exchange's clock: milliseconds since 1970 by the interval.</param>
/// <param name="Need">What the most urgent request lacks; given in full or not at all.</param>
/// <param name="NeedCap">How much of the window may be given away for it.</param>
/// <param name="Wish">What this process would use, the need included; given as far as the others' shares allow.</param>
/// <param name="WishCap">How much of the window may be given away for that.</param>
/// <param name="Observed">What the exchange has counted in this window, as far as this process has seen. What exceeds all that was given was spent outside the fleet.</param>
/// <param name="Taken">What this process took without asking, while the store was away.</param>
internal readonly record struct BudgetAsk(BudgetKey Key, long Window, int Need, int NeedCap, int Wish, int WishCap, int Observed, int Taken);
