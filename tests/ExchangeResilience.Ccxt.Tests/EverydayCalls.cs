using System.Diagnostics;
using System.Text.Json;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Ccxt.Tests;

/// <summary>One run of the script, against an exchange of its own on a port.</summary>
public sealed class EverydayCalls : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The calls in their order, each with what went wrong.</summary>
    internal IReadOnlyList<EverydayCall> Calls { get; private set; } = [];

    internal IReadOnlyList<ReceivedRequest> Requests { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        // Installed once for a lock file: what is there already is not asked for again.
        var installed = new FileInfo(Path.Combine(AppContext.BaseDirectory, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(AppContext.BaseDirectory, "package-lock.json")))
        {
            await RunAsync("npm", "ci", "--loglevel=error");
        }

        var exchange = new SimulatedExchange();
        await using var server = await exchange.ListenAsync();
        var lines = await RunAsync("node", "everyday.mjs", server.Address.GetLeftPart(UriPartial.Authority), SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret);
        Calls = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<EverydayCall>(line, JsonSerializerOptions.Web)!)];
        Requests = exchange.Requests;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var (said, complained) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            process.ExitCode.ShouldBe(0, $"{program}: {await complained}");
            return await said;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
