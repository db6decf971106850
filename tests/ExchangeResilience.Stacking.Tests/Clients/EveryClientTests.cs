using ExchangeResilience.Testing;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>Whoever makes and signs the requests, and whatever stands above: nothing is bought twice, and nobody is told what is not so.</summary>
public sealed class EveryClientTests(ITestOutputHelper output)
{
    private const int Intents = 1_500;
    private const int Parallel = 8;

    public static TheoryData<KindOfClient, Above> All
    {
        get
        {
            var all = new TheoryData<KindOfClient, Above>();
            foreach (var kind in Enum.GetValues<KindOfClient>())
            {
                foreach (var above in new[] { Above.Nothing, Above.Standard, Above.Hedging })
                {
                    all.Add(kind, above);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Nothing_is_bought_twice_and_nobody_is_told_what_is_not_so(KindOfClient kind, Above above)
    {
        using var world = new World(kind, above, FaultPlan.Mixed(seed: 1));
        var heard = new StackAnswer[Intents];
        var cancels = new List<StackAnswer>();

        await world.Time.RunAsync(async () =>
        {
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, Parallel).Select(async _ =>
            {
                int number;
                while ((number = Interlocked.Increment(ref next)) < Intents)
                {
                    heard[number] = await world.BuyAsync(number);
                    if (number % 10 == 0)
                    {
                        var cancelled = await world.CancelAsync();
                        lock (cancels)
                        {
                            cancels.Add(cancelled);
                        }
                    }
                }
            }));
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
        });

        foreach (var (form, count) in heard.CountBy(static each => each.Form, StringComparer.Ordinal).OrderByDescending(static entry => entry.Value))
        {
            output.WriteLine($"{count,5} x {form}");
        }

        world.Doubled.ShouldBe(0);
        Enumerable.Range(0, Intents).Count(number => heard[number].Execution != ExecutionStatus.Unknown && heard[number].Execution != world.Truth(number)).ShouldBe(0);
        cancels.ShouldNotContain(static cancelled => cancelled.Form.Contains("BrokenCircuit", StringComparison.Ordinal));
        heard.ShouldNotContain(static order => order.Form.Contains("BrokenCircuit", StringComparison.Ordinal));
        if (kind != KindOfClient.SelfSigningNoKeyHere)
        {
            heard.Count(static order => order.Execution == ExecutionStatus.Unknown).ShouldBe(0);
        }
    }
}
