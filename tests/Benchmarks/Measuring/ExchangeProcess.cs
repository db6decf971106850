using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Measuring;

/// <summary>The process an exchange runs in, so that its work and its memory are not counted.</summary>
internal sealed class ExchangeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ExchangeProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="verb">The word of the command line that starts it.</param>
    public static async Task<ExchangeProcess> StartAsync(string verb)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(ExchangeProcess).Assembly.Location, verb])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The exchange did not start.");
        return new ExchangeProcess(process, new Uri(address));
    }

    /// <summary>Ends it, and gives what it says last: how many requests it met, and how many orders took effect twice.</summary>
    public async Task<(long Requests, int Duplicates)> StopAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        var numbers = (await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The exchange said nothing.")).Split(' ');
        await _process.WaitForExitAsync();
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        // At the end of its input it ends by itself.
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
