namespace ExchangeResilience;

/// <summary>The parameters that say what a mutation wants, found in one walk; null where the request has none of the name. Of a name that occurs twice the first counts, as at the exchange.</summary>
internal readonly struct OrderParameters
{
    public OrderParameters(ExchangeEndpoint endpoint, RequestParameters parameters)
    {
        foreach (var parameter in parameters)
        {
            if (endpoint.ClientIdParameter is { } clientId && parameter.IsNamed(clientId))
            {
                ClientId ??= parameter.Value;
                continue;
            }

            if (endpoint.OrderIdParameter is { } orderId && parameter.IsNamed(orderId))
            {
                OrderId ??= parameter.Value;
                continue;
            }

            var raw = parameter.RawName;
            switch (ParameterText.HasEscapes(raw) ? parameter.Name : raw)
            {
                case "symbol": Symbol ??= parameter.Value; break;
                case "side": Side ??= parameter.Value; break;
                case "type": Type ??= parameter.Value; break;
                case "quantity": Quantity ??= parameter.Value; break;
                case "price": Price ??= parameter.Value; break;
                case "priceMatch": PriceMatch ??= parameter.Value; break;
                case "stopPrice": StopPrice ??= parameter.Value; break;
                case "triggerPrice": TriggerPrice ??= parameter.Value; break;
                case "activationPrice": ActivationPrice ??= parameter.Value; break;
                case "activatePrice": ActivatePrice ??= parameter.Value; break;
                case "positionSide": PositionSide ??= parameter.Value; break;
                case "reduceOnly": ReduceOnly ??= parameter.Value; break;
                case "closePosition": ClosePosition ??= parameter.Value; break;
                case "timestamp": Timestamp ??= parameter.Value; break;
                case "recvWindow": RecvWindow ??= parameter.Value; break;
            }
        }
    }

    /// <summary>Under the name that the endpoint has for the caller's own id.</summary>
    public string? ClientId { get; }

    /// <summary>Under the name that the endpoint has for the exchange's id.</summary>
    public string? OrderId { get; }

    public string? Symbol { get; }
    public string? Side { get; }
    public string? Type { get; }
    public string? Quantity { get; }
    public string? Price { get; }
    public string? PriceMatch { get; }
    public string? StopPrice { get; }
    public string? TriggerPrice { get; }
    public string? ActivationPrice { get; }
    public string? ActivatePrice { get; }
    public string? PositionSide { get; }
    public string? ReduceOnly { get; }
    public string? ClosePosition { get; }
    public string? Timestamp { get; }
    public string? RecvWindow { get; }
}
