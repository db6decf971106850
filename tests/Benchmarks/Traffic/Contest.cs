namespace Benchmarks.Traffic;

/// <summary>Threads that pass the same door as often as they can, all at once, over and over.</summary>
internal sealed class Contest : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _threads;
    private readonly IDoor _door;
    private readonly int _turns;
    private volatile bool _isRefused;
    private volatile bool _isOver;

    private Contest(int threads, int turns, IDoor door)
    {
        _door = door;
        _turns = turns / threads;
        _barrier = new Barrier(threads + 1);
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(TakePart) { IsBackground = true })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <param name="threads">How many take part.</param>
    /// <param name="turns">How many turns they take together in one heat.</param>
    /// <param name="door">What is contended.</param>
    public static Contest Start(int threads, int turns, IDoor door) => new(threads, turns, door);

    /// <summary>Lets all of them take their turns.</summary>
    /// <exception cref="InvalidOperationException">Somebody would have had to wait at the door.</exception>
    public void RunHeat()
    {
        _barrier.SignalAndWait();
        _barrier.SignalAndWait();
        if (_isRefused)
        {
            throw new InvalidOperationException("The limit that nobody reaches was reached.");
        }
    }

    public void Dispose()
    {
        _isOver = true;
        _barrier.SignalAndWait();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _barrier.Dispose();
    }

    private void TakePart()
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_isOver)
            {
                return;
            }

            for (var turn = 0; turn < _turns; turn++)
            {
                if (!_door.Pass())
                {
                    _isRefused = true;
                    break;
                }
            }

            _barrier.SignalAndWait();
        }
    }
}
