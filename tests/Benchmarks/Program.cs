using Benchmarks.Calls;
using Benchmarks.Dashboard;
using Benchmarks.Errors;
using Benchmarks.Fleet;
using Benchmarks.Goodput;
using Benchmarks.Journal;
using Benchmarks.Load;
using Benchmarks.Lookups;
using Benchmarks.Measuring;
using Benchmarks.Signing;
using Benchmarks.Soak;
using Benchmarks.Traffic;

// Runs the benches named on the command line, or all of them.
Bench[] benches =
[
    new("calls", "a call through each stack, and the bytes of each stage")
    {
        Cases = typeof(CallBenchmarks),
        MeasureAsync = Stages.MeasureAsync,
        Note = """
            A call is a fresh GET of one order through a typed client of the client factory, with a relative address, its reply buffered; a failed one ends in the exchange's code in the application's hand.
            All stacks stand over the same in-memory primary handler, whose replies bear Date and X-MBX-USED-WEIGHT-1M; "suspended" means that it yields, as a socket does.
            ExchangeResilience has gate, limits, metrics and logging on. AWSSDK.Core and Azure.Core bring their own clients and do not sign; AWS throws on failure, Azure's exception is made and read, not thrown.
            """,
    },
    .. Work.All.Select(static work => new Bench(work.Bench, $"{work.Name} through each stack, the stacks taking turns, so that a machine's wandering speed is alike for all")
    {
        MeasureAsync = async (report, options) =>
        {
            await TurnBench.MeasureAsync(work, report, options);
            if (work == Work.SignedQuery)
            {
                await Signatures.MeasureAsync(report, options);
            }
        },
        Note = TurnBench.Note,
    }),
    new("errors", "what a refusal means, from its bytes")
    {
        Cases = typeof(ErrorBenchmarks),
        Note = """
            From the bytes of the body, without HTTP. JsonDocument says code and message, and nothing of what they mean.
            That HTML is no JSON, it and the exceptions of AWSSDK.Core and Azure.Core learn by an exception of their reader.
            """,
    },
    new("lookups", "a code's meaning, what happens next, what a path does")
    {
        Cases = typeof(LookupBenchmarks),
        Note = "Sixteen keys from all over each table, one after another; the address has been parsed before.",
    },
    new("gate", "the gate under contention")
    {
        Cases = typeof(GateBenchmarks),
        Note = """
            Time per admission: that of all threads together, divided by what they did. The gate checks holds and three kinds of limit in the exchange's own minute, and counts what is in flight;
            the counter under a lock and FixedWindowRateLimiter count one limit. More threads than processors take turns, so beyond those the figures tell what a thread that waits costs.
            """,
    },
    new("orders", "orders placed by 1, 16 and 64 callers, with and without a journal, beside the disk's fsync") { MeasureAsync = PlacedOrdersBench.MeasureAsync },
    new("journal", "orders written down before they leave, on the disk of the figures' folder") { MeasureAsync = JournalBench.MeasureAsync },
    new("goodput", "what comes of wanting three times what the exchange allows, on simulated time; draws goodput.svg") { MeasureAsync = GoodputBench.MeasureAsync },
    new("dashboard", "what the page costs the application it stands in, looked at and not")
    {
        MeasureAsync = DashboardBench.MeasureAsync,
        Note = """
            Time and bytes per call are those of the calling thread, at full speed; the last three columns are of the whole process while one caller asks a hundred times a second.
            Pages are read in the same process, so what they cost there is counted as well. Medians of 9 rounds, each compared with its own round without a dashboard.
            """,
    },
    new("fleet", "what 1 to 32 processes ask of the database they share, heartbeats at 10 million entries, a server that freezes") { MeasureAsync = FleetBench.MeasureAsync },
    new("load", "queries over loopback from 1, 16 and 256 callers at once") { MeasureAsync = LoadBench.MeasureAsync },
];

var folder = ".";
var commit = "an unknown commit";
var quick = false;
var names = new HashSet<string>();
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--folder" when i + 1 < args.Length: folder = args[++i]; break;
        case "--commit" when i + 1 < args.Length: commit = args[++i]; break;
        case "--quick": quick = true; break;

        // As long as it is told to: never among all.
        case "soak":
            Directory.CreateDirectory(folder);
            return await SoakBench.RunAsync(new RunOptions(Path.GetFullPath(folder), commit, quick), args[(i + 1)..]);
        case SoakExchange.Verb:
            return await SoakExchange.RunAsync();
        case LoopbackServer.Verb:
            return await LoopbackServer.RunAsync();
        case var name when benches.Any(bench => bench.Name == name): names.Add(name); break;
        case var word:
            var output = word == "--help" ? Console.Out : Console.Error;
            await output.WriteLineAsync("build/bench.sh [BENCH ...] [--quick] measures the benches named, or all. --quick shows within minutes that they work, and no more.");
            foreach (var bench in benches)
            {
                await output.WriteLineAsync($"  {bench.Name,-9} {bench.Description}");
            }

            await output.WriteLineAsync($"build/bench.sh {SoakOptions.Usage} tells whether memory, descriptors, threads or timers grow at full speed with every fault on; 1 if anything does.");

            return word == "--help" ? 0 : 2;
    }
}

Directory.CreateDirectory(folder);
var options = new RunOptions(Path.GetFullPath(folder), commit, quick);
var chosen = benches.Where(bench => names.Count == 0 || names.Contains(bench.Name)).ToList();
var rows = Suite.Run(chosen.Select(bench => bench.Cases).OfType<Type>(), options);
var failed = false;
foreach (var bench in chosen)
{
    if (bench.Cases is { } cases && !rows.ContainsKey(cases))
    {
        failed = true;
        continue;
    }

    var report = new Report(bench, options);
    if (bench.Cases is not null)
    {
        Comparison.Add(report, rows[bench.Cases]);
    }

    if (bench.MeasureAsync is not null)
    {
        await bench.MeasureAsync(report, options);
    }

    if (bench.Note is not null)
    {
        report.Note(bench.Note);
    }

    report.Save();
}

return failed ? 1 : 0;
