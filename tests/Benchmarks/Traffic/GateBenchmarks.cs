using BenchmarkDotNet.Attributes;

namespace Benchmarks.Traffic;

/// <summary>A query's way in and out, by 1 to 16 threads at once.</summary>
public class GateBenchmarks
{
    private const int Turns = 65_536;

    private IDoor? _door;
    private Contest? _contest;

    [Params(1, 2, 4, 8, 16)]
    public int Threads { get; set; }

    [Params(Doors.Locked, Doors.Limiter, Doors.Gate)]
    public string Row { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _door = Doors.Open(Row);
        _contest = Contest.Start(Threads, Turns, _door);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _contest?.Dispose();
        _door?.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Turns)]
    public void Contend() => _contest!.RunHeat();
}
