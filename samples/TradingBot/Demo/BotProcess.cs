using System.Diagnostics;
using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>This bot once more, in a process of its own that can be killed.</summary>
internal sealed class BotProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    /// <param name="arguments">Its command line.</param>
    /// <param name="hearErrors">Hears each line it writes to stderr.</param>
    /// <param name="hearOutput">Hears each line it writes to stdout.</param>
    /// <param name="environment">Variables of its own, on top of those that every bot gets.</param>
    public BotProcess(
        IReadOnlyList<string> arguments, Action<string>? hearErrors = null, Action<string>? hearOutput = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[.. IsRunByDotnet ? [Environment.GetCommandLineArgs()[0]] : (string[])[], .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["EXCHANGE_API_KEY"] = SimulatedExchangeOptions.DefaultApiKey;
        start.Environment["EXCHANGE_API_SECRET"] = SimulatedExchangeOptions.DefaultApiSecret;

        // Who is killed cannot remove the sockets that .NET makes for debuggers.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";

        // As in appsettings.Demo.json: the built-in exchange does not lag, and nobody wants to watch a doubt for half a minute.
        start.Environment["ExchangeErrorHandling__SendBefore"] = "1s";
        start.Environment["ExchangeErrorHandling__Reconciliation__SettleMargin"] = "500ms";
        start.Environment["ExchangeSigning__RecvWindow"] = "500ms";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _output = HearAsync(_process.StandardOutput, hearOutput);
        _errors = HearAsync(_process.StandardError, hearErrors);
    }

    public int Id => _process.Id;

    private static bool IsRunByDotnet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";

    /// <summary>Writes a line to its stdin. It may have ended by then.</summary>
    public async Task SayAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended, which is found out elsewhere.
        }
    }

    /// <summary>SIGKILL: the bot gets no chance to do anything more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
        await _errors;
    }

    /// <summary>Waits for its own end.</summary>
    /// <returns>Its exit code, and the last lines it wrote to stdout and stderr.</returns>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static async Task<string> HearAsync(StreamReader reader, Action<string>? hear)
    {
        var last = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            hear?.Invoke(line);
            last = line.Length > 0 ? line : last;
        }

        return last;
    }
}
