namespace Benchmarks.Measuring;

/// <summary>Something that can be measured by name.</summary>
internal sealed record Bench(string Name, string Description)
{
    /// <summary>A class of BenchmarkDotNet's; null where there is none.</summary>
    public Type? Cases { get; init; }

    /// <summary>What is measured without BenchmarkDotNet.</summary>
    public Func<Report, RunOptions, Task>? MeasureAsync { get; init; }

    /// <summary>How the figures are to be read.</summary>
    public string? Note { get; init; }
}
