namespace ExchangeResilience.Testing;

/// <summary>What a request did to an order, or to a position's margin.</summary>
public enum EffectKind
{
    /// <summary>Took it on.</summary>
    Placed = 0,

    /// <summary>Changed its price or quantity.</summary>
    Amended,

    /// <summary>Cancelled it.</summary>
    Cancelled,

    /// <summary>Took on a conditional order.</summary>
    AlgoPlaced,

    /// <summary>Cancelled a conditional order.</summary>
    AlgoCancelled,

    /// <summary>Added to a position's margin, or took from it.</summary>
    MarginChanged,
}
