using System.Collections.Concurrent;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>One call as the thread saw it that made it: what was asked and answered, and where among all beginnings and ends it began and ended.</summary>
internal sealed record Call<T>(int Thread, T Said, long Began, long Ended)
{
    public override string ToString() => $"[{Began,3} {Ended,3}] {Thread}: {Said}";
}

/// <summary>What several threads asked at once, and were answered.</summary>
internal sealed class History<T>
{
    private readonly ConcurrentQueue<Call<T>> _calls = [];
    private long _moment;

    public IReadOnlyList<Call<T>> Calls => [.. _calls.OrderBy(call => call.Began)];

    public T Record(int thread, Func<T> call)
    {
        var began = Interlocked.Increment(ref _moment);
        var said = call();
        _calls.Enqueue(new Call<T>(thread, said, began, Interlocked.Increment(ref _moment)));
        return said;
    }

    public override string ToString() => string.Join(Environment.NewLine, Calls);
}

/// <summary>
/// Whether answers given to several threads at once could have been given to one thread after the other, each between the beginning and the end of its call
/// (Wing and Gong, 1993).
/// </summary>
internal static class Linearizability
{
    private const int MostSteps = 5_000_000;

    /// <param name="calls">What was asked and answered.</param>
    /// <param name="start">What the sequential model starts from.</param>
    /// <param name="answer">The model: what it becomes by a call with that answer; nothing where it would have answered otherwise.</param>
    public static bool Explains<TState, T>(IReadOnlyList<Call<T>> calls, TState start, Func<TState, T, IEnumerable<TState>> answer)
    {
        var done = new bool[calls.Count];
        var steps = 0;
        return Search(start, calls.Count);

        bool Search(TState state, int left)
        {
            if (left == 0)
            {
                return true;
            }

            (++steps).ShouldBeLessThan(MostSteps, "the history is too long to be searched");

            // Whatever began after some other call had ended comes after that.
            var firstEnd = long.MaxValue;
            for (var i = 0; i < calls.Count; i++)
            {
                if (!done[i])
                {
                    firstEnd = Math.Min(firstEnd, calls[i].Ended);
                }
            }

            for (var i = 0; i < calls.Count; i++)
            {
                if (done[i] || calls[i].Began > firstEnd)
                {
                    continue;
                }

                done[i] = true;
                foreach (var next in answer(state, calls[i].Said))
                {
                    if (Search(next, left - 1))
                    {
                        return true;
                    }
                }

                done[i] = false;
            }

            return false;
        }
    }
}
