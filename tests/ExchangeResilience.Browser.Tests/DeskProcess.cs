using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace ExchangeResilience.Browser.Tests;

/// <summary>The sample in a process of its own, on a free port and with settings of its own.</summary>
internal sealed class DeskProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly DirectoryInfo _folder;
    private string _key = "";

    private DeskProcess(Process process, DirectoryInfo folder)
    {
        (_process, _folder) = (process, folder);
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; private set; } = new("about:blank");

    public HttpClient Http { get; } = new();

    public string Dashboard => new Uri(Address, "/exchange" + _key).ToString();

    public string Settings => Path.Combine(_folder.FullName, "appsettings.json");

    /// <summary>Starts a desk that trades, on an exchange without troubles.</summary>
    public static async Task<DeskProcess> StartAsync(object? trouble = null)
    {
        var folder = Directory.CreateTempSubdirectory("desk-");
        var desk = new DeskProcess(Start("--port", "0", "--settings", Write(folder, """{ "ExchangeErrorHandling": { "Mode": "Enforce" } }""")), folder);
        try
        {
            while (await desk._process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
            {
                if (line.StartsWith("The desk:", StringComparison.Ordinal))
                {
                    var printed = new Uri(line[9..].Trim());
                    (desk.Address, desk._key) = (new Uri(printed, "/"), printed.Query);
                    break;
                }
            }

            if (!desk.Address.IsLoopback)
            {
                throw new InvalidOperationException($"The desk ended before it printed its address. {await desk._errors}");
            }

            // A pipe that nobody reads would stop the desk when it is full.
            _ = desk._process.StandardOutput.ReadToEndAsync();
            desk.Http.BaseAddress = desk.Address;
            (await desk.Http.GetAsync("/exchange" + desk._key)).EnsureSuccessStatusCode();
            desk.Http.DefaultRequestHeaders.Add("X-Trading-Desk", "1");
            await desk.TroubleAsync(trouble ?? new { rate = 10, unknown = 0, lost = 0, neverArrived = 0, overloaded = 0, tooMany = 0, rejected = 0, queryLag = 0 });
            return desk;
        }
        catch
        {
            await desk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await errors);
    }

    public async Task TroubleAsync(object trouble) => (await Http.PostAsJsonAsync("/desk/trouble", trouble)).EnsureSuccessStatusCode();

    public async Task CauseAsync(string accident) => (await Http.PostAsync($"/desk/accidents/{accident}", content: null)).EnsureSuccessStatusCode();

    public async Task<JsonElement> StateAsync() => await Http.GetFromJsonAsync<JsonElement>("/exchange/state");

    public void Save(string settings) => Write(_folder, settings);

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -{signal} {_process.Id}")]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What Ctrl+C does.</summary>
    public async Task<int> InterruptAsync()
    {
        await SignalAsync("INT");
        await _process.WaitForExitAsync().WaitAsync(Patience);
        (await _errors).ShouldBeEmpty();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Write(DirectoryInfo folder, string settings)
    {
        var path = Path.Combine(folder.FullName, "appsettings.json");
        File.WriteAllText(path, settings);
        return path;
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Library(), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    // .../tests/<project>/bin/<configuration>/<framework>/ lies as deep as .../samples/TradingDesk/bin/<configuration>/<framework>/.
    private static string Library()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        return Path.Combine(Browser.Root, "samples", "TradingDesk", "bin", configuration.Name, framework.Name, "TradingDesk.dll");
    }
}
