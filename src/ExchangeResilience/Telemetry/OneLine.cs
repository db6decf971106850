using System.Globalization;

namespace ExchangeResilience;

/// <summary>Text without what would begin another line, move the cursor or hide what is there.</summary>
internal static class OneLine
{
    public static string Of(string text)
    {
        var isPlain = true;
        foreach (var c in text)
        {
            isPlain &= c < '\u007f' ? c >= ' ' : !IsBreak(c) && !IsUnseen(c);
        }

        return isPlain ? text : string.Concat(text.Where(static c => !IsUnseen(c)).Select(static c => IsBreak(c) ? ' ' : c));
    }

    private static bool IsBreak(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';

    private static bool IsUnseen(char c) => char.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
