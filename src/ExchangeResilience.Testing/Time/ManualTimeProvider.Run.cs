using System.Globalization;

namespace ExchangeResilience.Testing;

public sealed partial class ManualTimeProvider
{
    private const int LooksBeforeSleep = 200;
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromDays(1);
    private static readonly TimeSpan SharedPoolQuietTime = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan BusyPoolQuietTime = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long, in real time, <c>RunAsync</c> waits for something to happen when no timer is due and the work is not done, and for work that
    /// keeps a thread busy, before it gives up. Defaults to 30 seconds.
    /// </summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long, in real time, everything must stay quiet before <c>RunAsync</c> moves the clocks. Zero, the default, is right for work that stays in
    /// memory; work that waits for real sockets, files or processes needs a few tens of milliseconds, since nothing shows that they are about to answer.
    /// </summary>
    public TimeSpan QuietTime { get; set; }

    /// <summary>Starts <paramref name="work"/> and drives the clocks until it is done: lets everything that can run do so, then moves on to the next timer.</summary>
    /// <param name="work">The work, which takes its time from this provider. It runs on the thread pool.</param>
    /// <param name="limit">How much manual time it may take; a day unless given.</param>
    /// <exception cref="TimeoutException">The work needed more manual time than <paramref name="limit"/>, or waits for something that no timer will bring.</exception>
    public Task RunAsync(Func<Task> work, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return DriveAsync(flow => flow.Start(work), limit);
    }

    /// <inheritdoc cref="RunAsync(Func{Task}, TimeSpan?)" />
    /// <typeparam name="T">What the work gives.</typeparam>
    /// <returns>What the work gave.</returns>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return await ((Task<T>)await DriveAsync(flow => flow.Start(work), limit).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Drives the clocks until work that has already started is done.</summary>
    /// <param name="work">The started work. What it runs on the thread pool cannot be distinguished from what others run there, so this overload
    /// moves more slowly than those that start the work themselves; prefer them.</param>
    /// <param name="limit">How much manual time it may take; a day unless given.</param>
    /// <exception cref="TimeoutException">The work needed more manual time than <paramref name="limit"/>, or waits for something that no timer will bring.</exception>
    public Task RunAsync(Task work, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return DriveAsync(_ => work, limit);
    }

