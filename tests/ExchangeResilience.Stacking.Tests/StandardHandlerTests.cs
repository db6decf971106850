using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly.Timeout;

namespace ExchangeResilience.Stacking.Tests;

/// <summary>
/// The standard resilience handlers of .NET on top of the middleware, with timeouts so short that they really fire: they time out and send again while
/// orders are being reconciled, and no order is doubled.
/// </summary>
public sealed class StandardHandlerTests(ITestOutputHelper output)
{
    private const int Orders = 200;
    private const int Parallel = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_standard_resilience_handler_doubles_no_order(int seed)
    {
        var (retries, attemptTimeouts, totalTimeouts) = (0, 0, 0);
        using var world = new StackedClient(seed, builder => builder.AddStandardResilienceHandler(options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(400);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(1_500);
            options.Retry.Delay = TimeSpan.FromMilliseconds(50);
            options.CircuitBreaker.FailureRatio = 1;
            options.CircuitBreaker.MinimumThroughput = 10_000;
            options.Retry.OnRetry = _ => Count(ref retries);
            options.AttemptTimeout.OnTimeout = _ => Count(ref attemptTimeouts);
            options.TotalRequestTimeout.OnTimeout = _ => Count(ref totalTimeouts);
        }));

        var heard = await world.Time.RunAsync(() => world.PlaceAsync(Orders, Parallel));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));

        output.WriteLine($"seed {seed}: {retries} retries, {attemptTimeouts} attempts and {totalTimeouts} requests timed out above us");
        ShouldBeTrue(world, heard);
        retries.ShouldBeGreaterThan(20);
        attemptTimeouts.ShouldBeGreaterThan(20);
        totalTimeouts.ShouldBeGreaterThan(0);

        // The handler's own timeout hides what the middleware knows. Whoever asks again under the same id is told, and buys no second time.
        heard.ShouldContain(static each => each.Form == nameof(TimeoutRejectedException));
        var answers = await world.Time.RunAsync(() => world.AskAgainAsync(heard));
        answers.Count.ShouldBeGreaterThan(0);
        answers.Count(static answer => answer.Execution != ExecutionStatus.Executed).ShouldBe(0);
        world.Exchange.DuplicateIntents.Count.ShouldBe(0);
    }

    [Fact]
    public async Task The_standard_resilience_handler_with_time_enough_leaves_every_verdict_true_and_known()
    {
        using var world = new StackedClient(seed: 1, static builder => builder.AddStandardResilienceHandler(static options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(45);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(3);
            options.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(2);
            options.CircuitBreaker.FailureRatio = 1;
        }));

        var heard = await world.Time.RunAsync(() => world.PlaceAsync(Orders, Parallel));

        ShouldBeTrue(world, heard);
        heard.Count(static each => each.Execution == ExecutionStatus.Unknown).ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_standard_hedging_handler_doubles_no_order(int seed)
    {
        var hedged = 0;
        using var world = new StackedClient(seed, builder => builder.AddStandardHedgingHandler().Configure(options =>
        {
            options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(5);
            options.Hedging.Delay = TimeSpan.FromMilliseconds(20);
            options.Hedging.MaxHedgedAttempts = 3;
            options.Hedging.OnHedging = _ => Count(ref hedged);
            options.Endpoint.Timeout.Timeout = TimeSpan.FromSeconds(2);
            options.Endpoint.CircuitBreaker.FailureRatio = 1;
            options.Endpoint.CircuitBreaker.MinimumThroughput = 10_000;
        }));

        var heard = await world.Time.RunAsync(() => world.PlaceAsync(Orders, Parallel));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));

        output.WriteLine($"seed {seed}: {hedged} hedged");
        ShouldBeTrue(world, heard);
        hedged.ShouldBeGreaterThan(Orders / 2);
    }

    private void ShouldBeTrue(StackedClient world, IReadOnlyList<StackAnswer> heard)
    {
        output.WriteLine($"{world.Exchange.Scoreboard}");
        foreach (var (form, count) in heard.CountBy(static each => each.Form, StringComparer.Ordinal).OrderByDescending(static entry => entry.Value))
        {
            output.WriteLine($"{count,4} x {form}");
        }

        world.Exchange.DuplicateIntents.Count.ShouldBe(0);
        world.Exchange.Duplicates.Count.ShouldBe(0);
        Enumerable.Range(0, Orders).Count(number => heard[number].Execution != ExecutionStatus.Unknown && heard[number].Execution != world.Truth(number)).ShouldBe(0);
        world.InDoubt.List().Count.ShouldBe(0);
    }

    private static ValueTask Count(ref int counter)
    {
        Interlocked.Increment(ref counter);
        return ValueTask.CompletedTask;
    }
}
