using System.Numerics;

namespace ExchangeResilience;

/// <summary>How many attempts have left, how many of them failed, and how long their replies took. Counts without a lock and allocates nothing.</summary>
internal sealed class AttemptPulse
{
    // Eight steps for each doubling, so that a length is exact to within six percent; the last is some two minutes.
    private const int StepBits = 3;
    private const int Steps = 1 << StepBits;
    private const int Lengths = 28 * Steps;

    private readonly long[] _lengths = new long[Lengths];
    private long _failed;
    private long _orders;

    /// <summary>An attempt has ended: how long it took from leaving to the reply, how many orders it placed or amended, and whether it took effect.</summary>
    public void Add(TimeSpan took, int orders, bool succeeded)
    {
        Interlocked.Increment(ref _lengths[StepOf(took)]);
        if (orders > 0)
        {
            Interlocked.Add(ref _orders, orders);
        }

        if (!succeeded)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    public Counts Read() => new(Volatile.Read(ref _orders), Volatile.Read(ref _failed), [.. _lengths]);

    private static int StepOf(TimeSpan took)
    {
        var microseconds = (ulong)Math.Max(0, took.Ticks / TimeSpan.TicksPerMicrosecond);
        if (microseconds < Steps)
        {
            return (int)microseconds;
        }

        var doublings = BitOperations.Log2(microseconds) - StepBits;
        return Math.Min(Lengths - 1, (doublings * Steps) + (int)(microseconds >> doublings));
    }

    private static TimeSpan LengthOf(int step)
    {
        var doublings = Math.Max(0, (step / Steps) - 1);
        var low = (step - (doublings * Steps)) << doublings;
        return TimeSpan.FromMicroseconds(low + ((1 << doublings) / 2.0));
    }

    /// <summary>All that was counted up to a moment.</summary>
    internal sealed record Counts(long Orders, long Failed, IReadOnlyList<long> Lengths)
    {
        public long Requests => Lengths.Sum();

        /// <summary>What was counted after an earlier moment.</summary>
        public Counts Since(Counts earlier) => new(Orders - earlier.Orders, Failed - earlier.Failed, [.. Lengths.Zip(earlier.Lengths, static (now, then) => now - then)]);

        /// <summary>The length that a share of the replies did not exceed; null where there was none.</summary>
        public TimeSpan? Within(double share)
        {
            var wanted = (long)Math.Ceiling(Requests * share);
            for (var step = 0; wanted > 0 && step < Lengths.Count; step++)
            {
                wanted -= Lengths[step];
                if (wanted <= 0)
                {
                    return LengthOf(step);
                }
            }

            return null;
        }
    }
}
