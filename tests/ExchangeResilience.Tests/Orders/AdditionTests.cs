using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Orders;

/// <summary>What adds to a value is never repeated; after an unknown outcome the exchange's history may tell what became of it.</summary>
public sealed class AdditionTests
{
    private const string Add = "POST /fapi/v1/positionMargin";
    private const string History = "GET /fapi/v1/positionMargin/history";
    private const string Ten = "/fapi/v1/positionMargin?symbol=BTCUSDT&amount=10&type=1";

    [Theory]
    [InlineData("reset")]
    [InlineData("408")]
    [InlineData("silence")]
    public async Task An_addition_whose_reply_was_lost_is_found_in_the_history(string loss)
    {
        using var world = await HoldingAsync();
        world.Exchange.Faults.Next(Add, loss switch { "reset" => Fault.ExecuteThenDrop, "408" => Fault.ExecutedTimeout, _ => Fault.Silence });

        var told = await AddAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Status.ShouldBe(200);
        told.Body.ShouldContain("\"deltaType\":\"USER_ADJUST\"");
        told.Report.ShouldNotBeNull().Evidence.ShouldNotBeNull().ShouldContain("history");
        world.Exchange.Seen(Add).Count.ShouldBe(1);
        var asked = world.Exchange.Seen(History).ShouldHaveSingleItem();
        (asked.Parameters["symbol"], asked.Parameters["type"]).ShouldBe(("BTCUSDT", "1"));
    }

