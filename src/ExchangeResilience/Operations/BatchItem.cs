namespace ExchangeResilience;

/// <summary>One item of a batch: what it asks for, and the JSON it asks in.</summary>
internal sealed record BatchItem(string Json, ExchangeOperation Operation);

/// <summary>The items of one request, in its order, and the parameter they stand in.</summary>
internal sealed record BatchItems(string Parameter, IReadOnlyList<BatchItem> Items)
{
    /// <summary>The parameter's value with some of the items only.</summary>
    public static string Write(IEnumerable<BatchItem> items) => $"[{string.Join(',', items.Select(item => item.Json))}]";
}
