using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Benchmarks.Measuring;

/// <summary>The outcome of one bench, shown on the console and kept as a Markdown page that says what was measured and when.</summary>
internal sealed class Report
{
    private const int Width = 200;
    private readonly string _file;
    private readonly StringBuilder _page = new();

    public Report(Bench bench, RunOptions options)
    {
        _file = Path.Combine(options.Folder, $"{bench.Name}.md");
        _page.Append(CultureInfo.InvariantCulture, $"# {bench.Name}: {bench.Description}\n\n")
            .Append(CultureInfo.InvariantCulture, $"Measured at {options.Revision}, {Environment.ProcessorCount} processors, .NET {Environment.Version}.")
            .Append(bench.Cases is null ? "" : " Medians; a ratio is to the first row, measured in the same run, and + is over it.")
            .Append(options.Quick ? " A quick run: the figures show that everything works, and nothing else.\n" : "\n");
    }

    public static Table NewTable(string first, params string[] figures)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumn(first);
        foreach (var figure in figures)
        {
            table.AddColumn(new TableColumn(figure).RightAligned());
        }

        return table;
    }

    public void Add(string title, Table table)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = Width;
        console.Write(table);
        var lines = text.ToString().Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
        Write($"\n## {title}\n\n{string.Join('\n', lines)}\n");
    }

    public void Note(string text) => Write($"\n{text}\n");

    public void Save() => File.WriteAllText(_file, _page.ToString());

    private void Write(string text)
    {
        Console.Write(text);
        _page.Append(text);
    }
}
