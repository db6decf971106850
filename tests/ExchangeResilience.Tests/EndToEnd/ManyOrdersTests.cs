using System.Diagnostics;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>Two thousand orders through a bad day: nothing doubled, nothing misreported, nothing left unknown.</summary>
[Trait("Speed", "Slow")]
public sealed class ManyOrdersTests(ITestOutputHelper output)
{
    private const int Orders = 2_000;
    private const int Parallel = 16;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_order_ends_as_the_exchange_has_it(int seed)
    {
        using var world = new SimulatedFixture(exchange: static options =>
        {
            options.QueryLag = TimeSpan.FromMilliseconds(300);
            options.Latency = TimeSpan.FromMilliseconds(20);

            // What was already on its way when the hold was told is nobody's fault.
            options.HoldGrace = TimeSpan.FromMilliseconds(40);
        });
        world.Exchange.Faults.Plan = FaultPlan.Mixed(seed);
        var verdicts = new ExecutionStatus[Orders];
        var watch = Stopwatch.StartNew();

        await world.Time.RunAsync(() => InParallelAsync(async number =>
        {
            verdicts[number] = await PlaceAsync(world.Http, number, world.Time);
        }));

        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));
        var wrong = Enumerable.Range(0, Orders).Where(number => verdicts[number] != Truth(world.Exchange, number)).ToList();
        output.WriteLine($"seed {seed}: {world.Exchange.Scoreboard}; {verdicts.Count(v => v == ExecutionStatus.Executed)} executed, {verdicts.Count(v => v == ExecutionStatus.NotExecuted)} not executed, {verdicts.Count(v => v == ExecutionStatus.Unknown)} unknown, {world.Time.Elapsed} of manual time, {watch.Elapsed} real");
        world.Exchange.Duplicates.ShouldBeEmpty($"seed {seed}");
        wrong.Count.ShouldBe(0, $"seed {seed}, first wrong n{wrong.FirstOrDefault()}");
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty($"seed {seed}");
        world.Exchange.SentIntoHold.Count(request => request.Path == "/fapi/v1/order").ShouldBe(0, $"seed {seed}");
    }

    [Fact]
    public async Task A_naive_loop_doubles_orders_in_the_same_weather()
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { EnforceRetryAfter = false, ViolationsBeforeBan = int.MaxValue, OrdersPer10Seconds = int.MaxValue, OrdersPerMinute = int.MaxValue }, time);
        exchange.Faults.Plan = FaultPlan.Mixed(1);
        using var http = new HttpClient(exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };

        await time.RunAsync(() => InParallelAsync(async number =>
        {
            for (var attempt = 1; attempt <= 3; attempt++)
            {
                try
                {
                    using var response = await http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market($"n{number}"), time));
                    if (response.IsSuccessStatusCode)
                    {
                        return;
                    }
                }
                catch (HttpRequestException)
                {
                    // Tried again, as so many programs do.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), time);
            }
        }));

        output.WriteLine($"naive three-try loop: {exchange.Scoreboard}");
        exchange.Duplicates.Count.ShouldBeGreaterThan(100);
    }

    private static async Task<ExecutionStatus> PlaceAsync(HttpClient http, int number, TimeProvider time)
    {
        // A user's own loop: what was not executed is sent again, what is unknown is asked again under the same id.
        for (var turn = 0; turn < 20; turn++)
        {
            ExchangeError error;
            try
            {
                using var response = await http.PostAsync(SimulatedFixture.Market($"n{number}"), content: null);
                if (response.IsSuccessStatusCode)
                {
                    return ExecutionStatus.Executed;
                }

                error = response.GetExchangeError()!;
            }
            catch (ExchangeErrorException failed)
            {
                error = failed.Error;
            }

            if (error.RetryAt - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time);
            }
        }

        return ExecutionStatus.Unknown;
    }

    private static ExecutionStatus Truth(SimulatedExchange exchange, int number) =>
        exchange.ExecutionsOf($"n{number}").Count == 1 ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted;

    private static async Task InParallelAsync(Func<int, Task> work)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(async _ =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < Orders)
            {
                await work(number);
            }
        }));
    }
}
