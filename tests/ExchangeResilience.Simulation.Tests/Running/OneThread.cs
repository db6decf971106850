using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Running;

/// <summary>
/// Runs work on a thread pool of one thread, and moves manual time on whenever nothing else can run. Everything, the driver included, happens on that thread one
/// after the other, so that the same work takes the same course each time; and that nothing is queued proves that all is quiet, which takes no time to find out.
/// </summary>
internal sealed class OneThread : IThreadPoolWorkItem, IDisposable
{
    private readonly ManualTimeProvider _time;
    private readonly Func<Task> _start;
    private readonly long _limit;
    private readonly ManualResetEventSlim _over = new();
    private Task? _work;
    private Exception? _fault;

    private OneThread(ManualTimeProvider time, Func<Task> start, TimeSpan limit)
    {
        _time = time;
        _start = start;
        _limit = time.GetTimestamp() + limit.Ticks;
    }

    /// <summary>Makes this process fit for it; false where its pool has more threads or its runtime sees more processors.</summary>
    public static bool Prepare()
    {
        // No real time has a say here, however busy the machine is.
        HostThread.Patience = Timeout.InfiniteTimeSpan;
        return Environment.ProcessorCount == 1 && ThreadPool.SetMinThreads(1, 1) && ThreadPool.SetMaxThreads(1, 1);
    }

    /// <summary>Runs work to its end.</summary>
    /// <param name="time">The time it takes its timers from.</param>
    /// <param name="start">The work.</param>
    /// <param name="limit">How much manual time it may take.</param>
    /// <exception cref="TimeoutException">It took more, or waits for what no timer will bring.</exception>
    public static void Run(ManualTimeProvider time, Func<Task> start, TimeSpan limit)
    {
        using var thread = new OneThread(time, start, limit);
        ThreadPool.UnsafeQueueUserWorkItem(thread, preferLocal: false);
        thread._over.Wait();
        if (thread._fault is not null)
        {
            throw thread._fault;
        }

        thread._work!.GetAwaiter().GetResult();
    }

    public void Execute()
    {
        try
        {
            _work ??= _start();
            while (ThreadPool.PendingWorkItemCount == 0)
            {
                if (_work.IsCompleted)
                {
                    _over.Set();
                    return;
                }

                if (_time.NextDue is not { } next || _time.GetTimestamp() + next.Ticks > _limit)
                {
                    throw new TimeoutException($"After {_time.Elapsed} the work is not done, and {(_time.NextDue is null ? "no timer is due" : "its time is up")}.");
                }

                _time.Advance(next);
            }

            // Behind everything that is queued.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        catch (Exception fault)
        {
            _fault = fault;
            _over.Set();
        }
    }

    public void Dispose() => _over.Dispose();
}
