namespace ExchangeResilience.Testing.Tests.Faults;

/// <summary>Whole plans against a client that never tries again: what the plan says must be what became of every order.</summary>
public sealed class DoubtTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_order_is_executed_exactly_if_its_fault_lets_it(int seed)
    {
        var plan = FaultPlan.Hostile(seed);
        var exchange = new SimulatedExchange(Patient(), _time) { Faults = { Plan = plan } };
        using var trader = new Trader(exchange, _time);
        var ids = Enumerable.Range(0, 400).Select(i => $"id-{i}").ToList();

        await _time.RunAsync(async () =>
        {
            foreach (var id in ids)
            {
                await AttemptAsync(trader, id, _time).ConfigureAwait(false);
            }
        });
        _time.Advance(TimeSpan.FromMinutes(5));

        var wrong = ids.Where(id => exchange.ExecutionsOf(id).Count != Expected(plan.Choose(new FaultContext("POST", "/fapi/v1/order", id, 1, new Dictionary<string, string>()))));
        wrong.ShouldBeEmpty();
        exchange.Duplicates.ShouldBeEmpty();
        exchange.Scoreboard.Faults.Count.ShouldBeGreaterThan(12);
    }

    [Fact]
    public async Task A_client_that_tries_again_whatever_it_hears_buys_twice()
    {
        var exchange = new SimulatedExchange(Patient(), _time) { Faults = { Plan = FaultPlan.Mixed(1) } };
        using var trader = new Trader(exchange, _time);

        await _time.RunAsync(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                while (!await AttemptAsync(trader, $"id-{i}", _time).ConfigureAwait(false))
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None).ConfigureAwait(false);
                }
            }
        });

        var board = exchange.Scoreboard;
        board.ClientOrderIds.ShouldBe(500);
        board.DuplicateClientOrderIds.ShouldBeInRange(70, 140);
        board.Executions.ShouldBe(500 + board.ExtraExecutions);
        exchange.DuplicateIntents.Count.ShouldBe(1, "all orders were alike");
    }

    [Fact]
    public async Task The_same_plan_deals_the_same_on_a_port()
    {
        var plan = FaultPlan.Mixed(7);
        var exchange = new SimulatedExchange(Patient()) { Faults = { Plan = plan } };
        await using var server = await exchange.ListenAsync();
        using var trader = new Trader(new SocketsHttpHandler(), server.Address, TimeProvider.System);
        var ids = Enumerable.Range(0, 200).Select(i => $"id-{i}").ToList();

        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (id, _) => await AttemptAsync(trader, id, TimeProvider.System).ConfigureAwait(false));

        ids.ShouldAllBe(id => exchange.ExecutionsOf(id).Count == Expected(plan.Choose(new FaultContext("POST", "/fapi/v1/order", id, 1, new Dictionary<string, string>()))));
        exchange.Requests.Count.ShouldBe(200);
    }

    private static SimulatedExchangeOptions Patient() => new() { EnforceRetryAfter = false, OrdersPer10Seconds = int.MaxValue, OrdersPerMinute = int.MaxValue };

    private static int Expected(Fault? fault) => fault switch
    {
        null => 1,
        { Name: nameof(Fault.LateAccept) } => fault.EngineDelay <= TimeSpan.FromSeconds(5) ? 1 : 0,
        { Name: nameof(Fault.SlowEngine) } => fault.EngineDelay <= TimeSpan.FromSeconds(5) ? 1 : 0,
        _ => fault.Executes == true ? 1 : 0,
    };

    private static async Task<bool> AttemptAsync(Trader trader, string id, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
        try
        {
            return (await trader.PlaceMarketAsync(id, cancellationToken: patience.Token).ConfigureAwait(false)).Status == System.Net.HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or OperationCanceledException)
        {
            return false;
        }
    }
}
