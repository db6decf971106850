namespace Benchmarks.Traffic;

/// <summary>Something that lets a request out and counts it.</summary>
internal interface IDoor : IDisposable
{
    /// <summary>In, and out again. False where a request would have had to wait.</summary>
    bool Pass();
}
