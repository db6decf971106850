using ExchangeResilience.Testing;

namespace ExchangeResilience.Crash.Tests;

/// <summary>Counts the signs of what a run is doing, from what it says and from what the exchange sees of it.</summary>
internal sealed class Signs
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Stage, int> _seen = [];
    private readonly List<(Stage Stage, int Signs, TaskCompletionSource Seen)> _waiting = [];

    /// <summary>Whether the run has taken up what earlier ones left.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Forgets the last run.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _seen.Clear();
            _waiting.Clear();
            IsStarted = false;
        }
    }

    /// <summary>Completes with the last of so many signs.</summary>
    public Task WhenSeen(Stage stage, int signs)
    {
        lock (_lock)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((stage, signs, seen));
            return seen.Task;
        }
    }

    public void Hear(string line)
    {
        if (line == "starting")
        {
            See(Stage.Restoring);
        }
        else if (line == "started")
        {
            IsStarted = true;
            See(Stage.Anywhere);
        }
        else
        {
            See(Stage.Recording);
        }
    }

    public void See(FaultContext request)
    {
        if (request.IsPlace)
        {
            See(Stage.Sending);
        }
        else if (request is { Method: "GET", Path: "/fapi/v1/order" })
        {
            See(Stage.Reconciling);
        }
    }

    private void See(Stage stage)
    {
        lock (_lock)
        {
            var count = _seen[stage] = _seen.GetValueOrDefault(stage) + 1;
            foreach (var (_, _, seen) in _waiting.Where(waiting => waiting.Stage == stage && waiting.Signs == count))
            {
                seen.TrySetResult();
            }
        }
    }
}
