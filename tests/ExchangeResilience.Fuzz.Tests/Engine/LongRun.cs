using System.Diagnostics;
using System.Globalization;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>What build/fuzz.sh asks for: many inputs on every core, or one again.</summary>
internal sealed class LongRun(long inputs, long seed, string? only)
{
    // Small enough that the slow targets' last pieces do not leave a core idle for long.
    private const int Pieces = 64;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Find> _finds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _tried = new(StringComparer.Ordinal);
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _reported = Stopwatch.GetTimestamp();

    public static int Main(string[] args)
    {
        var options = Options(args);
        var target = options.GetValueOrDefault("--target");
        if (options.TryGetValue("--replay", out var input))
        {
            return Replay(target ?? throw new ArgumentException("--replay needs --target.", nameof(args)), Convert.FromBase64String(input));
        }

        var inputs = long.Parse(options.GetValueOrDefault("--inputs", "10000000"), CultureInfo.InvariantCulture);
        var seed = long.Parse(options.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture);
        return new LongRun(inputs, seed, target).Run();
    }

    private static int Replay(string name, byte[] input)
    {
        var trouble = FuzzTargets.Make(name).Try(input);
        Console.WriteLine(trouble is null ? $"{name}: nothing is wrong with these {input.Length} bytes" : new Find(name, 0, 0, trouble, input));
        return trouble is null ? 0 : 1;
    }

    private int Run()
    {
        var work = new Queue<Piece>(Divide());
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() => Work(work))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        foreach (var (name, tried) in _tried.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Console.WriteLine($"{name,-16} {tried,12} inputs");
        }

        Console.WriteLine(Summary());
        return _finds.Count > 0 ? 1 : 0;
    }

    /// <summary>To each target its share of the inputs, as in the tests; the pieces of all of them interleaved.</summary>
    private IEnumerable<Piece> Divide()
    {
        var targets = only is null ? [.. FuzzTargets.Names.Select(FuzzTargets.Make)] : new List<FuzzTarget> { FuzzTargets.Make(only) };
        var all = targets.Sum(target => (double)target.Inputs);
        return from piece in Enumerable.Range(0, Pieces)
               from target in targets
               let share = (long)Math.Ceiling(inputs * (target.Inputs / all))
               let first = share * piece / Pieces
               select new Piece(target.Name, first, (share * (piece + 1) / Pieces) - first);
    }

    private void Work(Queue<Piece> work)
    {
        while (true)
        {
            Piece piece;
            lock (_lock)
            {
                if (!work.TryDequeue(out piece))
                {
                    return;
                }
            }

            using var run = new FuzzRun(FuzzTargets.Make(piece.Target), seed);
            run.Run(piece.First, piece.Count);
            lock (_lock)
            {
                Note(piece, run.Finds);
            }
        }
    }

    private void Note(Piece piece, IReadOnlyCollection<Find> finds)
    {
        _tried[piece.Target] = _tried.GetValueOrDefault(piece.Target) + piece.Count;
        foreach (var find in finds)
        {
            if (_finds.TryAdd($"{find.Target}: {find.Trouble.Rule}", find))
            {
                Console.WriteLine(find);
            }
        }

        if (Stopwatch.GetElapsedTime(_reported) >= ReportEvery)
        {
            _reported = Stopwatch.GetTimestamp();
            Console.WriteLine(Summary());
        }
    }

    private string Summary()
    {
        var tried = _tried.Values.Sum();
        var elapsed = Stopwatch.GetElapsedTime(_started);
        return string.Create(CultureInfo.InvariantCulture, $"{tried} of {inputs} inputs, {tried / elapsed.TotalSeconds:F0} inputs/s, {elapsed.TotalSeconds:F0} s, seed {seed}, indexes from 0, {_finds.Count} finds");
    }

    private static Dictionary<string, string> Options(string[] args)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i += 2)
        {
            if (args[i] is not ("--inputs" or "--seed" or "--target" or "--replay") || i + 1 == args.Length)
            {
                throw new ArgumentException("Usage: build/fuzz.sh [--inputs N] [--seed S] [--target NAME] [--replay BASE64]", nameof(args));
            }

            options[args[i]] = args[i + 1];
        }

        return options;
    }

    private readonly record struct Piece(string Target, long First, long Count);
}
