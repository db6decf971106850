using ExchangeResilience;

namespace TradingBot;

/// <summary>Hears how trading goes. Called from several threads at once.</summary>
internal interface ITradeLog
{
    /// <summary>An order has met its fate after so many tries; <paramref name="why"/> where it is a sad one.</summary>
    void Settled(int number, Fate fate, int tries, string? why);

    /// <summary>An order provably did nothing and is sent again after a wait.</summary>
    void SentAgain(int number, ExchangeError why, TimeSpan wait);

    /// <summary>The outcome of an order is still not known after a whole call.</summary>
    void StillUnknown(int number, ExchangeError why);

    /// <summary>Something the library has to say.</summary>
    void Notice(string text);
}
