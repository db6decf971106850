using System.Buffers;

namespace ExchangeResilience;

/// <summary>What the exchange takes as a client order id: <c>^[\.A-Z\:/a-z0-9_-]{1,36}$</c> (new order page).</summary>
internal static class ClientOrderIdRule
{
    /// <summary>As messages show it.</summary>
    public const string Shown = "A-Z a-z 0-9 . _ : / -";

    public static SearchValues<char> Characters { get; } = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-");
}
