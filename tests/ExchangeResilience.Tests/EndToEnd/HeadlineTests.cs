using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>The five headline behaviours against the simulated exchange, in memory and on manual time.</summary>
public sealed class HeadlineTests
{
    private const string Timeout = "Timeout waiting for response from backend server. Send status unknown; execution status unknown.";
    private const string Unexpected = "An unexpected response was received from the message bus. Execution status unknown.";

    public static TheoryData<int, int, string> UnknownReplies => new()
    {
        { 503, -1006, Unexpected },
        { 408, -1007, Timeout },
        { 503, -1007, Timeout },
    };

    [Fact]
    public async Task A_parameter_error_of_an_order_fails_at_once_with_code_meaning_and_advice()
    {
        using var world = new SimulatedFixture();

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/order?symbol=NOPE&side=BUY&type=MARKET&quantity=1&newClientOrderId=p1", null));

        ((int)response.StatusCode).ShouldBe(400);
        var error = response.GetExchangeError().ShouldNotBeNull();
        error.Code.ShouldBe(-1121);
        error.Name.ShouldBe("BAD_SYMBOL");
        error.Message.ShouldBe("Invalid symbol.");
        error.Category.ShouldBe(ErrorCategory.InvalidParameter);
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        error.Advice.ShouldNotBeNullOrWhiteSpace();
        (await response.Content.ReadAsStringAsync()).ShouldContain("-1121");
        response.GetRecoveryReport().ShouldNotBeNull().Attempts.ShouldBe(1);
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
        world.Exchange.SeenAt(AskOrder).ShouldBeEmpty();
        world.Time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_parameter_error_is_thrown_where_the_user_wants_it_thrown()
    {
        using var world = new SimulatedFixture(options => options.ThrowOnError = true);

        var thrown = await world.Time.RunAsync(() => Should.ThrowAsync<ExchangeErrorException>(() => world.Http.GetAsync("/fapi/v1/ticker/price?symbol=NOPE")));

        thrown.Error.Code.ShouldBe(-1121);
        thrown.Message.ShouldContain("-1121");
        thrown.Message.ShouldNotContain("symbol=NOPE");
        world.Exchange.SeenAt("GET /fapi/v1/ticker/price").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_told_1003_waits_as_long_as_it_was_told_and_then_succeeds()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(PlaceOrder, Fault.TooManyRequests(TimeSpan.FromSeconds(2)));

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("r1"), null));

        await response.ShouldBePlainSuccessOfAsync(world.Exchange, "r1");
        var sent = world.Exchange.SeenAt(PlaceOrder);
        sent.Count.ShouldBe(2);
        (sent[1].Elapsed - sent[0].Elapsed).ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        sent.ShouldEachBeStampedAndSignedAfresh();
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_query_told_1003_without_a_time_waits_for_the_next_minute_and_then_succeeds()
    {
        using var world = new SimulatedFixture(options => options.TotalTimeout = TimeSpan.FromMinutes(2));
        world.Time.Advance(TimeSpan.FromSeconds(40));
        world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.TooManyRequests());

        using var response = await world.Time.RunAsync(() => world.Http.GetAsync(Price));

