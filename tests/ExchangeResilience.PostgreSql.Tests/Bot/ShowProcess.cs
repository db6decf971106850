using System.Diagnostics;
using System.Globalization;

namespace ExchangeResilience.PostgreSql.Tests.Bot;

/// <summary>The sample bot's show of a fleet, with everything it starts.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class ShowProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("fleet-test-");
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    public ShowProcess(params string[] arguments)
    {
        // The server's user must be able to reach it; else the bot would go elsewhere.
        File.SetUnixFileMode(_temporary.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Library(), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["EXCHANGE_STATE"] = null;
        start.Environment["TMPDIR"] = _temporary.FullName;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has written into its temporary folder and not removed.</summary>
    public IReadOnlyList<string> LeftBehind => Directory.GetFileSystemEntries(_temporary.FullName);

    /// <summary>The processes it has started, and theirs.</summary>
    public IReadOnlyList<RunningProcess> Descendants => RunningProcess.Below(_process.Id);

    public void Kill() => _process.Kill();

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, (await _output.WaitAsync(Patience)).TrimEnd(), await _errors.WaitAsync(Patience));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
        _temporary.Delete(recursive: true);
    }

    // .../tests/<project>/bin/<configuration>/<framework>/ lies as deep as .../samples/TradingBot/bin/<configuration>/<framework>/.
    private static string Library()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        var root = configuration.Parent!.Parent!.Parent!.Parent!;
        return Path.Combine(root.FullName, "samples", "TradingBot", "bin", configuration.Name, framework.Name, "TradingBot.dll");
    }
}

/// <summary>A process as the kernel lists it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Parent">That of its parent.</param>
/// <param name="StartedAt">When it was started: numbers are used again.</param>
/// <param name="Name">Its program.</param>
/// <param name="CommandLine">Program and arguments.</param>
internal sealed record RunningProcess(int Id, int Parent, long StartedAt, string Name, string CommandLine)
{
    public bool IsAlive => Read(Id) is { } now && now.StartedAt == StartedAt;

    public static IReadOnlyList<RunningProcess> Below(int id)
    {
        var children = Directory.GetDirectories("/proc")
            .Select(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? Read(number) : null)
            .OfType<RunningProcess>()
            .ToLookup(static process => process.Parent);
        return [.. Descend(id)];

        IEnumerable<RunningProcess> Descend(int from) => children[from].SelectMany(child => Descend(child.Id).Prepend(child));
    }

    private static RunningProcess? Read(int id)
    {
        try
        {
            // The name stands in brackets, and may hold anything.
            var stat = File.ReadAllText(FormattableString.Invariant($"/proc/{id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new RunningProcess(
                id,
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture),
                stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')],
                File.ReadAllText(FormattableString.Invariant($"/proc/{id}/cmdline")).Replace('\0', ' '));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
