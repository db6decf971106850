using System.Globalization;

namespace ExchangeResilience;

/// <summary>Reads what a mutation wants from its parameters.</summary>
internal static class OperationReader
{
    // A window that cannot be read is taken at the longest any product documents.
    private const long LongestRecvWindowMs = 60_000;

    // Divided by it, a number loses the zeros at its end.
    private const decimal OneToTheLastPlace = 1.0000000000000000000000000000m;

    // What the exchange assumes where a parameter is missing (new order page).
    private static readonly (string Name, string Value)[] Defaults =
    [
        ("positionSide", "BOTH"), ("reduceOnly", "false"), ("closePosition", "false"), ("priceProtect", "false"), ("priceMatch", "NONE"), ("workingType", "CONTRACT_PRICE"),
    ];

    public static ExchangeOperation Read(ExchangeEndpoint endpoint, RequestParameters parameters, bool idIsGenerated = false, BatchItems? items = null, string? seal = null)
    {
        if (!endpoint.IsListed)
        {
            return IsSigned(endpoint, parameters) ? new ExchangeOperation(endpoint) { MayBeOrder = true } : endpoint.PlainOperation;
        }

        var given = new OrderParameters(endpoint, parameters);
        var isNameless = endpoint is { Kind: OperationKind.Place, IsClaimed: true } && given.ClientId is null or "";
        return new ExchangeOperation(endpoint)
        {
            Symbol = given.Symbol,
            ClientOrderId = endpoint.IsBatch || given.ClientId is "" ? null : given.ClientId,
            OrderId = endpoint.IsBatch || given.OrderId is "" ? null : given.OrderId,
            Risk = items is null ? ReadRisk(endpoint, given) : RiskOf(items),
            Terms = TermsOf(endpoint, given),
            Traits = endpoint.History is { } history ? TraitsOf(history, parameters) : null,
            Fingerprint = items is null && endpoint.Kind is OperationKind.Place or OperationKind.Amend or OperationKind.Additive ? Fingerprint(endpoint, parameters) : "",
            Seal = isNameless ? seal : null,
            IdIsGenerated = idIsGenerated || (isNameless && seal is not null),
            ForeignStampMs = Whole(given.Timestamp),
            ForeignRecvWindowMs = given.RecvWindow is { } window ? Whole(window) ?? LongestRecvWindowMs : null,
        };
    }

    // A caller that signs by itself may do so in the body, which does not make the request one to sign here.
    private static bool IsSigned(ExchangeEndpoint endpoint, RequestParameters parameters) =>
        endpoint.Security == EndpointSecurity.Signature || parameters.TryFind("timestamp", out _) || parameters.TryFind("signature", out _);

    // With priceMatch the exchange chooses the price.
    private static OrderTerms TermsOf(ExchangeEndpoint endpoint, in OrderParameters given) =>
        new(given.Side, given.Type, Number(given.Quantity), given.PriceMatch is null or "NONE" ? Number(given.Price) : null)
        {
            StopPrice = Number(given.StopPrice ?? given.TriggerPrice),
            ActivationPrice = Number(given.ActivationPrice ?? given.ActivatePrice),
            PositionSide = given.PositionSide,
            ReduceOnly = endpoint.Kind == OperationKind.Place ? IsTrue(given.ReduceOnly) : null,
        };

    // The exchange judges by positionSide and side in hedge mode, where reduceOnly cannot be sent (general info, -1008). An amendment has none of these: the order that it changes decides.
    private static RiskDirection ReadRisk(ExchangeEndpoint endpoint, in OrderParameters given)
    {
        if (endpoint.Kind == OperationKind.Amend)
        {
            return RiskDirection.Increasing;
        }

        var reduces = IsTrue(given.ClosePosition)
            || (IsTrue(given.ReduceOnly) && (given.PositionSide is null || Same(given.PositionSide, "BOTH")))
            || (Same(given.PositionSide, "LONG") && Same(given.Side, "SELL"))
            || (Same(given.PositionSide, "SHORT") && Same(given.Side, "BUY"));
        return reduces ? RiskDirection.Reducing : RiskDirection.Increasing;
    }

    // One order that may raise risk is enough for the exchange to refuse, and for others to wait.
    private static RiskDirection RiskOf(BatchItems items) =>
        items.Items.Count > 0 && items.Items.All(item => item.Operation.Risk == RiskDirection.Reducing) ? RiskDirection.Reducing : RiskDirection.Increasing;

    private static Dictionary<string, string> TraitsOf(EndpointHistory history, RequestParameters parameters)
    {
        var traits = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in history.Questions.Concat(history.Comparisons))
        {
            if (parameters[name] is { Length: > 0 } value && !IsDefault(name, value))
            {
                traits[name] = value;
            }
        }

        return traits;
    }

    // A program that reads its order back from a database may write 0.01 as 0.01000000.
    private static string Plain(string value) =>
        value.Contains('.', StringComparison.Ordinal) && decimal.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (number / OneToTheLastPlace).ToString(CultureInfo.InvariantCulture)
            : value;

    /// <summary>What a request wants, however it is written. Time window, signature, form of the reply and parameters at the exchange's default do not count.</summary>
    private static string Fingerprint(ExchangeEndpoint endpoint, RequestParameters parameters)
    {
        using var written = new PooledText();
        var pairs = new List<Range>(capacity: 8);
        foreach (var parameter in parameters)
        {
            if (!parameter.IsNamed("timestamp") && !parameter.IsNamed("recvWindow") && !parameter.IsNamed("signature") && !parameter.IsNamed("newOrderRespType")
                && (endpoint.ClientIdParameter is null || !parameter.IsNamed(endpoint.ClientIdParameter))
                && !IsDefault(parameter))
            {
                var start = written.Length;
                Append(written, parameter);
                pairs.Add(start..written.Length);
            }
        }

        pairs.Sort((one, other) => written.Written[one].SequenceCompareTo(written.Written[other]));
        using var text = new PooledText();
        foreach (var pair in pairs)
        {
            text.Append(text.Length == 0 ? "" : "\n");
            text.Append(written.Written[pair]);
        }

        return text.Hash();
    }

    private static void Append(PooledText pairs, in RequestParameter parameter)
    {
        // Most are written in one way only.
        var raw = parameter.Raw;
        var isSymbol = parameter.IsNamed("symbol");
        if (!isSymbol && raw.Contains('=') && !raw.Contains('.') && !ParameterText.HasEscapes(raw))
        {
            pairs.Append(raw);
            return;
        }

        var value = parameter.Value;
        pairs.Append(parameter.Name);
        pairs.Append('=');
        pairs.Append(isSymbol ? value.ToUpperInvariant() : Plain(value));
    }

    private static bool IsDefault(in RequestParameter parameter)
    {
        foreach (var (name, value) in Defaults)
        {
            if (parameter.IsNamed(name) && Same(parameter.Value, value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDefault(string name, string value) => Array.Exists(Defaults, standard => string.Equals(name, standard.Name, StringComparison.Ordinal) && Same(value, standard.Value));

    private static bool IsTrue(string? value) => Same(value, "true");

    private static bool Same(string? left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long? Whole(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
