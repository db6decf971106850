using System.Globalization;
using System.Reflection;

namespace Benchmarks;

/// <summary>What figures are dated by.</summary>
internal static class Revision
{
    private const int ShortId = 10;

    /// <summary>The commit this program was built from, and today's date.</summary>
    public static string Describe()
    {
        var version = typeof(Revision).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var commit = version[(version.IndexOf('+', StringComparison.Ordinal) + 1)..];
        return string.Create(CultureInfo.InvariantCulture, $"commit {commit[..Math.Min(ShortId, commit.Length)]}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}");
    }
}
