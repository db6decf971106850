namespace ExchangeResilience.Testing;

/// <summary>One endpoint: what it costs, who may call it, and what answers.</summary>
internal sealed record Route(string Method, string Path, Access Access, int Weight, Func<Call, Answer> Run)
{
    /// <summary>The weight of a call without a symbol, where that differs.</summary>
    public int? WeightForAll { get; init; }

    /// <summary>The weight, where it depends on how much is requested.</summary>
    public Func<Parameters, int>? Weighed { get; init; }

    public Fidelity Fidelity { get; init; } = Fidelity.Kept;

    public int OrdersPer10Seconds { get; init; }

    public int OrdersPerMinute { get; init; }

    /// <summary>The matching engine checks the window again.</summary>
    public bool EngineChecksWindow { get; init; }

    public IReadOnlyList<string> Mandatory { get; init; } = [];

    /// <summary>What the gate refuses before anything reaches the engine.</summary>
    public Func<Call, Refusal?> Check { get; init; } = static call => call.CheckSymbol();

    public bool CountsOrders => OrdersPer10Seconds > 0;

    public int WeightOf(Parameters parameters) => Weighed?.Invoke(parameters) ?? (parameters.Has("symbol") ? Weight : WeightForAll ?? Weight);
}
