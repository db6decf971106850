using System.Text;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Something that reads bytes others wrote. An instance belongs to one thread.</summary>
internal abstract class FuzzTarget
{
    private readonly HashSet<string> _reached = new(StringComparer.Ordinal);

    public abstract string Name { get; }

    /// <summary>How many inputs a test run tries: what it can in a few seconds.</summary>
    public abstract int Inputs { get; }

    /// <summary>Valid inputs, or nearly so, to be mutated.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>How many leading bytes are no content but choose among statuses, rows and the like.</summary>
    public virtual int SelectorBytes => 0;

    /// <summary>Words of the target's language, to be put anywhere.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>What a run must come by at least once, or its inputs are too tame or too wild to prove anything.</summary>
    public virtual IReadOnlyList<string> Milestones => [];

    /// <summary>The bound of what one input may allocate: so much, and so much for each of its bytes.</summary>
    public virtual (long Base, long PerByte) Allocation => (64 * 1024, 256);

    public IReadOnlyCollection<string> Reached => _reached;

    /// <summary>The invariant that the input breaks; null where it breaks none.</summary>
    public abstract Trouble? Try(byte[] input);

    protected void Reach(string milestone) => _reached.Add(milestone);

    protected static int Choice(byte[] input, int place) => place < input.Length ? input[place] : 0;

    protected byte[] Content(byte[] input) => input.Length <= SelectorBytes ? [] : input[SelectorBytes..];

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>A target whose work is measured apart from the judgement of what came of it.</summary>
internal abstract class FuzzTarget<TOutcome> : FuzzTarget
{
    // Of the processor's time: a machine that does something else meanwhile must not fail a test. No input needs a hundredth of it, and only one that needs it every time is a find.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);
    private const int Retries = 3;

    public sealed override Trouble? Try(byte[] input)
    {
        Trouble? trouble = null;
        for (var tries = 0; tries < Retries; tries++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Environment.CpuUsage.TotalTime;
            TOutcome outcome;
            try
            {
                outcome = Act(input);
            }
            catch (Exception error) when (Allows(error))
            {
                return null;
            }
            catch (Exception error)
            {
                return Trouble.Of(error);
            }

            // The first input of all also pays for what is made once.
            trouble = Exceeds(input.Length, GC.GetAllocatedBytesForCurrentThread() - allocated, Environment.CpuUsage.TotalTime - started);
            if (trouble is null)
            {
                return Judge(input, outcome) is { } rule ? Describe(rule, outcome) : null;
            }
        }

        return trouble;
    }

    /// <summary>What the product does with the bytes.</summary>
    protected abstract TOutcome Act(byte[] input);

    /// <summary>The rule of meaning that the outcome breaks, by a reading of the bytes that owes nothing to the product's; null where it breaks none.</summary>
    protected abstract string? Judge(byte[] input, TOutcome outcome);

    /// <summary>Whether the exception is one the product documents for such bytes.</summary>
    protected virtual bool Allows(Exception error) => false;

    private static Trouble Describe(string rule, TOutcome outcome) => new(rule, outcome?.ToString() ?? "null");

    private Trouble? Exceeds(int length, long allocated, TimeSpan elapsed)
    {
        var (most, perByte) = Allocation;
        return most != long.MaxValue && allocated > most + (perByte * length) ? new("allocates too much", $"{allocated} bytes for {length}")
            : elapsed > TimeLimit ? new("takes too long", $"{elapsed} for {length} bytes")
            : null;
    }
}
