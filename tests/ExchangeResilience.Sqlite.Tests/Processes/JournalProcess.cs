using System.Diagnostics;

namespace ExchangeResilience.Sqlite.Tests.Processes;

/// <summary>A process of its own that keeps a journal; see the worker for what it does.</summary>
internal sealed class JournalProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    public JournalProcess(params string[] arguments)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = Process.Start(new ProcessStartInfo(host, [Library(), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
    }

    public static async Task<IReadOnlyList<string>> RunAsync(params string[] arguments)
    {
        using var process = new JournalProcess(arguments);
        var lines = await process.RestAsync();
        await process._process.WaitForExitAsync().WaitAsync(Patience);
        process._process.ExitCode.ShouldBe(0, string.Join('\n', lines));
        return lines;
    }

    /// <summary>The next thing it says; null once it has ended.</summary>
    public async Task<string?> LineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>Everything it has yet to say.</summary>
    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var lines = new List<string>();
        while (await LineAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill() => _process.Kill();

    public async Task EndedAsync() => await _process.WaitForExitAsync().WaitAsync(Patience);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    // .../tests/<project>/bin/<configuration>/<framework>/ is where both projects lie.
    private static string Library()
    {
        const string Worker = "ExchangeResilience.Sqlite.Worker";
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        var tests = configuration.Parent!.Parent!.Parent!;
        return Path.Combine(tests.FullName, Worker, "bin", configuration.Name, framework.Name, $"{Worker}.dll");
    }
}
