using System.Diagnostics;
using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>This bot once more, in a process of its own that can be killed.</summary>
internal sealed class BotProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _heard;
    private readonly Task<string> _output;

    /// <param name="arguments">Its command line.</param>
    /// <param name="hear">Hears each line it writes to stderr.</param>
    public BotProcess(IReadOnlyList<string> arguments, Action<string> hear)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
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
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _heard = HearAsync(hear);
    }

    private static bool IsRunByDotnet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";

    /// <summary>SIGKILL: the bot gets no chance to do anything more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _heard;
    }

    /// <summary>Waits for its own end.</summary>
    public async Task<(int ExitCode, string Output)> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _heard;
        return (_process.ExitCode, (await _output).TrimEnd());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task HearAsync(Action<string> hear)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            hear(line);
        }
    }
}
