using Benchmarks.Calls;
using Benchmarks.Journal;
using Benchmarks.Measuring;

// Runs the benches named on the command line, or all of them.
(string Name, string Description, Func<Report, RunOptions, Task> RunAsync)[] benches =
[
    ("calls", "a call through each stack, and the bytes of each stage", CallBench.RunAsync),
    ("journal", "orders written down before they leave, on the disk under --folder", JournalBench.RunAsync),
];

var folder = ".";
var commit = "an unknown commit";
var quick = false;
var chosen = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--folder" when i + 1 < args.Length: folder = args[++i]; break;
        case "--commit" when i + 1 < args.Length: commit = args[++i]; break;
        case "--quick": quick = true; break;
        case var name when benches.Any(bench => bench.Name == name): chosen.Add(name); break;
        case var word:
            var isHelp = word is "--help" or "-h";
            var output = isHelp ? Console.Out : Console.Error;
            await output.WriteLineAsync("[BENCH ...] [--quick]: measures the benches named, or all; --quick only shows that they work. Figures go to FOLDER/BENCH.md.");
            foreach (var (name, description, _) in benches)
            {
                await output.WriteLineAsync($"  {name,-10}{description}");
            }

            return isHelp ? 0 : 2;
    }
}

Directory.CreateDirectory(folder);
var options = new RunOptions(Path.GetFullPath(folder), commit, quick);
foreach (var (name, description, runAsync) in benches)
{
    if (chosen.Count == 0 || chosen.Contains(name))
    {
        var report = new Report(name, description, options);
        await runAsync(report, options);
        report.Save();
    }
}

return 0;
