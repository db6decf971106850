namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Takes away from an input whatever its trouble does not need.</summary>
internal static class Minimiser
{
    private const int MostTries = 3000;

    public static byte[] Minimise(FuzzTarget target, byte[] input, string rule)
    {
        var tries = 0;
        var kept = target.SelectorBytes;
        for (var piece = Math.Max(1, (input.Length - kept) / 2); piece > 0; piece /= 2)
        {
            for (var at = input.Length - piece; at >= kept && tries < MostTries; at -= piece)
            {
                Try(Mutator.Replace(input, at, piece, []));
                at = Math.Min(at, input.Length);
            }
        }

        for (var at = kept; at < input.Length && tries < MostTries; at++)
        {
            if (input[at] is not ((byte)'a' or (byte)'0'))
            {
                Try(Mutator.Replace(input, at, 1, "0"u8));
            }
        }

        return input;

        void Try(byte[] smaller)
        {
            tries++;
            if (target.Try(smaller)?.Rule == rule)
            {
                input = smaller;
            }
        }
    }
}
