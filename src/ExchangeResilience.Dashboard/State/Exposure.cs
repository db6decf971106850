using System.Globalization;

namespace ExchangeResilience.Dashboard;

/// <summary>Sums what orders in doubt may have bought and sold, by symbol.</summary>
internal static class Exposure
{
    public static IReadOnlyList<ExposureView> Of(IEnumerable<(string Symbol, OrderTerms Terms)> orders) =>
    [
        .. orders.GroupBy(static order => order.Symbol, StringComparer.Ordinal).OrderBy(static symbol => symbol.Key, StringComparer.Ordinal)
            .Select(static symbol => new ExposureView(symbol.Key, Sum(symbol, "BUY"), Sum(symbol, "SELL"), symbol.Count(static order => !IsSized(order.Terms)))),
    ];

    private static string? Sum(IEnumerable<(string Symbol, OrderTerms Terms)> orders, string side)
    {
        var quantities = orders.Where(order => IsSized(order.Terms) && IsOf(order.Terms, side)).Select(static order => order.Terms.Quantity.GetValueOrDefault()).ToList();
        return quantities.Count == 0 ? null : Text(quantities.Aggregate(AddWithin));
    }

    private static bool IsSized(OrderTerms terms) => terms.Quantity is not null && (IsOf(terms, "BUY") || IsOf(terms, "SELL"));

    private static bool IsOf(OrderTerms terms, string side) => string.Equals(terms.Side, side, StringComparison.OrdinalIgnoreCase);

    // Quantities come from requests, which may ask for anything.
    private static decimal AddWithin(decimal sum, decimal more) => more > decimal.MaxValue - sum ? decimal.MaxValue : sum + more;

    private static string Text(decimal sum) => sum.ToString("0.############################", CultureInfo.InvariantCulture);
}
