namespace ExchangeResilience;

/// <summary>What the body of a 2xx must hold before a mutation counts as done; of several, any one will do.</summary>
[Flags]
public enum SuccessProof
{
    /// <summary>Any 2xx without a negative code.</summary>
    NoNegativeCode = 0,

    /// <summary>A positive <c>orderId</c>.</summary>
    OrderId = 1,

    /// <summary>A positive <c>algoId</c>.</summary>
    AlgoId = 2,

    /// <summary><c>"code":200</c>, as number or as text.</summary>
    Code200 = 4,

    /// <summary>The bare text <c>SUCCESS</c>.</summary>
    SuccessText = 8,

    /// <summary>An array of items, each of them judged by itself.</summary>
    Items = 16,

    /// <summary>A positive <c>leverage</c>.</summary>
    Leverage = 32,

    /// <summary>A <c>countdownTime</c>.</summary>
    CountdownTime = 64,

    /// <summary>A <c>listenKey</c>.</summary>
    ListenKey = 128,

    /// <summary>An empty object, as order/test and PUT listenKey give.</summary>
    EmptyObject = 256,
}
