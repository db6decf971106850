using System.Diagnostics;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.TradingBot;

/// <summary>The sample to copy from runs as it is, from any folder, without keys.</summary>
public sealed class MinimalBotTests
{
    [Fact]
    public async Task Without_keys_it_executes_an_order_at_a_simulated_exchange_and_says_nothing_else()
    {
        var lines = await RunAsync();

        lines[0].ShouldStartWith("minimal-");
        lines[^1].ShouldMatch("^executed: order [0-9]+ is FILLED$");
        lines.ShouldNotContain(static line => line.Contains("System.Net.Http", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_keys_it_trades_where_its_settings_say()
    {
        var exchange = new SimulatedExchange();
        await using var server = await exchange.ListenAsync();

        var lines = await RunAsync(
            ("Address", server.Address.ToString()), ("ExchangeSigning__ApiKey", SimulatedExchangeOptions.DefaultApiKey), ("ExchangeSigning__Secret", SimulatedExchangeOptions.DefaultApiSecret));

        lines[^1].ShouldMatch("^executed: order [0-9]+ is FILLED$");
        exchange.Orders.ShouldHaveSingleItem();
    }

    private static async Task<string[]> RunAsync(params (string Name, string Value)[] environment)
    {
        using var elsewhere = new TempFolder();
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Library()])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = elsewhere.Path,
        };

        // The developer's own user secrets would have it trade at the test network.
        start.Environment["HOME"] = start.Environment["APPDATA"] = elsewhere.Path;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var bot = Process.Start(start)!;
        var (output, errors) = (bot.StandardOutput.ReadToEndAsync(), bot.StandardError.ReadToEndAsync());
        await bot.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));

        bot.ExitCode.ShouldBe(0, await output + await errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static string Library()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        return Path.Combine(configuration.Parent!.Parent!.Parent!.Parent!.FullName, "samples", "MinimalBot", "bin", configuration.Name, framework.Name, "MinimalBot.dll");
    }
}
