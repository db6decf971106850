namespace ExchangeResilience;

/// <summary>What the body of a 2xx must hold before a mutation counts as done.</summary>
[Flags]
internal enum SuccessProof
{
    /// <summary>Any 2xx without a negative code.</summary>
    NoNegativeCode = 0,
    OrderId = 1,
    AlgoId = 2,

    /// <summary><c>"code":200</c>, as number or as text.</summary>
    Code200 = 4,

    /// <summary>The bare text <c>SUCCESS</c>.</summary>
    SuccessText = 8,

    /// <summary>An array of items, each of them judged by itself.</summary>
    Items = 16,
    Leverage = 32,
    CountdownTime = 64,
    ListenKey = 128,

    /// <summary>An empty object, as order/test and PUT listenKey give.</summary>
    EmptyObject = 256,
}
