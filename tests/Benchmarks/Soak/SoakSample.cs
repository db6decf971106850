using System.Diagnostics;

namespace Benchmarks.Soak;

/// <summary>What the process holds at one moment, once everything that can be collected is.</summary>
internal sealed record SoakSample
{
    public required TimeSpan At { get; init; }
    public required long Calls { get; init; }
    public required double HeapKb { get; init; }

    /// <summary>Of the heap, arrays of more than 85 KB: what <c>ArrayPool</c> keeps of the buffers long replies were read into.</summary>
    public required double LargeKb { get; init; }
    public required int Gen0 { get; init; }
    public required int Gen1 { get; init; }
    public required int Gen2 { get; init; }
    public required double Descriptors { get; init; }

    /// <summary>Of the descriptors, connections to the exchange that are open, busy or idle.</summary>
    public required double Connections { get; init; }
    public required double Threads { get; init; }
    public required double Timers { get; init; }
    public required double InDoubt { get; init; }

    public static SoakSample Take(TimeSpan at, long calls, int inDoubt, long connections)
    {
        var (gen0, gen1, gen2) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // What the last collection left, rather than what stands there by the time it is read.
        GC.Collect();
        var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        var large = heap.GenerationInfo[GC.MaxGeneration + 1];
        using var process = Process.GetCurrentProcess();
        return new SoakSample
        {
            At = at,
            Calls = calls,
            HeapKb = (heap.HeapSizeBytes - heap.FragmentedBytes) / 1024.0,
            LargeKb = (large.SizeAfterBytes - large.FragmentationAfterBytes) / 1024.0,
            Gen0 = gen0,
            Gen1 = gen1,
            Gen2 = gen2,
            Descriptors = Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount,
            Connections = connections,
            Threads = process.Threads.Count,
            Timers = Timer.ActiveCount,
            InDoubt = inDoubt,
        };
    }
}
