using System.Text.RegularExpressions;

namespace ExchangeResilience.Tests.Conventions;

/// <summary>The working copy the tests were built from: found from the output folder, since deterministic builds hide the sources' true paths.</summary>
internal static partial class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The files under a folder, build output aside, by their path from the root.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        from file in Directory.EnumerateFiles(PathOf(folder), "*", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where extensions.Contains(Path.GetExtension(path)) && !BuildOutput().IsMatch(path)
        orderby path
        select path;

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    [GeneratedRegex("(?:^|/)(?:bin|obj)/")]
    private static partial Regex BuildOutput();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Resilience.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"Resilience.sln is not above {AppContext.BaseDirectory}");
        }

        return folder;
    }
}