    /// <summary>Lets everything that can run do so, without moving the clocks: when it returns, all work that is left waits for time, or for something outside.</summary>
    /// <exception cref="TimeoutException">The thread pool did not come to rest within <see cref="Patience"/>.</exception>
    public Task SettleAsync() => Task.Factory.StartNew(
        () =>
        {
            if (!WaitUntilQuiet(new WorkFlow(), new TaskCompletionSource().Task))
            {
                throw new TimeoutException($"The thread pool has been busy for {Patience}.");
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async Task<Task> DriveAsync(Func<WorkFlow, Task> start, TimeSpan? limit)
    {
        // A thread of its own: the driver spins while others work, and timers fire on it.
        var work = await Task.Factory.StartNew(() => Drive(start, limit ?? DefaultLimit), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        await work.ConfigureAwait(false);
        return work;
    }

    private Task Drive(Func<WorkFlow, Task> start, TimeSpan limit)
    {
        var flow = new WorkFlow();
        var work = start(flow);
        var began = GetTimestamp();
        var lastDue = began + limit.Ticks;

        while (true)
        {
            var quiet = WaitUntilQuiet(flow, work);
            if (work.IsCompleted)
            {
                return work;
            }

            if (!quiet)
            {
                throw new TimeoutException(Describe(began, $"the work has kept a thread busy for {Patience}; something in it blocks or spins"));
            }

            if (NextDue is not { } next)
            {
                if (WaitForChange(work))
                {
                    continue;
                }

                throw new TimeoutException(Describe(began, "no timer is due, and the work waits for something else"));
            }

            if (GetTimestamp() + next.Ticks > lastDue)
            {
                throw new TimeoutException(Describe(began, $"the work is not done, its limit is {limit}, and the next timer is due in {next}"));
            }

            if (TakeDue(GetTimestamp() + next.Ticks) is { } due)
            {
                due.Fire();
            }
        }
    }

    /// <summary>Lets everything that can run do so. False if it never ends.</summary>
    private bool WaitUntilQuiet(WorkFlow flow, Task work)
    {
        var began = System.GetTimestamp();
        var quietSince = began;
        var fewest = int.MaxValue;
        var last = Look(flow);

        for (var looks = 0; !work.IsCompleted; looks++)
        {
            var now = Look(flow);
            if (now.Running > 0 || now.Queued > 0 || !now.IsLike(last))
            {
                last = now;
                quietSince = System.GetTimestamp();
                fewest = int.MaxValue;
                if (System.GetElapsedTime(began) > Patience)
                {
                    return false;
                }
            }
            else
            {
                fewest = Math.Min(fewest, now.Workers);
                if (System.GetElapsedTime(quietSince) >= QuietTimeFor(flow, now.Workers))
                {
                    flow.Strangers = fewest;
                    return true;
                }
            }

            // Yielding is quick; a work that computes is better served by a driver that does not compete with it.
            if (looks < LooksBeforeSleep)
            {
                Thread.Yield();
            }
            else
            {
                Task.WaitAny([work], millisecondsTimeout: 1);
            }
        }

        return true;
    }

    /// <summary>
    /// How long the work must look quiet. Between leaving the queue and entering the flow a work item is in neither count, but no thread of the pool at work
    /// proves that there is none. Threads at work may be other tests': those seen to stay are expected to, and only time makes it certain enough.
    /// </summary>
    private TimeSpan QuietTimeFor(WorkFlow flow, int workers) =>
        workers == 0 ? QuietTime
        : workers <= flow.Strangers ? TimeSpan.Max(QuietTime, SharedPoolQuietTime)
        : TimeSpan.Max(QuietTime, BusyPoolQuietTime);

    /// <summary>Waits, in real time, for the work to end or a timer to be armed.</summary>
    private bool WaitForChange(Task work)
    {
        var before = Interlocked.Read(ref _changes);
        var since = System.GetTimestamp();
        while (System.GetElapsedTime(since) < Patience)
        {
            if (Task.WaitAny([work], millisecondsTimeout: 1) == 0 || Interlocked.Read(ref _changes) != before)
            {
                return true;
            }
        }

        return false;
    }

    private Snapshot Look(WorkFlow flow)
    {
        // In this order: an item that moves from the queue to a thread is then seen by a later count if an earlier one missed it.
        var (entered, running) = (flow.Entered, flow.Running);
        var queued = ThreadPool.PendingWorkItemCount;
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var idle, out _);
        return new Snapshot(running, queued, most - idle, entered, Interlocked.Read(ref _changes));
    }

    private string Describe(long began, string trouble) =>
        string.Create(CultureInfo.InvariantCulture, $"After {TimeSpan.FromTicks(GetTimestamp() - began)} of manual time (now {this}): {trouble}.");

    /// <summary>What can be seen of the work at one instant.</summary>
    private readonly record struct Snapshot(int Running, long Queued, int Workers, long Entered, long Changes)
    {
        /// <summary>Nothing happened between the two. The number of the pool's threads says how hard to look, not that this work has moved.</summary>
        public bool IsLike(Snapshot other) => Entered == other.Entered && Changes == other.Changes;
    }

    /// <summary>
    /// Counts the threads that are executing the work at this instant. An ambient value flows with the work, and the runtime
    /// signals when a thread takes it on or puts it off; that is exact, and blind to everything else on the pool.
    /// </summary>
    private sealed class WorkFlow
    {
        private readonly AsyncLocal<WorkFlow?> _current;
        private int _running;
        private long _entered;

        public WorkFlow() => _current = new AsyncLocal<WorkFlow?>(OnChanged);

        /// <summary>How many threads of the pool were at work, for others, when this work was last found quiet.</summary>
        public int Strangers { get; set; }

        public int Running => Volatile.Read(ref _running);

        public long Entered => Interlocked.Read(ref _entered);

        public Task Start(Func<Task> work) => Begin(() => Task.Run(work));

        public Task Start<T>(Func<Task<T>> work) => Begin(() => Task.Run(work));

        private Task Begin(Func<Task> start)
        {
            _current.Value = this;
            try
            {
                return start();
            }
            finally
            {
                _current.Value = null;
            }
        }

        private void OnChanged(AsyncLocalValueChangedArgs<WorkFlow?> change)
        {
            if (change.PreviousValue == this)
            {
                Interlocked.Decrement(ref _running);
            }

            if (change.CurrentValue == this)
            {
                Interlocked.Increment(ref _entered);
                Interlocked.Increment(ref _running);
            }
        }
    }
}
