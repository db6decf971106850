using System.Globalization;
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
/// Runs classes of benchmarks, built once, each case in a process of its own, and reads their figures. The parameter called <see cref="RowParameter"/>, or else the method,
/// names a row; the other parameters together name its table.
/// </summary>
internal static class Suite
{
    /// <summary>The parameter whose values are compared with each other; without it, the methods are.</summary>
    public const string RowParameter = "Row";

    private const string Log = "benchmarkdotnet.log";

    // The whole library is built anew for it, which a busy machine takes its time for.
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(10);

    /// <summary>What was measured, by class. A class of which any case failed is left out, and complained of.</summary>
    public static Dictionary<Type, List<Measured>> Run(IEnumerable<Type> classes, RunOptions options)
    {
        var measured = new Dictionary<Type, List<Measured>>();
        using var logger = new StreamLogger(Path.Combine(options.Folder, Log));
        var config = ManualConfig.CreateEmpty()
            .WithOptions(ConfigOptions.DisableOptimizationsValidator)
            .WithArtifactsPath(Path.Combine(options.Folder, "benchmarkdotnet"))
            .WithBuildTimeout(BuildTimeout)
            .WithOrderer(new AsDeclared())
            .AddEventProcessor(new Progress())
            .AddLogger(logger)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddJob(JobOf(options));
        var runs = classes.Select(type => BenchmarkConverter.TypeToBenchmarks(type, config)).ToArray();
        if (runs is [])
        {
            return measured;
        }

        foreach (var (run, summary) in runs.Zip(BenchmarkRunner.Run(runs)))
        {
            var rows = summary.Reports.Where(report => report.Success && report.ResultStatistics is not null).Select(RowOf).ToList();
            if (rows.Count == run.BenchmarksCases.Length)
            {
                measured.Add(run.Type, rows);
            }
            else
            {
                Console.Error.WriteLine($"{run.Type.Name}: {rows.Count} of {run.BenchmarksCases.Length} cases were measured; {Log} says why.");
            }
        }

        return measured;
    }

    public static string NameOf(BenchmarkCase benchmark) => $"{TableOf(benchmark)}: {RowNameOf(benchmark)}";

    public static string TableOf(BenchmarkCase benchmark)
    {
        var parameters = benchmark.Parameters.Items
            .Where(parameter => parameter.Name != RowParameter)
            .Select(parameter => parameter.Value as string ?? string.Create(CultureInfo.InvariantCulture, $"{parameter.Name.ToLowerInvariant()}: {parameter.Value}"))
            .ToList();
        return parameters is [] ? "one at a time" : string.Join(", ", parameters);
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
