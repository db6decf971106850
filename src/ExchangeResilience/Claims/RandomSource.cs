namespace ExchangeResilience;

/// <summary>Randomness for jitter and generated ids; one per process, replaced by a seeded one in tests.</summary>
internal sealed class RandomSource(Random random)
{
    private const string Letters = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 20;
    private readonly Lock _lock = new();

    /// <summary>0 to 1, for jitter.</summary>
    public double Next()
    {
        lock (_lock)
        {
            return random.NextDouble();
        }
    }

    /// <summary>An id of prefix and 20 letters and digits: about 103 bits, well below the 32 characters every product accepts.</summary>
    public string NextClientOrderId(string prefix) => string.Concat(prefix, NextId());

    public string NextId()
    {
        Span<char> id = stackalloc char[IdLength];
        lock (_lock)
        {
            random.GetItems(Letters, id);
        }

        return id.ToString();
    }
}
