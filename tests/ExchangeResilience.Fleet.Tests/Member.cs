using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>One process of a fleet.</summary>
internal sealed class Member : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _heard;
    private readonly Task<string> _errors;
    private string _last = "";
    private bool _isStopped;

    /// <param name="exchange">Where it trades.</param>
    /// <param name="state">The connection string of what the fleet shares.</param>
    /// <param name="key">Its API key, which tells its requests from the others'.</param>
    /// <param name="hear">Hears each line it says, as it says it.</param>
    /// <param name="task">What it does.</param>
    public Member(Uri exchange, string state, string key, Action<string>? hear, params IReadOnlyList<string> task)
    {
        Key = key;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Library(), exchange.ToString(), key, .. task])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Who is killed cannot remove the sockets that .NET makes for debuggers.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["FLEET_STATE"] = state;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _heard = Task.Run(async () =>
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                _last = line;
                hear?.Invoke(line);
                _lines.Writer.TryWrite(line);
            }

            _lines.Writer.Complete();
        });
    }

    public string Key { get; }

    /// <summary>Its key, whether it lives, and what it said last.</summary>
    public override string ToString() => $"{Key}{(_process.HasExited ? FormattableString.Invariant($" (ended with {_process.ExitCode})") : "")}, said '{_last}':";

    /// <summary>Waits for a line that begins so, and gives the rest of it.</summary>
    public async Task<string> HearAsync(string beginning)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(patience.Token))
            {
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                {
                    return line[beginning.Length..].Trim();
                }
            }
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"{Key} did not say '{beginning}' within {Patience.TotalSeconds} s.", late);
        }

        throw new InvalidOperationException($"{Key} ended before it said '{beginning}': {await _errors}");
    }

    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Nothing of it runs until it is resumed.</summary>
    public async Task SuspendAsync()
    {
        await SignalAsync("STOP");
        _isStopped = true;
    }

    public async Task ResumeAsync()
    {
        await SignalAsync("CONT");
        _isStopped = false;
    }

    /// <summary>SIGKILL: nothing of the program runs any more, not even its last line. False where it had ended by itself.</summary>
    public async Task<bool> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();

        // 128 + SIGKILL.
        return _process.ExitCode == 137;
    }

    /// <summary>Waits for its own end.</summary>
    public async Task<(int ExitCode, string Errors)> EndAsync(CancellationToken cancellationToken = default)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _heard;
        return (_process.ExitCode, await _errors);
    }

    /// <summary>Ends what it reads, and waits for its own good end.</summary>
    public async Task FinishAsync()
    {
        _process.StandardInput.Close();
        var (exitCode, errors) = await EndAsync().WaitAsync(Patience);
        exitCode.ShouldBe(0, $"{Key}: {errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            if (_isStopped)
            {
                await ResumeAsync();
            }

            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process.Id}")]);
        await kill.WaitForExitAsync();
        kill.ExitCode.ShouldBe(0);
    }

    // .../tests/<project>/bin/<configuration>/<framework>/
    private static string Library()
    {
        const string Worker = "ExchangeResilience.Fleet.Worker";
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        var tests = configuration.Parent!.Parent!.Parent!;
        return Path.Combine(tests.FullName, Worker, "bin", configuration.Name, framework.Name, $"{Worker}.dll");
    }
}
