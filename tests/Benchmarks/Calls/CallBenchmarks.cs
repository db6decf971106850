using BenchmarkDotNet.Attributes;

namespace Benchmarks.Calls;

/// <summary>One query through each stack, succeeding or failing, answered at once or suspending.</summary>
public class CallBenchmarks
{
    public const string Success = "success";
    public const string Failure = "400 with -1121";
    public const string AtOnce = "answered at once";
    public const string Suspends = "suspended";

    // BenchmarkDotNet blocks a thread until a suspended benchmark is done; spread over so many calls, that costs each of them next to nothing.
    private const int Calls = 256;

    private IStack? _stack;

    [Params(Success, Failure)]
    public string Reply { get; set; } = "";

    [Params(AtOnce, Suspends)]
    public string Answering { get; set; } = "";

    [ParamsSource(nameof(Rows))]
    public string Row { get; set; } = "";

    public static IEnumerable<string> Rows => [.. Work.Query.Stacks, Stacks.Signing];

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var fails = Reply == Failure;
        _stack = Stacks.Build(Row, new InMemoryExchange(fails, Answering == Suspends), Work.Query);
        var code = await _stack.CallAsync();
        if (code != (fails ? InMemoryExchange.ErrorCode : 0))
        {
            throw new InvalidOperationException($"{Row} says {code}.");
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _stack?.Dispose();

    [Benchmark(OperationsPerInvoke = Calls)]
    public async Task<int> CallAsync()
    {
        var codes = 0;
        for (var call = 0; call < Calls; call++)
        {
            codes += await _stack!.CallAsync();
        }

        return codes;
    }
}