    [Fact]
    public async Task A_record_that_queries_show_late_is_waited_for()
    {
        using var world = await HoldingAsync(static exchange => exchange.QueryLag = TimeSpan.FromSeconds(12));
        world.Exchange.Faults.Next(Add, Fault.ExecuteThenDrop);

        (await AddAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(History).Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task A_record_of_a_time_when_it_could_no_longer_take_effect_is_not_its_own()
    {
        using var world = await HoldingAsync();
        using var hand = new HttpClient(world.Exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };
        world.Exchange.Faults.Next(Add, Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(async () =>
        {
            var lost = Told.HearAsync(world.Http.PostAsync(Ten, content: null));
            await Task.Delay(TimeSpan.FromSeconds(8), world.Time);
            using var request = NaiveSigning.Sign(HttpMethod.Post, Ten, world.Time);
            (await hand.SendAsync(request)).EnsureSuccessStatusCode();
            return await lost;
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Theory]
    [InlineData("amount=10.00&type=1", ExecutionStatus.Executed)]
    [InlineData("amount=11&type=1", ExecutionStatus.Unknown)]
    [InlineData("amount=10&type=2", ExecutionStatus.Unknown)]
    public async Task Only_a_record_that_agrees_is_proof(string other, ExecutionStatus execution)
    {
        using var world = await HoldingAsync();
        await AddAsync(world, "/fapi/v1/positionMargin?symbol=BTCUSDT&amount=50&type=1");
        world.Exchange.Faults.Next(Add, Fault.DropBeforeExecute);
        using var hand = new HttpClient(world.Exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };

        // What another program adds in the same window looks the same; nothing tells them apart but that it is unequal.
        var told = await world.Time.RunAsync(async () =>
        {
            var lost = Told.HearAsync(world.Http.PostAsync(Ten, content: null));
            using var request = NaiveSigning.Sign(HttpMethod.Post, $"/fapi/v1/positionMargin?symbol=BTCUSDT&{other}", world.Time);
            (await hand.SendAsync(request)).EnsureSuccessStatusCode();
            return await lost;
        });

        told.Execution.ShouldBe(execution, told.ToString());
        world.Exchange.Seen(Add).Count.ShouldBe(3);
    }

    [Fact]
    public async Task One_that_never_arrived_stays_unknown_and_the_report_says_why()
    {
        using var world = await HoldingAsync();
        world.Exchange.Faults.Next(Add, Fault.DropBeforeExecute);

        var told = await AddAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        told.Report.ShouldNotBeNull().ToString().ShouldContain("no record of it was found");
        world.Exchange.Seen(Add).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_records_that_agree_prove_nothing()
    {
        using var world = await HoldingAsync(static exchange => exchange.QueryLag = TimeSpan.FromSeconds(1));
        using var hand = new HttpClient(world.Exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address };
        world.Exchange.Faults.Next(Add, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(async () =>
        {
            var lost = Told.HearAsync(world.Http.PostAsync(Ten, content: null));
            using var request = NaiveSigning.Sign(HttpMethod.Post, Ten, world.Time);
            (await hand.SendAsync(request)).EnsureSuccessStatusCode();
            return await lost;
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Report.ShouldNotBeNull().ToString().ShouldContain("2 records");
    }

    [Theory]
    [InlineData(1, ExecutionStatus.Unknown)]
    [InlineData(30, ExecutionStatus.Executed)]
    public async Task An_equal_one_of_this_process_in_the_same_window_makes_the_record_nobodys(double apart, ExecutionStatus execution)
    {
        using var world = await HoldingAsync();
        world.Exchange.Faults.Next(Add, Fault.None, Fault.ExecuteThenDrop);

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = await Told.HearAsync(world.Http.PostAsync(Ten, content: null));
            await Task.Delay(TimeSpan.FromSeconds(apart), world.Time);

            // Not the record of the first: it lies within the second's window only where they are close.
            return (first, await Told.HearAsync(world.Http.PostAsync(Ten, content: null)));
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(execution, second.ToString());
        world.Exchange.Seen(Add).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "&positionSide=BOTH")]
    [InlineData("&positionSide=BOTH", "")]
    public async Task One_that_spells_out_the_default_side_is_equal_to_one_that_does_not(string one, string other)
    {
        using var world = await HoldingAsync(static exchange => exchange.QueryLag = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(Add, Fault.DropBeforeExecute);

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = Told.HearAsync(world.Http.PostAsync(Ten + one, content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(200), world.Time);
            var second = await Told.HearAsync(world.Http.PostAsync(Ten + other, content: null));
            return (await first, second);
        });

        first.Execution.ShouldBe(ExecutionStatus.Unknown, "the record is that of the second");
        second.Execution.ShouldBe(ExecutionStatus.Executed, second.ToString());
    }

    [Theory]
    [InlineData("", "&positionSide=BOTH")]
    [InlineData("&positionSide=BOTH", "")]
    public async Task And_is_refused_while_that_one_is_in_doubt(string one, string other)
    {
        using var world = await HoldingAsync();
        world.Exchange.Faults.Next(Add, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => $"{request.Method} {request.Path}" == History ? Fault.HtmlReply(502) : null);

        var first = await AddAsync(world, Ten + one);
        var second = await AddAsync(world, Ten + other);

        first.Execution.ShouldBe(ExecutionStatus.Unknown);
        (second.Execution, second.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "EQUAL_ADDITION_IN_DOUBT"));
        world.Exchange.Effects.Count(static effect => effect.Kind == EffectKind.MarginChanged).ShouldBe(1);
    }

    [Fact]
    public async Task An_equal_one_that_was_refused_stands_in_no_ones_way()
    {
        using var world = await HoldingAsync();
        world.Exchange.Faults.Next(Add, Fault.Unavailable, Fault.ExecuteThenDrop);

        var (refused, lost) = await world.Time.RunAsync(async () => (await Told.HearAsync(world.Http.PostAsync(Ten, content: null)), await Told.HearAsync(world.Http.PostAsync(Ten, content: null))));

        refused.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        lost.Execution.ShouldBe(ExecutionStatus.Executed, lost.ToString());
    }

    [Fact]
    public async Task Margin_that_a_trade_moved_is_no_ones_addition()
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
            .OnLost(Add, new HttpRequestException("lost"))
            .On(History, _ => ScriptedExchange.Reply(200, FormattableString.Invariant($$"""[{"symbol":"BTCUSDT","type":1,"deltaType":"TRADE","amount":"10","asset":"USDT","time":{{time.GetUtcNow().ToUnixTimeMilliseconds()}},"positionSide":"BOTH"}]""")));
        using var client = new ProtectedClient(exchange, time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(Ten, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        exchange.SeenAt(History).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("executed", "response")]
    [InlineData("unknown", "response")]
    [InlineData("executed", "exception")]
    [InlineData("unknown", "exception")]
    [InlineData("unknown", "cancellation")]
    public async Task A_handler_that_hands_out_the_refusal_of_one_copy_does_not_deny_what_another_added(string second, string word)
    {
        using var world = await HoldingAsync(outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async send =>
        {
            var first = await send();
            if (first.IsSuccessStatusCode)
            {
                return first;
            }

            (await Told.HearAsync(send())).Execution.ShouldBe(second == "unknown" ? ExecutionStatus.Unknown : ExecutionStatus.Executed);
            return word switch
            {
                "exception" => throw new ExchangeErrorException(first.GetExchangeError()!, first.GetRecoveryReport()),
                "cancellation" => throw new OperationCanceledException("given up", new ExchangeOperationCanceledException(Add, clientOrderId: null, ExecutionStatus.NotExecuted)),
                _ => first,
            };
        })));
        world.Exchange.Faults.Next(Add, [Fault.RefuseWithCode(400, -4051, "Isolated balance insufficient."), .. second == "unknown" ? [Fault.ExecuteThenDrop] : Array.Empty<Fault>()]);
        world.Exchange.Faults.Next(History, [.. Enumerable.Repeat(Fault.HtmlReply(502), second == "unknown" ? 100 : 0)]);

        var told = await AddAsync(world);

        told.Execution.ShouldBe(second == "unknown" ? ExecutionStatus.Unknown : ExecutionStatus.Executed, told.ToString());
        if (word != "cancellation")
        {
            told.Report.ShouldNotBeNull().Execution.ShouldBe(told.Execution);
        }

        world.Exchange.Seen(Add).Count.ShouldBe(2);
    }

    private static Task<Told> AddAsync(SimulatedFixture world, string addition = Ten) => world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(addition, content: null)));

    private static async Task<SimulatedFixture> HoldingAsync(Action<SimulatedExchangeOptions>? exchange = null, Action<IHttpClientBuilder>? outer = null)
    {
        var world = new SimulatedFixture(exchange: exchange, outer: outer);
        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync("/fapi/v1/marginType?symbol=BTCUSDT&marginType=ISOLATED", content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("held"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
        });
        return world;
    }
}
