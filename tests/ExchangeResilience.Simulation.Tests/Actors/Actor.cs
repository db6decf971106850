using System.Globalization;
using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Somebody in the program who does one thing in one way. What it draws depends on seed and number alone.</summary>
internal abstract record Actor(int Number, TimeSpan StartAt)
{
    /// <summary>Where all trade but those that need a market to themselves.</summary>
    public const string Market = "BTCUSDT";

    public virtual int Lifecycles => 1;

    public virtual string Symbol => Market;

    protected string Id => string.Create(CultureInfo.InvariantCulture, $"{GetType().Name}-{Number}");

    protected string OwnMarket => string.Create(CultureInfo.InvariantCulture, $"A{Number}USDT");

    public abstract Task PlayAsync(Application app, Dice dice);

    /// <summary>What it tries when all has been quiet for long.</summary>
    public virtual Task PlayEpilogueAsync(Application app) => Task.CompletedTask;

    public sealed override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{GetType().Name} {Number}");

    /// <summary>A quantity that nobody else asks for.</summary>
    protected decimal Quantity(int part) => 1 + (Number * 0.1m) + (part * 0.001m);

    protected decimal Price(int part) => 40_000m + (Number * 10) + part;

    protected OrderTermsWanted Limit(int part = 0, string? id = null) => new()
    {
        Number = (Number * 100) + part,
        Symbol = Symbol,
        Side = "BUY",
        Type = "LIMIT",
        TimeInForce = "GTC",
        Price = Price(part),
        Quantity = Quantity(part),
        Id = id ?? (part == 0 ? Id : string.Create(CultureInfo.InvariantCulture, $"{Id}-{part}")),
    };

    protected OrderTermsWanted AtMarket(int part = 0, string? id = null) => Limit(part, id) with { Type = "MARKET", TimeInForce = null, Price = null };
}
