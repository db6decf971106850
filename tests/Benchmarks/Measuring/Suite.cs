using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;

namespace Benchmarks.Measuring;

/// <summary>
/// Runs a class of benchmarks, each case in a process of its own, and reads its figures. The parameter or method called by <see cref="RowParameter"/> names a row, the other
/// parameters together name its table.
/// </summary>
internal static class Suite
{
    /// <summary>The parameter whose values are compared with each other; without it, the methods are.</summary>
    public const string RowParameter = "Row";

    /// <exception cref="InvalidOperationException">A case could not be measured; the log says why.</exception>
    public static IReadOnlyList<Measured> Run<TBenchmarks>(string bench, RunOptions options)
    {
        var log = Path.Combine(options.Folder, $"{bench}.log");
        Summary summary;
        using (var logger = new StreamLogger(log))
        {
            var config = ManualConfig.CreateEmpty()
                .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.KeepBenchmarkFiles)
                .WithArtifactsPath(Path.Combine(options.Folder, "benchmarkdotnet"))
                .AddLogger(logger)
                .AddColumnProvider(DefaultColumnProviders.Instance)
                .AddDiagnoser(MemoryDiagnoser.Default)
                .WithOrderer(new AsDeclared())
                .AddEventProcessor(new Progress(bench))
                .AddJob(JobOf(options));
            summary = BenchmarkRunner.Run<TBenchmarks>(config);
        }

        var rows = summary.Reports.Where(report => report.Success && report.ResultStatistics is not null).Select(RowOf).ToList();
        return rows.Count > 0 && rows.Count == summary.BenchmarksCases.Length
            ? rows
            : throw new InvalidOperationException($"{rows.Count} of {summary.BenchmarksCases.Length} cases of {bench} were measured; see {log}.");
    }

    public static string NameOf(BenchmarkCase benchmark) => $"{TableOf(benchmark)}: {RowNameOf(benchmark)}";

    public static string TableOf(BenchmarkCase benchmark)
    {
        var parameters = benchmark.Parameters.Items.Where(parameter => parameter.Name != RowParameter).Select(parameter => $"{parameter.Value}").ToList();
        return parameters is [] ? "all" : string.Join(", ", parameters);
    }

    private static Job JobOf(RunOptions options)
    {
        var job = Job.Default.WithStrategy(RunStrategy.Throughput);
        return options.Quick
            ? job.WithWarmupCount(1).WithIterationCount(3).WithIterationTime(TimeInterval.FromMilliseconds(20))
            : job.WithMinWarmupCount(8).WithMaxWarmupCount(15).WithMinIterationCount(15).WithMaxIterationCount(25).WithIterationTime(TimeInterval.FromMilliseconds(200));
    }

    private static Measured RowOf(BenchmarkReport report) => new(
        TableOf(report.BenchmarkCase),
        RowNameOf(report.BenchmarkCase),
        report.ResultStatistics!.Median,
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);

    private static string RowNameOf(BenchmarkCase benchmark) =>
        benchmark.Parameters.Items.FirstOrDefault(parameter => parameter.Name == RowParameter)?.Value?.ToString() ?? benchmark.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
}
