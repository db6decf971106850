using Benchmarks.Goodput;
using Benchmarks.Journal;
using Benchmarks.Load;
using Benchmarks.Soak;

// Runs the benches named on the command line, or all of them. Figures are wall-clock time on the disk under --folder.
var benches = new Dictionary<string, Func<string, Task>>(StringComparer.Ordinal)
{
    ["journal"] = JournalBench.RunAsync,
    ["goodput"] = GoodputBench.RunAsync,
    ["load"] = LoadBench.RunAsync,
};

switch (args)
{
    // As long as it is told to: never among all.
    case ["--folder", var soaked, "soak", .. var options]:
        return await SoakBench.RunAsync(soaked, options);
    case [SoakExchange.Verb]:
        return await SoakExchange.RunAsync();
}

if (args is not ["--folder", var folder, .. var names] || names.Except(benches.Keys).Any())
{
    await Console.Error.WriteLineAsync($"--folder FOLDER [{string.Join("] [", benches.Keys)}], or --folder FOLDER {SoakOptions.Usage}");
    return 2;
}

foreach (var name in names is [] ? [.. benches.Keys] : names)
{
    await benches[name](folder);
}

return 0;
