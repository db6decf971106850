using BenchmarkDotNet.EventProcessors;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Benchmarks.Measuring;

/// <summary>One line for each case that is done.</summary>
internal sealed class Progress : EventProcessor
{
    private int _cases;
    private int _done;

    public override void OnStartBuildStage(IReadOnlyList<BuildPartition> partitions)
    {
        _cases = partitions.Sum(partition => partition.Benchmarks.Length);
        Console.WriteLine($"building {_cases} cases");
    }

    public override void OnEndRunBenchmark(BenchmarkCase benchmarkCase, BenchmarkReport report)
    {
        var figure = report.ResultStatistics is { } statistics ? Comparison.Text(statistics.Median, "#,0.0") + " ns" : "not measured";
        Console.WriteLine($"{++_done}/{_cases}  {benchmarkCase.Descriptor.Type.Name}, {Suite.NameOf(benchmarkCase)}: {figure}");
    }
}
