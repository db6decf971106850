using Benchmarks.Goodput;
using Benchmarks.Journal;

// Runs the benches named on the command line, or all of them. Figures are wall-clock time on the disk under --folder.
var benches = new Dictionary<string, Func<string, Task>>(StringComparer.Ordinal)
{
    ["journal"] = JournalBench.RunAsync,
    ["goodput"] = GoodputBench.RunAsync,
};

if (args is not ["--folder", var folder, .. var names] || names.Except(benches.Keys).Any())
{
    await Console.Error.WriteLineAsync($"--folder FOLDER [{string.Join("] [", benches.Keys)}]");
    return 2;
}

foreach (var name in names is [] ? [.. benches.Keys] : names)
{
    await benches[name](folder);
}

return 0;
