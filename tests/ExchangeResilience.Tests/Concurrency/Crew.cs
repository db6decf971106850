using System.Collections.Concurrent;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>Threads that begin each round together. They are kept from one round to the next: to start new ones would take longer than most rounds.</summary>
internal sealed class Crew : IDisposable
{
    // Rounds take microseconds; a thread that is away for so long will not come back.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Barrier _line;
    private readonly ConcurrentQueue<Exception> _failures = [];
    private Action<int>? _work;
    private bool _isStuck;

    public Crew(int size)
    {
        _line = new Barrier(size + 1);
        for (var i = 0; i < size; i++)
        {
            new Thread(index => Serve((int)index!)) { IsBackground = true }.Start(i);
        }
    }

    /// <summary>Lets every thread do its part of one round, and throws what any of them threw.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        _line.SignalAndWait();
        _isStuck = !_line.SignalAndWait(Patience);
        _isStuck.ShouldBeFalse("a thread does not come back");
        _failures.ShouldBeEmpty();
    }

    public void Dispose()
    {
        if (!_isStuck)
        {
            _work = null;
            _line.SignalAndWait();
        }
    }

    private void Serve(int index)
    {
        while (true)
        {
            _line.SignalAndWait();
            if (_work is not { } work)
            {
                return;
            }

            try
            {
                work(index);
            }
            catch (Exception failure)
            {
                _failures.Enqueue(failure);
            }

            _line.SignalAndWait();
        }
    }
}
