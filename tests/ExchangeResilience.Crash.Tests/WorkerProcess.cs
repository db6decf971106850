using System.Diagnostics;
using System.Globalization;

namespace ExchangeResilience.Crash.Tests;

/// <summary>One run of the program that trades, in a process of its own.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _heard;
    private readonly Task<string> _errors;

    /// <param name="job">What it works at.</param>
    /// <param name="intents">How many intents it is given, the first ones of the list.</param>
    /// <param name="hear">Hears each line it says, as it says it.</param>
    public WorkerProcess(Job job, int intents, Action<string> hear)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] arguments = [Library(), job.Address.ToString(), job.Journal ?? "-", job.Ledger, intents.ToString(CultureInfo.InvariantCulture), job.Parallel.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(host, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };

        // Who is killed cannot remove the sockets that .NET makes for debuggers.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        _process = Process.Start(start)!;
        _heard = Task.Run(async () =>
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                hear(line);
            }
        });
        _errors = _process.StandardError.ReadToEndAsync();
        Ended = _process.WaitForExitAsync();
    }

    public Task Ended { get; }

    /// <summary>SIGKILL: nothing of the program runs any more, not even its last line. False where it had ended by itself.</summary>
    public async Task<bool> KillAsync()
    {
        _process.Kill();
        await Ended;
        await _heard;

        // 128 + SIGKILL.
        return _process.ExitCode == 137;
    }

    /// <summary>Waits for the program's own end, which must be a good one.</summary>
    public async Task FinishAsync(TimeSpan patience)
    {
        await Ended.WaitAsync(patience);
        await _heard;
        _process.ExitCode.ShouldBe(0, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    // .../tests/<project>/bin/<configuration>/<framework>/
    private static string Library()
    {
        const string Worker = "ExchangeResilience.Crash.Worker";
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        var tests = configuration.Parent!.Parent!.Parent!;
        return Path.Combine(tests.FullName, Worker, "bin", configuration.Name, framework.Name, $"{Worker}.dll");
    }
}

/// <summary>What every run of the program is given.</summary>
/// <param name="Address">The exchange.</param>
/// <param name="Journal">The journal's file; null for none.</param>
/// <param name="Ledger">The program's own ledger.</param>
/// <param name="Parallel">How many intents it has in flight at once.</param>
internal sealed record Job(Uri Address, string? Journal, string Ledger, int Parallel);
