using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What the next run makes of orders, absences and amendments that went on without it.</summary>
public sealed class AmendedMeanwhileTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("")]
    public async Task An_order_that_was_amended_before_the_next_run_looked_is_found_all_the_same(string id)
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        var first = world.Start();
        await first.RunIntoAsync(() => Told.HearAsync(first.Http.PostAsync(Resting(id), content: null)), 1);
        first.Kill();
        var order = world.Exchange.Orders.Single().OrderId;
        using var desk = new HttpClient(world.Exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };
        await world.Time.RunAsync(async () => (await desk.SendAsync(EndToEnd.NaiveSigning.Sign(
            HttpMethod.Put, FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&orderId={order}&price=41000&quantity=0.03"), world.Time))).EnsureSuccessStatusCode().Dispose());

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(60);

        next.InDoubt.List().ShouldBeEmpty();
        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task An_amendment_that_proved_absent_is_not_contradicted_by_an_equal_one_of_a_moment_before()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.PlaceRestingAsync();
        (await AmendAsync(31_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        (await AmendAsync(32_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);

        (await AmendAsync(31_000)).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await world.LetPassAsync(15 * 60);

        run.Contradictions.ShouldBeEmpty();

        Task<Told> AmendAsync(int price) => world.Time.RunAsync(() => Told.HearAsync(run.Http.PutAsync(
            FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price={price}&origClientOrderId=a"), content: null)));
    }

    [Fact]
    public async Task An_order_sent_again_after_its_absence_was_proved_contradicts_nothing_in_the_next_run()
    {
        using var world = new JournalledWorld(static options => options.SendBefore = TimeSpan.FromSeconds(25));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();

        (await NextRunAsync(world)).Contradictions.ShouldBeEmpty();
        world.Journal.Entries.ShouldAllBe(entry => entry.IsFinished);
    }

    [Fact]
    public async Task An_order_sent_again_once_its_id_was_free_contradicts_nothing_in_the_next_run()
    {
        using var world = new JournalledWorld();
        using var desk = new HttpClient(world.Exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };
        await DeskAsync(HttpMethod.Post, Resting("a"));
        await world.LetPassAsync(10);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await DeskAsync(HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a");
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();

        (await NextRunAsync(world)).Contradictions.ShouldBeEmpty();
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);

        Task DeskAsync(HttpMethod method, string target) => world.Time.RunAsync(
            async () => (await desk.SendAsync(EndToEnd.NaiveSigning.Sign(method, target, world.Time))).EnsureSuccessStatusCode().Dispose());
    }

    [Fact]
    public async Task An_absence_believed_wrongly_is_contradicted_by_the_next_run()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(40));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        first.Kill();

        (await NextRunAsync(world)).Contradictions.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_absence_believed_wrongly_and_sent_again_is_contradicted_by_the_next_run()
    {
        using var world = new JournalledWorld(
            static options =>
            {
                options.AfterProvenAbsent = AfterProvenAbsent.Resend;
                options.SendBefore = TimeSpan.FromSeconds(25);
            },
            static options => options.QueryLag = TimeSpan.FromSeconds(40));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
        first.Kill();

        var next = await NextRunAsync(world);
        next.Contradictions.ShouldNotBeEmpty();
        next.InDoubt.List().ShouldBeEmpty();
        world.Journal.Entries.ShouldAllBe(entry => entry.IsFinished);
    }

    [Fact]
    public async Task A_repeat_of_an_amendment_in_doubt_waits_for_that_one_and_is_never_told_that_it_has_not_left()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromDays(1));
        await world.Journal.RecordAsync(Amendment("by-id", "a", orderId: null), CancellationToken.None);
        await world.Journal.RecordAsync(Amendment("by-order", "8000000009", orderId: "8000000009"), CancellationToken.None);
        var run = world.Start();
        await run.OpenAsync();

        var told = await world.Time.RunAsync(async () =>
        {
            using var impatience = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            return await Told.HearAsync(run.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&price=41000&quantity=0.03&origClientOrderId=a", content: null, impatience.Token));
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen(ExchangeLooks.Amend).ShouldBeEmpty();

        JournalEntry Amendment(string entry, string id, string? orderId)
        {
            var parameters = new RequestParameters($"symbol=BTCUSDT&side=BUY&price=41000&quantity=0.03&{(orderId is null ? "origClientOrderId" : "orderId")}={id}", body: null);
            var endpoint = ExchangeVenue.BinanceUsdFutures.Endpoints.Find(HttpMethod.Put, new Uri(SimulatedExchange.Address, "/fapi/v1/order"));
            var operation = OperationReader.Read(endpoint, parameters);
            var now = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
            return new JournalEntry
            {
                Id = entry,
                Run = "earlier",
                Key = new JournalKey(ExchangeVenue.BinanceUsdFutures.EnvironmentOf(ProgramRun.Host), SigningCredentials.AccountOf(SimulatedExchangeOptions.DefaultApiKey), "BTCUSDT", OperationKind.Amend, id),
                ClientName = "futures",
                Host = ProgramRun.Host,
                Venue = "BinanceUsdFutures",
                Method = "PUT",
                Path = "/fapi/v1/order",
                ClientOrderId = orderId is null ? id : null,
                OrderId = orderId,
                Fingerprint = operation.Fingerprint,
                Side = "BUY",
                Price = 41_000m,
                Quantity = 0.03m,
                Attempts = [new JournalAttempt(now, now + 5_000, 5_000)],
            };
        }
    }

    [Theory]
    [InlineData(JournalState.Open, 0, false)]
    [InlineData(JournalState.Unresolved, 0, false)]
    [InlineData(JournalState.Executed, 0, true)]
    [InlineData(JournalState.Executed, 2, false)]
    [InlineData(JournalState.NotExecuted, 1, false)]
    [InlineData(JournalState.NotExecuted, 0, true)]
    [InlineData(JournalState.NotExecuted, -2, true)]
    public void An_entry_is_finished_once_it_is_settled_and_no_absence_has_to_be_asked_about_again(JournalState state, int rechecksLeft, bool isFinished) => new JournalEntry
    {
        Id = "a",
        Run = "r",
        Key = new JournalKey("", "", "", OperationKind.Place, "a"),
        ClientName = "",
        Host = ProgramRun.Host,
        Venue = "",
        Method = "POST",
        Path = "/fapi/v1/order",
        State = state,
        RechecksLeft = rechecksLeft,
    }.IsFinished.ShouldBe(isFinished);

    /// <summary>A run that has asked about the absences before it for the last time.</summary>
    private static async Task<ProgramRun> NextRunAsync(JournalledWorld world)
    {
        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(660);
        return next;
    }

    private static string Resting(string id) =>
        $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000{(id.Length == 0 ? "" : $"&newClientOrderId={id}")}";
}
