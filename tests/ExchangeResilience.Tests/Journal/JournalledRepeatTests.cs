using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What comes after a verdict that is still on its way up is not stopped by the journal, which has yet to be told of it.</summary>
public sealed class JournalledRepeatTests
{
    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a";

    [Theory]
    [InlineData(JournalMode.WriteAhead)]
    [InlineData(JournalMode.OnUnknown)]
    public async Task An_outer_handler_that_sends_again_after_a_certain_refusal_places_the_order(JournalMode mode)
    {
        var journal = new InMemoryOrderJournal();
        using var world = Journalled(journal, options => options.Reconciliation.Journal = mode, static async send =>
        {
            var first = await send();
            return first.IsSuccessStatusCode ? first : await send();
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.Error?.ToString());
        world.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5), "nothing was in doubt");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        if (mode == JournalMode.WriteAhead)
        {
            journal.EntriesOf("a").Select(static entry => entry.State).ShouldBe([JournalState.NotExecuted, JournalState.Executed]);
        }
    }

    [Fact]
    public async Task An_amendment_that_waited_for_another_of_its_order_leaves_before_the_others_verdict_is_heard()
    {
        var time = new ManualTimeProvider();
        using var world = Journalled(new InMemoryOrderJournal(), configure: null, async send =>
        {
            var reply = await send();
            await Task.Delay(TimeSpan.FromSeconds(1), time);
            return reply;
        }, time);
        await world.Time.RunAsync(() => world.Http.PostAsync(Resting, content: null));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(1)));

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var one = AmendAsync(world, 31_000);
            var other = AmendAsync(world, 32_000);
            return (await one, await other);
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(ExecutionStatus.Executed, second.Error?.ToString());
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(2);
    }

    private static Task<Told> AmendAsync(SimulatedFixture world, int price) =>
        Told.HearAsync(world.Http.PutAsync(FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price={price}&origClientOrderId=a"), content: null));

    private static SimulatedFixture Journalled(
        InMemoryOrderJournal journal, Action<ExchangeErrorHandlingOptions>? configure, Func<Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> meddle, ManualTimeProvider? time = null) =>
        new(
            configure,
            builder =>
            {
                builder.Services.AddSingleton<IOrderJournal>(journal);
                builder.AddHttpMessageHandler(() => new Meddling(meddle));
            },
            time: time);
}
