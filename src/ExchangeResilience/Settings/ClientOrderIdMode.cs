namespace ExchangeResilience;

/// <summary>What happens to an order without a client order id.</summary>
public enum ClientOrderIdMode
{
    /// <summary>One is generated and written into the caller's message.</summary>
    Generate = 0,

    /// <summary>The order is refused before it is sent.</summary>
    Require,
}
