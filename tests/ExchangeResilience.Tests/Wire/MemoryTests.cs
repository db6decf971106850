using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Wire;

/// <summary>What a reply without measure costs. What the whole process allocates is counted, so nothing else may run meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData("50 MB under 400", "POST", 4)]
    [InlineData("50 MB under 400", "GET", 4)]
    [InlineData("no end under 400", "GET", 4)]
    [InlineData("no end under 400, chunked", "GET", 4)]
    [InlineData("no end under 200", "POST", 8)]
    [InlineData("a gzip bomb under 400", "GET", 4)]
    [InlineData("a gzip bomb under 200", "POST", 8)]
    [InlineData("10,000 headers", "GET", 4)]
    [InlineData("headers without end", "GET", 4)]
    [InlineData("1xx without end", "GET", 4)]
    [InlineData("no end under 200", "GET", 200)]
    [InlineData("a gzip bomb under 200", "GET", 200)]
    public async Task A_reply_without_measure_costs_memory_with_measure(string reply, string method, int most)
    {
        await using var exchange = HostileReplyTests.Exchange(HostileReplyTests.AnswerOf(reply));
        await exchange.WarmUpAsync();
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await exchange.TellAsync(method);

        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(most * MiB);
    }
}
