using System.Globalization;

namespace ExchangeResilience;

/// <summary>The anchor of an error in the reference of all codes.</summary>
internal static class CodeReference
{
    private const string Page = "docs/codes.md";

    public static string AnchorOf(int code, string name) =>
        code == 0 ? name.ToLowerInvariant().Replace('_', '-') : string.Create(CultureInfo.InvariantCulture, $"code-{Math.Abs((long)code)}");

    public static string LinkTo(string anchor) => $"{Page}#{anchor}";
}