        ((int)response.StatusCode).ShouldBe(200);
        world.Time.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(65));
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_told_1008_backs_off_ever_longer_and_then_succeeds()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(PlaceOrder, Fault.Throttled, Fault.Throttled, Fault.Throttled);

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("t1"), null));

        await response.ShouldBePlainSuccessOfAsync(world.Exchange, "t1");
        var sent = world.Exchange.SeenAt(PlaceOrder);
        sent.Count.ShouldBe(4);
        var waits = sent.Skip(1).Select((request, index) => request.Elapsed - sent[index].Elapsed).ToList();
        waits[0].ShouldBeInRange(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));
        waits[1].ShouldBeGreaterThan(waits[0]);
        waits[2].ShouldBeGreaterThan(waits[1]);
        world.Exchange.SeenAt(AskOrder).Select(static look => look.Elapsed).ShouldBe(sent.Skip(1).Select(static resend => resend.Elapsed), "each resend is looked for right before it leaves");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public async Task A_stepped_clock_is_healed_inside_the_call(int seconds)
    {
        using var world = new SimulatedFixture();
        (await world.Time.RunAsync(() => world.Http.GetAsync(Balance))).Dispose();
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(20), world.Time));
        var before = world.Exchange.Requests.Count;
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(seconds));

        using var placed = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("c1"), null));
        using var asked = await world.Time.RunAsync(() => world.Http.GetAsync(Balance));

        await placed.ShouldBePlainSuccessOfAsync(world.Exchange, "c1");
        ((int)asked.StatusCode).ShouldBe(200);
        asked.GetRecoveryReport().ShouldBeNull("the clock was healed by the call before");
        var sent = world.Exchange.SeenAt(PlaceOrder);
        sent.Select(attempt => attempt.Code).ShouldBe([-1021, 0]);
        sent.ShouldEachBeStampedAndSignedAfresh();
        placed.GetRecoveryReport().ShouldNotBeNull().Steps.ShouldContain(step => step.Kind == RecoveryStepKind.ClockMeasured);
        world.Exchange.Requests.Skip(before).Count(request => request.Code == -1021).ShouldBe(1);
    }

    [Fact]
    public async Task A_healed_clock_is_refined_in_the_background()
    {
        using var world = new SimulatedFixture(options => options.Clock.Samples = 4);
        var before = 0;

        await world.Time.RunAsync(async () =>
        {
            (await world.Http.GetAsync(Balance)).Dispose();
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
            before = world.Exchange.SeenAt(AskTime).Count;
            world.Exchange.Clock.Step(TimeSpan.FromSeconds(7));
            (await world.Http.GetAsync(Balance)).Dispose();
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
        });

        (world.Exchange.SeenAt(AskTime).Count - before).ShouldBe(1 + 4, "one sample to go on, and as many as configured to go by");
    }

    [Theory]
    [MemberData(nameof(UnknownReplies))]
    public async Task An_executed_order_of_unknown_outcome_is_a_success_with_the_exchanges_own_words(int status, int code, string message)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(PlaceOrder, Fault.ExecuteThenReply(status, code, message));

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("u1"), null));

        await response.ShouldBeTheExchangesOrderAsync(world.Exchange, "u1");
        var report = response.GetRecoveryReport().ShouldNotBeNull();
        report.Execution.ShouldBe(ExecutionStatus.Executed);
        report.Evidence.ShouldNotBeNullOrWhiteSpace();
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(UnknownReplies))]
    public async Task An_order_of_unknown_outcome_that_was_never_executed_is_proven_absent(int status, int code, string message)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(PlaceOrder, Fault.RefuseWithCode(status, code, message));

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("u2"), null));

        ((int)response.StatusCode).ShouldBe(status);
        var error = response.GetExchangeError().ShouldNotBeNull();
        error.Code.ShouldBe(code);
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        var evidence = response.GetRecoveryReport().ShouldNotBeNull().Evidence.ShouldNotBeNull();
        error.Advice.ShouldBe($"It did not take effect: {evidence}. Send it again if it is still wanted.", "nobody who has proof is to look it up");
        var sent = world.Exchange.SeenAt(PlaceOrder).ShouldHaveSingleItem();

        // Proof takes the engine's window and the settle margin, and three answers after the one, the last after the other.
        var windowEnd = sent.Elapsed + TimeSpan.FromSeconds(5);
        var answers = world.Exchange.SeenAt(AskOrder);
        var late = answers.Count(answer => answer.Elapsed > windowEnd);
        late.ShouldBeGreaterThanOrEqualTo(3);
        evidence.ShouldStartWith($"{late} answers of absence after", customMessage: "those before the window's end count for nothing");
        answers[^1].Elapsed.ShouldBeGreaterThan(windowEnd + TimeSpan.FromSeconds(10));
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("drip")]
    [InlineData("silence")]
    [InlineData("half")]
    public async Task Evidence_that_breaks_or_never_ends_is_asked_for_again(string trouble)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(PlaceOrder, Fault.ExecutedTimeout);
        world.Exchange.Faults.Next(AskOrder, trouble switch { "drip" => Fault.Drip(TimeSpan.FromMinutes(1)), "silence" => Fault.Silence, _ => Fault.HalfBody });

        using var response = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("e1"), null));

        await response.ShouldBeTheExchangesOrderAsync(world.Exchange, "e1");
        world.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_question_that_fails_in_a_way_nobody_expects_is_asked_again()
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On(AskTime, _ => ScriptedExchange.Reply(200, $"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}"))
            .On(PlaceOrder, 408, $"{{\"code\":-1007,\"msg\":\"{Timeout}\"}}")
            .OnLost(AskOrder, new InvalidOperationException("The key store is away."))
            .On(AskOrder, _ => ScriptedExchange.Reply(200,
                $$"""{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"q1","status":"FILLED","side":"BUY","type":"MARKET","origQty":"0.001","time":{{time.GetUtcNow().ToUnixTimeMilliseconds()}}}"""));
        using var client = new ProtectedClient(exchange, time: time);

        using var response = await time.RunAsync(() => client.Http.PostAsync(SimulatedFixture.Market("q1"), null));

        ((int)response.StatusCode).ShouldBe(200);
        client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_listener_that_throws_keeps_no_recheck_from_being_made()
    {
        using var world = new SimulatedFixture(exchange: options => options.QueryLag = TimeSpan.FromSeconds(70));
        world.Exchange.Faults.Next(PlaceOrder, Fault.ExecutedTimeout);
        var orders = world.Client.Get<IInDoubtOrders>();
        List<AbsenceContradictedEventArgs> contradictions = [];
        orders.Settled += (_, _) => throw new InvalidOperationException("A fault of the application.");
        orders.AbsenceContradicted += (_, contradiction) => contradictions.Add(contradiction);

        await world.Time.RunAsync(async () =>
        {
            using var wrong = await world.Http.PostAsync(SimulatedFixture.Market("l1"), null);
            wrong.GetExchangeError().ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted, "the exchange lags longer than assumed");
            await Task.Delay(TimeSpan.FromMinutes(11), world.Time);
        });

        contradictions.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_override_in_the_settings_file_takes_effect_without_a_restart_and_a_bad_one_changes_nothing()
    {
        using var file = new SettingsFile("""{ "Exchange": { "Policies": { "-1121": { "Action": "FailFast" } } } }""");
        var configuration = new ConfigurationBuilder().AddJsonFile(file.Path, optional: false, reloadOnChange: false).Build();
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time);
        services.AddHttpClient("futures", client => client.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(configuration.GetSection("Exchange"))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");

        (await AttemptsAsync()).ShouldBe(1);

        Save("""{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 3, "BaseDelay": "10ms" } } } }""");
        (await AttemptsAsync()).ShouldBe(3);

        Save("""{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 99 } } } }""");
        (await AttemptsAsync()).ShouldBe(3, "the last good settings stay in force");

        file.Write("""{ "Exchange": { "Polic""");
        Should.Throw<InvalidDataException>(configuration.Reload);
        (await AttemptsAsync()).ShouldBe(3, "a file cut off in the middle is no setting either");

        Save("""{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 2, "BaseDelay": "10ms" } } } }""");
        (await AttemptsAsync()).ShouldBe(2);

        void Save(string json)
        {
            file.Write(json);
            configuration.Reload();
        }

        async Task<int> AttemptsAsync()
        {
            var before = exchange.SeenAt("GET /fapi/v1/ticker/price").Count;
            using var response = await time.RunAsync(() => http.GetAsync("/fapi/v1/ticker/price?symbol=NOPE"));
            response.GetExchangeError().ShouldNotBeNull().Code.ShouldBe(-1121);
            return exchange.SeenAt("GET /fapi/v1/ticker/price").Count - before;
        }
    }
}

/// <summary>A settings file in a folder of its own, so that nothing else is watched with it.</summary>
internal sealed class SettingsFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("exchange-settings-");

    public SettingsFile(string json) => Write(json);

    public string Path => System.IO.Path.Combine(_folder.FullName, "appsettings.json");

    public void Write(string json) => File.WriteAllText(Path, json);

    public void Dispose() => _folder.Delete(recursive: true);
}
