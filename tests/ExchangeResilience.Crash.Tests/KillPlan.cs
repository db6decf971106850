namespace ExchangeResilience.Crash.Tests;

/// <summary>What a run is doing when it is killed.</summary>
internal enum Stage
{
    /// <summary>It starts: the journal is opened and what stands in it is taken up.</summary>
    Restoring,

    /// <summary>An order is about to be written down, or just has been.</summary>
    Recording,

    /// <summary>An order has arrived at the exchange.</summary>
    Sending,

    /// <summary>The exchange is asked about an order in doubt.</summary>
    Reconciling,

    /// <summary>Anything.</summary>
    Anywhere,
}

/// <summary>When a run is killed: so long after so many signs of a stage.</summary>
internal sealed record KillMoment(Stage Stage, int Signs, TimeSpan Delay);

/// <summary>Deals the moments, the same for the same seed. What a run has come to by then is the machine's affair.</summary>
internal sealed class KillPlan(int seed)
{
    private static readonly Stage[] Stages = Enum.GetValues<Stage>();
    private readonly Random _random = new(seed);
    private int _dealt;

    /// <summary>The stages take turns; everything else is chance.</summary>
    public KillMoment Next() => Stages[_dealt++ % Stages.Length] switch
    {
        Stage.Restoring => new(Stage.Restoring, 1, Milliseconds(250)),
        Stage.Recording => new(Stage.Recording, _random.Next(1, 12), Milliseconds(4)),
        Stage.Sending => new(Stage.Sending, _random.Next(1, 12), Milliseconds(25)),
        Stage.Reconciling => new(Stage.Reconciling, _random.Next(1, 15), Milliseconds(40)),
        _ => new(Stage.Anywhere, 1, Milliseconds(300)),
    };

    private TimeSpan Milliseconds(int most) => TimeSpan.FromMilliseconds(_random.NextDouble() * most);
}
