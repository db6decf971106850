using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>How often the exchange is asked about one order: no more than the proof needs, and ever more rarely while it does not answer.</summary>
public sealed class PaceTests
{
    private const long Deadline = 1_000_000;

    [Theory]
    [InlineData("502")]
    [InlineData("reset")]
    [InlineData("no time")]
    public async Task Pauses_only_grow_while_nothing_answers(string trouble)
    {
        using var world = Lost(context => (context.Method, context.Path, trouble) switch
        {
            ("GET", "/fapi/v1/order", "502") => Fault.HtmlReply(502),
            ("GET", "/fapi/v1/order", "reset") => Fault.DropBeforeExecute,
            ("GET", "/fapi/v1/time", "no time") => Fault.HtmlReply(502),
            _ => null,
        });
        if (trouble == "no time")
        {
            await world.Time.RunAsync(() => world.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT"));
        }

        var told = await PlaceAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        var looks = world.Exchange.Seen(ExchangeLooks.Look).Select(static look => look.Elapsed).ToList();
        var pauses = looks.Skip(1).Zip(looks, static (later, earlier) => later - earlier).ToList();
        pauses.ShouldBeInOrder();
        pauses[0].ShouldBe(TimeSpan.FromMilliseconds(250));
        looks.Count(look => look - looks[0] <= TimeSpan.FromSeconds(15)).ShouldBeLessThanOrEqualTo(8);
    }

    [Theory]
    [InlineData(5_000, 10_000, 8)]
    [InlineData(1_000, 10_000, 8)]
    [InlineData(5_000, 500, 8)]
    [InlineData(500, 1_000, 8)]
    [InlineData(60_000, 10_000, 22)]
    public async Task While_the_exchange_answers_absence_is_proven_as_soon_as_it_may_be_with_few_questions(int window, int margin, int most)
    {
        using var world = Lost(static _ => null, options => options.Reconciliation.SettleMargin = TimeSpan.FromMilliseconds(margin));

        var told = await PlaceAsync(world, FormattableString.Invariant($"&recvWindow={window}"));

        told.Execution.ShouldBe(window + margin < 30_000 ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(2), world.Time));
        var looks = world.Exchange.Seen(ExchangeLooks.Look);
        looks.Count.ShouldBeLessThanOrEqualTo(most);
        looks[^1].Elapsed.TotalMilliseconds.ShouldBeInRange(window + margin, window + margin + 500);
    }

    [Fact]
    public async Task An_exchange_that_stops_answering_near_the_end_is_not_asked_more_often()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context switch
        {
            { Method: "POST" } => Fault.DropBeforeExecute,
            { Path: "/fapi/v1/order" } when world.Time.Elapsed >= TimeSpan.FromSeconds(6) => Fault.HtmlReply(502),
            _ => null,
        });

        (await PlaceAsync(world)).Execution.ShouldBe(ExecutionStatus.Unknown);

        var looks = world.Exchange.Seen(ExchangeLooks.Look).Where(static look => look.Elapsed >= TimeSpan.FromSeconds(6)).Select(static look => look.Elapsed).ToList();
        looks.Skip(1).Zip(looks, static (later, earlier) => later - earlier).ShouldAllBe(static pause => pause == TimeSpan.FromSeconds(4));
    }

    // Asked at (0: not asked for the time), now, and the pause that the backoff would make, all in milliseconds after the deadline.
    [Theory]
    [InlineData(0, -2_000, 250, 250)]
    [InlineData(0, -1_250, 4_000, 3_750)]
    [InlineData(0, 600, 4_000, 4_000)]
    [InlineData(1, 1, 4_000, 4_000)]
    [InlineData(2_500, 2_510, 4_000, 3_750)]
    [InlineData(-2, 3, 4_000, 3_334)]
    [InlineData(9_990, 10_005, 4_000, 5)]
    [InlineData(10_500, 10_505, 4_000, 250)]
    [InlineData(10_500, 10_505, 100, 100)]
    public void An_answer_is_followed_by_an_even_share_of_what_is_left(int askedAt, int now, int usual, int expected)
    {
        var proof = new AbsenceProof(Deadline, new ReconciliationOptions(), static () => TimeSpan.Zero);
        proof.Add(askedAt == 0 ? 0 : Deadline + askedAt);

        proof.Pause(Deadline + now, TimeSpan.FromMilliseconds(usual)).ShouldBe(TimeSpan.FromMilliseconds(expected));
        proof.Pause(Deadline + now, TimeSpan.FromMilliseconds(usual)).ShouldBe(TimeSpan.FromMilliseconds(usual), "nothing has answered since");
    }

    private static SimulatedFixture Lost(Func<FaultContext, Fault?> answers, Action<ExchangeErrorHandlingOptions>? configure = null)
    {
        var world = new SimulatedFixture(configure);
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context.Method == "POST" ? Fault.DropBeforeExecute : answers(context));
        return world;
    }

    private static Task<Told> PlaceAsync(SimulatedFixture world, string more = "") =>
        world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a", more: more), content: null)));
}
