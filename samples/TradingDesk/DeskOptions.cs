using System.Globalization;

namespace TradingDesk;

/// <summary>A command line that cannot be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>What the command line asks for.</summary>
internal sealed record DeskOptions
{
    private const int DefaultPort = 5080;

    public const string HelpText =
        """
        TradingDesk: a bot trades on a simulated exchange that you may trouble, and the dashboard shows what is done about it.

          --port N         Where the pages are served, on this machine only; 0 takes a free port. Default: 5080.
          --settings FILE  The settings to use and to watch for changes. Default: the sample's own appsettings.json.
          --help           This text.

        Ctrl+C ends it.
        """;

    public int Port { get; init; } = DefaultPort;

    public string Settings { get; init; } = OwnSettings();

    public bool Help { get; init; }

    /// <exception cref="UsageException">Something is no option, or lacks its value.</exception>
    public static DeskOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new DeskOptions();
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = arguments[index].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[index], null);
            options = name switch
            {
                "--help" or "-h" => options with { Help = true },
                "--port" => options with { Port = PortOf(value ?? Next(arguments, ref index, "--port 5080")) },
                "--settings" => options with { Settings = FileOf(value ?? Next(arguments, ref index, "--settings appsettings.json")) },
                _ => throw new UsageException($"'{name}' is no option. --help lists all options."),
            };
        }

        return options;
    }

    private static string Next(IReadOnlyList<string> arguments, ref int index, string example) =>
        ++index < arguments.Count ? arguments[index] : throw new UsageException($"{example.Split(' ')[0]} lacks its value. Write, for example, {example}.");

    private static int PortOf(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port
            : throw new UsageException($"--port '{value}' is not a port. Write a number from 0 to {ushort.MaxValue}, for example --port {DefaultPort}.");

    private static string FileOf(string value) =>
        File.Exists(value) ? Path.GetFullPath(value) : throw new UsageException($"--settings '{value}' is no file.");

    // Run from its source, the file to edit is the one beside it and not the copy in the output.
    private static string OwnSettings()
    {
        var source = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", ".."));
        return Path.Combine(File.Exists(Path.Combine(source, "TradingDesk.csproj")) ? source : AppContext.BaseDirectory, "appsettings.json");
    }
}
