using System.Net;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>One Account name given to two keys. The exchange's code of the account shows whether they are of one.</summary>
public sealed class SharedNameTests
{
    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.001&price=40000&timeInForce=GTC&newClientOrderId=o1";
    private const string AllOpen = "/fapi/v1/allOpenOrders?symbol=BTCUSDT";

    [Theory]
    [InlineData("A", "B", 2)]
    [InlineData("A", "A", 1)]
    public async Task An_order_answers_for_the_same_account_only(string accountOfA, string accountOfB, int orders)
    {
        using var world = new World("desk", accountOfA, accountOfB);

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.SlowEngine(TimeSpan.FromSeconds(1)));
            var first = Told.HearAsync(world.Http("a").PostAsync(SimulatedFixture.Market("o1"), null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            (await Told.HearAsync(world.Http("b").PostAsync(SimulatedFixture.Market("o1"), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await first;
        });

        world.Exchange.Orders.Count.ShouldBe(orders);
    }

    [Theory]
    [InlineData("A", "B", "NEW")]
    [InlineData("A", "A", "CANCELED")]
    public async Task A_cancel_of_all_reaches_what_is_in_doubt_of_the_same_account_only(string accountOfA, string accountOfB, string status)
    {
        using var world = new World("desk", accountOfA, accountOfB);

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.LateAccept(TimeSpan.FromSeconds(3)));
            var placed = Told.HearAsync(world.Http("a").PostAsync(Resting, null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            await Told.HearAsync(world.Http("b").DeleteAsync(AllOpen));
            await placed;
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });

        world.Exchange.Orders.ShouldHaveSingleItem().Status.ShouldBe(status);
    }

    [Fact]
    public async Task Where_the_exchange_does_not_tell_the_name_counts()
    {
        using var world = new World("desk", "A", "A");

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path.EndsWith("balance", StringComparison.Ordinal) ? Fault.HtmlReply(502) : null);
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.SlowEngine(TimeSpan.FromSeconds(1)));
            var first = Told.HearAsync(world.Http("a").PostAsync(SimulatedFixture.Market("o1"), null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            (await Told.HearAsync(world.Http("b").PostAsync(SimulatedFixture.Market("o1"), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await first;
        });

        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(900)]
    [InlineData(1_500)]
    [InlineData(20_000)]
    public async Task A_cancel_of_all_leaves_nothing_of_its_name_resting_however_long_the_exchange_takes_to_tell(int balanceMs)
    {
        using var world = new World("desk", "A", "A", TimeSpan.FromMilliseconds(balanceMs));

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.LateAccept(TimeSpan.FromSeconds(3)));
            var placed = Told.HearAsync(world.Http("a").PostAsync(Resting, null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            await Told.HearAsync(world.Http("b").DeleteAsync(AllOpen));
            await placed;
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });

        world.Exchange.Orders.ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task A_cancel_of_all_says_what_it_may_have_missed()
    {
        using var world = new World(name: null, "A", "A");
        RecoveryReport? report = null;

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path.EndsWith("balance", StringComparison.Ordinal) ? Fault.HtmlReply(502) : null);
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.LateAccept(TimeSpan.FromSeconds(3)));
            var placed = Told.HearAsync(world.Http("a").PostAsync(Resting, null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            using var cancelled = await world.Http("b").DeleteAsync(AllOpen);
            cancelled.StatusCode.ShouldBe(HttpStatusCode.OK);
            report = cancelled.GetRecoveryReport();
            await placed;
        });

        report.ShouldNotBeNull().ToString().ShouldContain("whose account cannot be determined");
    }

    [Fact]
    public async Task An_order_of_another_account_is_no_send_of_a_call_that_ran_while_nothing_showed_whose_it_was()
    {
        // The unnamed client asks for its account first; meanwhile the named one's order of the same id is executed.
        using var world = new World("desk", "A", "B", TimeSpan.FromSeconds(1), nameOfB: null, journal: true);

        var (named, unnamed) = await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.None, Fault.DropBeforeExecute);
            var waiting = Told.HearAsync(world.Http("b").PostAsync(SimulatedFixture.Market("o1"), null));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            return (await Told.HearAsync(world.Http("a").PostAsync(SimulatedFixture.Market("o1"), null)), await waiting);
        });

        named.Execution.ShouldBe(ExecutionStatus.Executed);
        unnamed.Execution.ShouldBe(ExecutionStatus.NotExecuted, unnamed.ToString());
        world.Exchange.Orders.ShouldHaveSingleItem().Account.ShouldBe("A");
    }

    private sealed class World : IDisposable
    {
        private readonly ServiceProvider _services;

        public World(string? name, string accountOfA, string accountOfB, TimeSpan balanceAfter = default)
            : this(name, accountOfA, accountOfB, balanceAfter, nameOfB: name, journal: false)
        {
        }

        public World(string? nameOfA, string accountOfA, string accountOfB, TimeSpan balanceAfter, string? nameOfB, bool journal)
        {
            var options = new SimulatedExchangeOptions();
            options.ApiKeys.Clear();
            options.ApiKeys.Add(new SimulatedApiKey("key-a", "secret-a", accountOfA));
            options.ApiKeys.Add(new SimulatedApiKey("key-b", "secret-b", accountOfB));
            Exchange = new SimulatedExchange(options, Time);
            var services = new ServiceCollection().AddSingleton<TimeProvider>(Time);
            if (journal)
            {
                services.AddSingleton<IOrderJournal>(new InMemoryOrderJournal(Time));
            }

            foreach (var client in (ReadOnlySpan<string>)["a", "b"])
            {
                services.AddHttpClient(client, static http => http.BaseAddress = SimulatedExchange.Address)
                    .AddExchangeErrorHandling(handling =>
                    {
                        handling.Account = client == "a" ? nameOfA : nameOfB;
                        handling.TrustedInnerHandlers.Add(typeof(SlowBalance).FullName!);
                    })
                    .AddExchangeSigning(signing => (signing.ApiKey, signing.Secret) = ($"key-{client}", $"secret-{client}"))
                    .ConfigurePrimaryHttpMessageHandler(() => new SlowBalance(balanceAfter, Time) { InnerHandler = Exchange.CreateHandler() });
            }

            _services = services.BuildServiceProvider();
        }

        public ManualTimeProvider Time { get; } = new();

        public SimulatedExchange Exchange { get; }

        public HttpClient Http(string client) => _services.GetRequiredService<IHttpClientFactory>().CreateClient(client);

        public void Dispose() => _services.Dispose();
    }

    private sealed class SlowBalance(TimeSpan after, TimeProvider time) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (after > TimeSpan.Zero && request.RequestUri!.AbsolutePath.EndsWith("balance", StringComparison.Ordinal))
            {
                await Task.Delay(after, time, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
