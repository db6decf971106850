using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ExchangeResilience.Tests.Clients;

/// <summary>What a program can read of the middleware's state, and what its health check makes of it.</summary>
public sealed class ExchangeMonitorTests
{
    private const string Balance = "/fapi/v3/balance";

    [Fact]
    public async Task A_program_that_trades_well_is_healthy_and_its_state_is_there_to_read()
    {
        using var world = new SimulatedFixture();
        await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));

        var state = world.Client.Get<IExchangeMonitor>().Read();

        state.TakenAt.ShouldBe(world.Time.GetUtcNow());
        var ip = state.Lanes.Single(static lane => lane.Lane == TrafficLane.Ip);
        (ip.State, ip.HeldUntil, ip.Code).ShouldBe((LaneState.Open, null, null));
        ip.Usage.ShouldContain(static usage => usage.Interval == TimeSpan.FromMinutes(1) && usage.Used > 0 && usage.Limit > 0);
        state.Lanes.Single(static lane => lane.Lane == TrafficLane.Orders).Usage.ShouldContain(static usage => usage.Used == 1);
        var clock = state.Clocks.ShouldHaveSingleItem();
        (clock.IsSynchronised, clock.HasFailed).ShouldBe((true, false));
        clock.MeasuredAt.ShouldNotBeNull();
        state.OrdersInDoubt.ShouldBeEmpty();
        (state.Halt, state.JournalFault).ShouldBe((null, null));
        (await CheckAsync(world)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_ban_is_seen_with_its_code_and_end_and_degrades()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));
        await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Get, Balance)));

        var lane = world.Client.Get<IExchangeMonitor>().Read().Lanes.Single(static lane => lane.Lane == TrafficLane.Ip);
        var health = await CheckAsync(world);

        (lane.State, lane.Code).ShouldBe((LaneState.Held, -1003));
        lane.HeldUntil.ShouldNotBeNull().ShouldBeGreaterThan(world.Time.GetUtcNow() + TimeSpan.FromMinutes(4));
        lane.BannedUntil.ShouldNotBeNull().ShouldBe(world.Time.GetUtcNow() + TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(2));
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldNotBeNull().ShouldContain("The Ip lane of");
        health.Description.ShouldContain($"by -1003: banned by the exchange until {lane.BannedUntil.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, nothing leaves from this address, cancels neither.");
        health.Data["lanes_held"].ShouldBe(1);
    }

    [Fact]
    public async Task An_order_in_doubt_shows_its_terms_and_degrades_once_it_is_no_ordinary_recovery()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context is { Path: "/fapi/v1/order" or "/fapi/v1/allOrders" or "/fapi/v1/openOrders" } ? Fault.Silence : null);
        await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a", 0.002m))));

        var order = world.Client.Get<IExchangeMonitor>().Read().OrdersInDoubt.ShouldHaveSingleItem();
        var soon = await CheckAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));
        var late = await CheckAsync(world);

        (order.ClientOrderId, order.Side, order.Type, order.Quantity, order.Price).ShouldBe(("a", "BUY", "MARKET", 0.002m, null));
        soon.Data["orders_in_doubt"].ShouldBe(1);
        soon.Status.ShouldBe(HealthStatus.Healthy);
        late.Status.ShouldBe(HealthStatus.Degraded);
        late.Description.ShouldNotBeNull().ShouldContain("a of futures (BUY 0.002 BTCUSDT) is in doubt");
    }

    [Fact]
    public async Task A_stop_of_new_orders_degrades_and_names_who_and_why()
    {
        using var world = new SimulatedFixture();
        world.Client.Get<ITradingHalt>().StopOrders("ann", "drill");

        var health = await CheckAsync(world);

        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldNotBeNull().ShouldContain(string.Create(CultureInfo.InvariantCulture, $"New orders are stopped by ann since {world.Time.GetUtcNow():u} (drill)."));
        health.Description.ShouldEndWith("What to do first: docs/on-call.md in the package ExchangeResilience.");
        world.Client.Get<IExchangeMonitor>().Read().Halt.ShouldNotBeNull().Reason.ShouldBe("drill");
    }

    [Fact]
    public async Task A_clock_that_can_no_longer_be_measured_degrades_until_it_can()
    {
        using var world = new SimulatedFixture();
        await world.Time.RunAsync(() => world.Http.GetAsync(Balance));
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path == "/fapi/v1/time" ? Fault.HtmlReply(502) : null);

        var lost = await AfterAnHourAsync();
        world.Exchange.Faults.Plan = FaultPlan.None;
        var found = await AfterAnHourAsync();

        lost.Status.ShouldBe(HealthStatus.Degraded);
        lost.Description.ShouldNotBeNull().ShouldMatch("The clock of .* cannot be measured; requests are stamped by its last measurement, of 20");
        found.Status.ShouldBe(HealthStatus.Healthy);

        async Task<HealthCheckResult> AfterAnHourAsync()
        {
            await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromHours(1), world.Time));
            await world.Time.RunAsync(async () =>
            {
                await world.Http.GetAsync(Balance);
                await Task.Delay(TimeSpan.FromSeconds(30), world.Time);
            });
            return await CheckAsync(world);
        }
    }

    [Fact]
    public async Task A_measurement_of_the_clock_that_says_too_little_is_made_anew_within_seconds_and_its_uncertainty_is_told()
    {
        var (time, delay) = (new ManualTimeProvider(), TimeSpan.FromSeconds(2));
        using var world = new SimulatedFixture(
            static options => options.TrustedInnerHandlers.Add(typeof(SlowTime).FullName!), time: time, wire: exchange => new SlowTime(() => Task.Delay(delay, time)) { InnerHandler = exchange });
        await BalanceAsync();
        var doubtful = await UncertaintyAsync();
        delay = TimeSpan.FromMilliseconds(20);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(30), world.Time));
        await BalanceAsync();

        doubtful.ShouldBeGreaterThan(0.9);
        (await UncertaintyAsync()).ShouldBeLessThan(0.1);

        Task BalanceAsync() => world.Time.RunAsync(async () =>
        {
            await world.Http.GetAsync(Balance);
            await Task.Delay(TimeSpan.FromSeconds(15), world.Time);
        });

        async Task<double> UncertaintyAsync() => (double)(await CheckAsync(world)).Data.Single(static entry => entry.Key.StartsWith("clock_uncertainty_seconds.", StringComparison.Ordinal)).Value;
    }

    [Fact]
    public async Task An_order_that_was_reported_absent_and_is_there_after_all_degrades_for_an_hour_and_is_named()
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(30));
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);
        var told = await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));
        var before = await CheckAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));

        var found = await CheckAsync(world);
        var absence = world.Client.Get<IExchangeMonitor>().Read().ContradictedAbsences.ShouldHaveSingleItem();
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(57), world.Time));
        var stillTold = await CheckAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(3), world.Time));

        told.IsNotExecuted.ShouldBeTrue();
        before.Data["absences_contradicted"].ShouldBe("");
        found.Status.ShouldBe(HealthStatus.Degraded);
        found.Description.ShouldNotBeNull().ShouldContain("a of futures (BUY 0.001 BTCUSDT) was reported as not executed and is FILLED at the exchange, found at ");
        found.Data["absences_contradicted"].ShouldBe("futures/a");
        (absence.Order.ClientOrderId, absence.Order.ClientName, absence.OrderStatus).ShouldBe(("a", "futures", "FILLED"));
        absence.FoundAt.ShouldBeInRange(world.Time.GetUtcNow().AddMinutes(-62), world.Time.GetUtcNow().AddMinutes(-60));
        stillTold.Status.ShouldBe(HealthStatus.Degraded);
        (await CheckAsync(world)).Status.ShouldBe(HealthStatus.Healthy);
        world.Client.Get<IExchangeMonitor>().Read().ContradictedAbsences.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_journal_that_hangs_degrades_and_is_logged_once_until_it_writes_again()
    {
        var time = new ManualTimeProvider();
        var journal = new InMemoryOrderJournal(time);
        var log = new CollectedLog();
        using var world = new SimulatedFixture(outer: client => client.Services.AddSingleton<IOrderJournal>(journal).AddLogging(log.Register), time: time);
        await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));
        journal.WriteDelay = TimeSpan.FromHours(10);

        for (var order = 0; order < 3; order++)
        {
            await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market($"b{order}"))));
        }

        var silent = await CheckAsync(world);
        journal.WriteDelay = TimeSpan.Zero;
        await world.Time.RunAsync(() => world.Http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("c"))));

        silent.Status.ShouldBe(HealthStatus.Degraded);
        silent.Description.ShouldNotBeNull().ShouldContain("The order journal did not write in the time");
        log.Of("JournalSilent").ShouldHaveSingleItem();
        log.Of("JournalBack").ShouldHaveSingleItem();
        (await CheckAsync(world)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_failing_journal_degrades_until_it_works_again()
    {
        var journal = new InMemoryOrderJournal();
        var services = new ServiceCollection();
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        services.AddSingleton<TimeProvider>(time).AddSingleton<IOrderJournal>(new Breakable(journal));
        services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address).AddExchangeErrorHandling()
            .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        services.AddHealthChecks().AddExchangeResilience(failureStatus: HealthStatus.Unhealthy);
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        var health = provider.GetRequiredService<HealthCheckService>();

        var refused = await time.RunAsync(() => http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("broken"))));
        var broken = await health.CheckHealthAsync();
        await time.RunAsync(() => http.SendExchangeAsync(new(HttpMethod.Post, SimulatedFixture.Market("a"))));
        var mended = await health.CheckHealthAsync();

        refused.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        broken.Status.ShouldBe(HealthStatus.Unhealthy);
        broken.Entries["exchange"].Description.ShouldNotBeNull().ShouldContain("no space");
        mended.Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Without_a_client_the_check_says_what_to_register()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddHealthChecks().AddExchangeResilience();
        await using var provider = services.BuildServiceProvider();

        (await Should.ThrowAsync<InvalidOperationException>(() => provider.GetRequiredService<HealthCheckService>().CheckHealthAsync())).Message.ShouldContain("AddExchangeErrorHandling()");
    }

    private static Task<HealthCheckResult> CheckAsync(SimulatedFixture world) => Checked.ByAsync(world.Client.Get<IExchangeMonitor>());

    private sealed class SlowTime(Func<Task> delay) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath == "/fapi/v1/time")
            {
                await delay();
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Breakable(IOrderJournal journal) : IOrderJournal
    {
        public ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken) => journal.OpenAsync(cancellationToken);

        public ValueTask<IReadOnlyList<JournalHold>> ReadHoldsAsync(CancellationToken cancellationToken) => journal.ReadHoldsAsync(cancellationToken);

        public ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken) =>
            entry.ClientOrderId == "broken" ? throw new JournalException("no space") : journal.RecordAsync(entry, cancellationToken);

        public ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) => journal.FindAsync(entry, cancellationToken);

        public ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken) => journal.SettleAsync(entry, cancellationToken);

        public ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken) => journal.HoldAsync(hold, cancellationToken);
    }
}
