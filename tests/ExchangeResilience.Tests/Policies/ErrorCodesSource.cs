using System.Globalization;
using System.Security;
using System.Text;

namespace ExchangeResilience.Tests.Policies;

/// <summary>The source of the constants that name a venue's codes, as its table has them.</summary>
internal static class ErrorCodesSource
{
    private const string Head = """
        namespace ExchangeResilience;

        /// <summary>
        /// The codes of <see cref="ExchangeVenue.BinanceUsdFutures"/> by name, for <see cref="ExchangeError.Is"/> and <see cref="ErrorCatalog.TryGet"/>. Names are the exchange's own,
        /// oddities included; where several codes share one, each bears its number. Made from the table of errors; a test holds the two against each other.
        /// </summary>
        public static class ExchangeErrorCodes
        {
        """;

    public static string Of(ErrorCatalog catalog)
    {
        var shared = catalog.All.CountBy(static row => NameOf(row), StringComparer.Ordinal).Where(static name => name.Value > 1).Select(static name => name.Key).ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder(Head.ReplaceLineEndings("\n")).Append('\n');
        foreach (var row in catalog.All)
        {
            var name = NameOf(row);
            text.Append(string.Create(CultureInfo.InvariantCulture, $"""
                    /// <summary>{row.Code} <c>{row.Name}</c> ({row.Category}, {row.Execution}): {SecurityElement.Escape(row.Advice)}</summary>
                    public const int {(shared.Contains(name) ? string.Create(CultureInfo.InvariantCulture, $"{name}{-row.Code}") : name)} = {row.Code};


                """).ReplaceLineEndings("\n"));
        }

        text.Length--;
        return text.Append("}\n").ToString();
    }

    private static string NameOf(ErrorDefinition row) =>
        string.Concat(row.Name.Split('_', ' ').Select(static word => string.Concat(word[..1].ToUpperInvariant(), word[1..].ToLowerInvariant())));
}
