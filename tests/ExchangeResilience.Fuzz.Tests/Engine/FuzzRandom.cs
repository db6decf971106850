namespace ExchangeResilience.Fuzz.Tests;

/// <summary>SplitMix64: each input has a source of its own, made of seed and index, so that any input can be made again without those before it.</summary>
internal sealed class FuzzRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state;

    public FuzzRandom(long seed, long index) => _state = Mix((ulong)seed * Golden) ^ Mix((ulong)index + Golden);

    /// <summary>Below <paramref name="end"/>, which must be positive.</summary>
    public int Next(int end) => (int)Math.BigMul(Next(), (ulong)end, out _);

    public bool OneIn(int times) => Next(times) == 0;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    public T Pick<T>(ReadOnlySpan<T> from) => from[Next(from.Length)];

    private ulong Next() => Mix(_state += Golden);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
