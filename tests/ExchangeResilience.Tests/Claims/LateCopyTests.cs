using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>Copies that a handler above sends of what is no order: settings, the dead man's switch, margin, cancels of all.</summary>
public sealed class LateCopyTests
{
    private const string Ten = "/fapi/v1/positionMargin?symbol=BTCUSDT&amount=10&type=1&positionSide=BOTH";

    [Theory]
    [InlineData("/fapi/v1/leverage?symbol=BTCUSDT&leverage=5", "/fapi/v1/leverage?symbol=BTCUSDT&leverage=10")]
    [InlineData("/fapi/v1/countdownCancelAll?symbol=BTCUSDT&countdownTime=60000", "/fapi/v1/countdownCancelAll?symbol=BTCUSDT&countdownTime=0")]
    public async Task A_copy_of_an_older_call_does_not_override_a_newer_one(string older, string newer)
    {
        using var world = new SimulatedFixture(outer: static builder => builder.AddHttpMessageHandler(static services => new NaiveRetry(services.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(5), clones: true)));
        var path = older[..older.IndexOf('?', StringComparison.Ordinal)];
        world.Exchange.Faults.Next($"POST {path}", Fault.SilenceBeforeExecute);

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = Told.HearAsync(world.Http.PostAsync(older, content: null));
            await Task.Delay(TimeSpan.FromSeconds(2), world.Time);
            var second = await Told.HearAsync(world.Http.PostAsync(newer, content: null));
            return (await first, second);
        });

        second.Execution.ShouldBe(ExecutionStatus.Executed);
        first.Execution.ShouldBe(ExecutionStatus.Unknown);
        first.Error.ShouldNotBeNull().Name.ShouldBe("OVERTAKEN");
        world.Exchange.Seen($"POST {path}").Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("POST", "/fapi/v1/leverage?symbol=BTCUSDT&leverage=5")]
    [InlineData("DELETE", "/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    public async Task The_refusal_of_a_copy_does_not_deny_what_may_have_worked(string method, string target)
    {
        using var world = new SimulatedFixture(outer: static builder => builder.AddHttpMessageHandler(static services => new NaiveRetry(services.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(5), clones: true)));
        var path = target[..target.IndexOf('?', StringComparison.Ordinal)];
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context.Path == path ? Fault.RefuseWithCode(401, -2015, "Invalid API-key, IP, or permissions for action.") : null);
        world.Exchange.Faults.Next($"{method} {path}", Fault.Silence);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), target))));

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
    }

    [Theory]
    [InlineData("POST", Ten)]
    [InlineData("POST", "/fapi/v1/leverage?symbol=BTCUSDT&leverage=5")]
    public async Task A_copy_that_comes_after_the_caller_was_told_does_not_leave(string method, string target)
    {
        var late = new LateCopy();
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(() => late));
        await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/marginType?symbol=BTCUSDT&marginType=ISOLATED", content: null));
        await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("held"), content: null));
        var path = target[..target.IndexOf('?', StringComparison.Ordinal)];
        late.Path = path;

        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), target))))).Execution.ShouldBe(ExecutionStatus.Executed);
        var copied = await world.Time.RunAsync(() => Told.HearAsync(late.SendCopyAsync()));

        copied.Error.ShouldNotBeNull().Name.ShouldBe("ABANDONED_BEFORE_SENDING");
        world.Exchange.Seen($"{method} {path}").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_internal_error_does_not_deny_a_margin_that_was_added()
    {
        using var world = new SimulatedFixture();
        await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/marginType?symbol=BTCUSDT&marginType=ISOLATED", content: null));
        await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("held"), content: null));
        world.Exchange.Faults.Next("POST /fapi/v1/positionMargin", Fault.ExecuteThenReply(500, -1001, "Internal error; unable to process your request. Please try again."));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Ten, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
    }

    [Fact]
    public async Task A_generated_id_is_not_sent_again_under_another_key()
    {
        using var world = new SimulatedFixture(
            outer: static builder => builder.AddHttpMessageHandler(static services => new OtherKey(services.GetRequiredService<TimeProvider>())),
            exchange: static exchange => exchange.ApiKeys.Add(new SimulatedApiKey("another", "secret")));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("ACCOUNT_UNCLEAR");
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    /// <summary>Keeps a copy of what it hands on, and sends it later.</summary>
    private sealed class LateCopy : DelegatingHandler
    {
        private HttpRequestMessage? _copy;

        public string Path { get; set; } = "";

        public Task<HttpResponseMessage> SendCopyAsync() => base.SendAsync(_copy!, CancellationToken.None);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _copy = request.RequestUri!.AbsolutePath == Path ? OuterClone.Of(request) : null;
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Sends an order that has no answer after two seconds again, under another key.</summary>
    private sealed class OtherKey(TimeProvider time) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var copy = OuterClone.Of(request);
            copy.Headers.Add("X-MBX-APIKEY", "another");
            var first = base.SendAsync(request, cancellationToken);
            await Task.WhenAny(first, Task.Delay(TimeSpan.FromSeconds(2), time, cancellationToken));
            _ = first.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            return await base.SendAsync(copy, cancellationToken);
        }
    }
}
