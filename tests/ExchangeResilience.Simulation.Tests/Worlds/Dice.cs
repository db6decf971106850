namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>Randomness from a seed: SplitMix64, the same on every machine and runtime.</summary>
internal sealed class Dice(ulong state)
{
    private ulong _state = state;

    /// <summary>Dice of their own for a part of a world, so that leaving another part out changes nothing here.</summary>
    public static Dice For(int seed, string part) => new(Hash((uint)seed, part));

    /// <summary>0 to 1, decided by seed and text alone.</summary>
    public static double Draw(int seed, string text) => ToDouble(Mix(Hash((uint)seed, text)));

    public double Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        return ToDouble(Mix(_state));
    }

    public bool Chance(double probability) => Next() < probability;

    /// <summary>From the first to the last, both included.</summary>
    public int Int(int first, int last) => first + (int)(Next() * (last - first + 1));

    public TimeSpan Milliseconds(int first, int last) => TimeSpan.FromMilliseconds(Int(first, last));

    public T Pick<T>(params ReadOnlySpan<T> from) => from[Int(0, from.Length - 1)];

    private static double ToDouble(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    private static ulong Hash(ulong seed, string text)
    {
        var hash = 14695981039346656037UL ^ Mix(seed + 0x9E3779B97F4A7C15UL);
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return hash;
    }
}
