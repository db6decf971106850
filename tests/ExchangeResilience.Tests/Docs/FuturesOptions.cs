namespace Documented;

/// <summary>Settings of a library around the package, which maps them on.</summary>
public sealed class FuturesOptions
{
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);
}
