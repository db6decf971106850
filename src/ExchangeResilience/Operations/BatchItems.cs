namespace ExchangeResilience;

/// <summary>The items of one request, in its order, and the parameter that holds them.</summary>
internal sealed record BatchItems(string Parameter, IReadOnlyList<BatchItem> Items)
{
    /// <summary>The parameter's value with some of the items only.</summary>
    public static string Write(IEnumerable<BatchItem> items) => $"[{string.Join(',', items.Select(item => item.Json))}]";
}
