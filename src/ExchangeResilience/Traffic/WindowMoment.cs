namespace ExchangeResilience;

/// <summary>Which of the exchange's windows an instant is in, and where.</summary>
/// <param name="Number">The window's number.</param>
/// <param name="Straddles">Whether what leaves now may be counted in the next window.</param>
/// <param name="Observed">What the exchange has counted in it, as far as known.</param>
/// <param name="Late">What had left too early to straddle, and was unanswered when the window began: it may be counted here.</param>
internal readonly record struct WindowMoment(long Number, bool Straddles, int Observed, int Late = 0);
