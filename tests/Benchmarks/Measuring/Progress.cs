using BenchmarkDotNet.EventProcessors;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Benchmarks.Measuring;

/// <summary>One line for each case that is done.</summary>
internal sealed class Progress(string bench) : EventProcessor
{
    private int _cases;
    private int _done;

    public override void OnStartBuildStage(IReadOnlyList<BuildPartition> partitions) => Console.WriteLine($"{bench}: building");

    public override void OnStartRunBenchmarksInType(Type type, IReadOnlyList<BenchmarkCase> benchmarks) => _cases = benchmarks.Count;

    public override void OnEndRunBenchmark(BenchmarkCase benchmarkCase, BenchmarkReport report)
    {
        var figure = report.ResultStatistics is { } statistics ? Comparison.Text(statistics.Median, "#,0.0") + " ns" : "not measured";
        Console.WriteLine($"{bench}: {++_done}/{_cases}  {Suite.NameOf(benchmarkCase)}  {figure}");
    }
}
