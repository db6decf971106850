using System.Threading.Channels;

namespace ExchangeResilience;

/// <summary>
/// Where code of the host is called that must not stop an order: on a thread of its own, in the order of the calls. The caller waits for it, so that what it reports is out before
/// anything follows from it; but no longer than a moment, and while the host is behind not at all.
/// </summary>
/// <remarks>The thread ends when it has had nothing to do for a while. A program whose host never returns has lost one thread.</remarks>
internal sealed class HostThread
{
    // Real time: what hangs in the host does not follow the program's own clock.
    internal static TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Idleness = TimeSpan.FromSeconds(10);

    // What exceeds it is lost: a host that is so far behind reads none of it in time.
    private const int MostWaiting = 1024;

    [ThreadStatic]
    private static HostThread? s_current;

    [ThreadStatic]
    private static ManualResetEventSlim? s_done;

    // Its reader is woken by the writer: the pool may have no thread to spare for that.
    private readonly Channel<Errand> _errands = Channel.CreateBounded<Errand>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, AllowSynchronousContinuations = true });
    private volatile bool _isBehind;
    private int _isRunning;

    public void Call(Action call) => Call(new Delegated(call));

    /// <summary>Calls the host. Whatever it throws is its own affair. False where it has not returned yet, and the errand must be left to it.</summary>
    public bool Call(Errand errand)
    {
        errand.Begin();
        if (s_current == this)
        {
            // The host has called us, and we it.
            errand.Run();
            return true;
        }

        // Without spinning: on a busy machine that keeps the core from the very thread it waits for.
        var done = errand.Done = s_done ??= new ManualResetEventSlim(initialState: false, spinCount: 0);
        done.Reset();

        if (!_errands.Writer.TryWrite(errand))
        {
            return true;
        }

        if (Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            new Thread(Run) { IsBackground = true, Name = "ExchangeResilience to its host" }.UnsafeStart();
        }

        if (_isBehind || !done.Wait(Patience))
        {
            // Set late, it must not end the wait for another.
            s_done = null;
            return !(_isBehind = !done.IsSet);
        }

        return true;
    }

    private void Run()
    {
        s_current = this;
        do
        {
            do
            {
                while (_errands.Reader.TryRead(out var errand))
                {
                    errand.Run();
                    _isBehind &= _errands.Reader.Count > 0;
                }
            }
            while (_errands.Reader.WaitToReadAsync().AsTask().Wait(Idleness));

            Volatile.Write(ref _isRunning, 0);
        }
        while (_errands.Reader.Count > 0 && Interlocked.Exchange(ref _isRunning, 1) == 0);
    }

    private sealed class Delegated(Action call) : Errand
    {
        protected override void Act() => call();
    }

    /// <summary>One call of the host.</summary>
    internal abstract class Errand
    {
        // A log line belongs to the scopes and the span of the code that wrote it.
        private ExecutionContext? _context;

        public ManualResetEventSlim? Done { get; set; }

        public void Begin() => _context = ExecutionContext.Capture();

        public void Run()
        {
            try
            {
                if (_context is null)
                {
                    Act();
                }
                else
                {
                    ExecutionContext.Run(_context, static errand => ((Errand)errand!).Act(), this);
                }
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // There is no logger left to write it.
            }

            Done?.Set();
        }

        protected abstract void Act();
    }
}
