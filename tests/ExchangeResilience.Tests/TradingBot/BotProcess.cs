using System.Diagnostics;
using System.Text.Json;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The sample bot in a process of its own.</summary>
internal sealed class BotProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TempFolder _temporary = new();
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    public BotProcess(Uri? exchange, params string[] arguments)
        : this(exchange, state: null, arguments)
    {
    }

    /// <param name="exchange">Where it trades; null for the exchange it brings.</param>
    /// <param name="state">What EXCHANGE_STATE says; null where it is not set.</param>
    /// <param name="arguments">The rest of its command line.</param>
    public BotProcess(Uri? exchange, string? state, string[] arguments)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host, [Library(), .. exchange is null ? [] : (string[])["--exchange", exchange.ToString()], .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["EXCHANGE_API_KEY"] = SimulatedExchangeOptions.DefaultApiKey;
        start.Environment["EXCHANGE_API_SECRET"] = SimulatedExchangeOptions.DefaultApiSecret;
        start.Environment["EXCHANGE_STATE"] = state;
        start.Environment["TMPDIR"] = _temporary.Path;
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static async Task<BotResult> RunAsync(Uri? exchange, params string[] arguments)
    {
        using var bot = new BotProcess(exchange, arguments);
        return await bot.EndAsync();
    }

    public async Task<BotResult> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return new BotResult(_process.ExitCode, (await _output).TrimEnd(), await _errors, Directory.GetFileSystemEntries(_temporary.Path));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
        _temporary.Dispose();
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

internal sealed record BotResult(int ExitCode, string Output, string Errors, IReadOnlyList<string> LeftBehind)
{
    /// <summary>The only line on stdout.</summary>
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Output);

    public int this[string name] => Json.GetProperty(name).GetInt32();
}
