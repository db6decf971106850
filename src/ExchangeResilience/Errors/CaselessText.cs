using System.Text;

namespace ExchangeResilience;

/// <summary>ASCII comparison of bytes without regard to case, allocation-free.</summary>
internal static class CaselessText
{
    public static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    /// <summary>Where <paramref name="wanted"/>, which begins with a letter, first occurs; -1 if nowhere.</summary>
    public static int IndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> wanted)
    {
        var lower = (byte)(wanted[0] | 0x20);
        var upper = (byte)(lower & ~0x20);
        for (var from = 0; from <= text.Length - wanted.Length;)
        {
            var next = text[from..].IndexOfAny(lower, upper);
            if (next < 0)
            {
                return -1;
            }

            from += next;
            if (StartsWith(text[from..], wanted))
            {
                return from;
            }

            from++;
        }

        return -1;
    }

    public static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> wanted) => IndexOf(text, wanted) >= 0;
}
