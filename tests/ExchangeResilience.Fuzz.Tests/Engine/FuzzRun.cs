using System.Diagnostics;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Tries one input of a target after the other. An instance belongs to one thread.</summary>
internal sealed class FuzzRun : IDisposable
{
    private const int MostFinds = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly FuzzTarget _target;
    private readonly long _seed;
    private readonly Mutator _mutator;
    private readonly Dictionary<string, Find> _finds = new(StringComparer.Ordinal);
    private readonly Timer _watchdog;
    private long _index;
    private long _started = Stopwatch.GetTimestamp();

    public FuzzRun(FuzzTarget target, long seed)
    {
        _target = target;
        _seed = seed;
        _mutator = new Mutator(target);
        _watchdog = new Timer(_ => Watch(), null, LookEvery, LookEvery);
    }

    /// <summary>What was found, one of each kind.</summary>
    public IReadOnlyCollection<Find> Finds => _finds.Values;

    /// <summary>False where so much was found that more would not help.</summary>
    public bool Run(long first, long count)
    {
        for (var index = first; index < first + count && _finds.Count < MostFinds; index++)
        {
            Volatile.Write(ref _index, index);
            Volatile.Write(ref _started, Stopwatch.GetTimestamp());
            var input = _mutator.Make(_seed, index);
            if (_target.Try(input) is { } trouble && !_finds.ContainsKey(trouble.Rule))
            {
                var smallest = Minimiser.Minimise(_target, input, trouble.Rule);
                _finds.Add(trouble.Rule, new Find(_target.Name, _seed, index, _target.Try(smallest) ?? trouble, smallest));
            }
        }

        return _finds.Count < MostFinds;
    }

    public void Dispose() => _watchdog.Dispose();

    // Nothing can end a thread that never comes back, so the process ends with the input's name as its last word.
    private void Watch()
    {
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref _started)) > Patience && !Debugger.IsAttached)
        {
            var index = Volatile.Read(ref _index);
            Environment.FailFast($"{_target.Name}: seed {_seed}, index {index} has not ended after {Patience}: {Convert.ToBase64String(_mutator.Make(_seed, index))}");
        }
    }
}
